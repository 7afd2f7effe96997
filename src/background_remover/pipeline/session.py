"""`Session`: a model, opened once in a process, and again in one that is forked off or unpickles it."""

import os
import threading
import weakref
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from background_remover import models
from background_remover.parameters.values import as_file, as_text, as_whole
from background_remover.runtime.parallel import in_thread
from background_remover.segmentation.device import check_name, no_memory
from background_remover.segmentation.network import Network
from background_remover.types import Image

if TYPE_CHECKING:
    from background_remover.segmentation.crop_cache import Crops, Results


class Session:
    """A model that is opened once, however many threads ask for its network.

    A process that was forked off opens it again at its next use, as a network's threads aren't forked with it; so does
    one that unpickles it.
    """

    _opening: "Future[Network] | None"
    _known: "tuple[tuple[tuple[int, ...], bytes], Results]"  # the last picture's shape and hash, and what is known

    def __init__(self, model: str | Path, *, threads: int | None, device: str) -> None:
        """Start opening a model in a thread; raises as `models.locate` does, and `OptionError` at other types."""
        number = None if threads is None else as_whole("threads", threads)
        name = as_file("model", model)
        found = models.locate(name)
        where = name if name in models.MODELS else str(found.absolute())  # the working directory may change
        self._arguments = (where, number, check_name(as_text("device", device)))
        self._reset()
        self._start_opening(found)

    @property
    def network(self) -> Network:
        """The open model, once it is open; raises the error of opening it."""
        with self._lock:
            opening = self._opening or self._start_opening(models.locate(self._arguments[0]))
        return opening.result()

    def crops(self, image: Image) -> "Crops":
        """Return the crops of a picture (H, W, 3), with what is known of them where it is the same as the last one."""
        # Here, as only clicks need them; `hashlib` alone takes a hundredth of a command's time.
        import hashlib

        from background_remover.segmentation.crop_cache import Crops

        key = image.shape, hashlib.sha256(np.ascontiguousarray(image).data).digest()
        with self._lock:
            if self._known[0] != key:
                self._known = key, OrderedDict()
            results = self._known[1]
        return Crops(image, self.network, results)

    def batched(self, jobs: int, size: int | None = None) -> "Session":
        """Return a session for one run of many pictures, whose network is that of `Network.batched`."""
        return _BatchedSession(self, jobs, size)

    def _start_opening(self, file: Path) -> "Future[Network]":
        _, threads, device = self._arguments
        try:
            opening = self._opening = in_thread(lambda: Network(file, threads=threads, device=device))
        except MemoryError as error:
            raise no_memory(file) from error
        return opening

    def _reset(self) -> None:
        self._opening = None
        self._lock = threading.Lock()
        self._known = ((), b""), OrderedDict()
        _sessions.add(self)

    def forked(self) -> None:
        """Reset after a fork, in the child."""
        _never_free(self._opening)
        self._reset()

    def __getstate__(self) -> dict[str, Any]:
        return {"_arguments": self._arguments}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._arguments = state["_arguments"]
        self._reset()


class _BatchedSession(Session):
    """See `Session.batched`: its threads share one network, which isn't opened before they use it."""

    def __init__(self, session: Session, jobs: int, size: int | None) -> None:
        self._session, self._jobs, self._size = session, jobs, size
        self._reset()

    def _reset(self) -> None:
        super()._reset()
        self._batched: Network | None = None

    @property
    def network(self) -> Network:
        network = self._session.network
        with self._lock:
            if self._batched is None:
                self._batched = network.batched(self._jobs, self._size)
            return self._batched


_sessions: "weakref.WeakSet[Session]" = weakref.WeakSet()


def _never_free(value: object) -> None:
    """Keep an object for good: onnxruntime ends a process that frees a network whose threads it doesn't have."""
    import ctypes  # here, as hardly any process needs it

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))


def _forked() -> None:
    for session in list(_sessions):
        session.forked()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_forked)
