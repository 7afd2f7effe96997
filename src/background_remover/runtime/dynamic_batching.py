"""Dynamic batching: single inputs of several threads go through a network as one batch of a fixed shape."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Feeds: TypeAlias = Mapping[str, NDArray[Any]]
"""The inputs of a network by their names, each (N, ...)."""
WAIT = 0.01  # seconds that the first input of a batch waits for others: little beside the other work for a picture


@dataclass
class _Batch:
    feeds: list[Feeds] = field(default_factory=list)
    full: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    answers: NDArray[np.float32] | None = None


class DynamicBatcher:
    """Runs a network on batches of `size` inputs of one shape.

    A batch that isn't full in time is padded with its last input, because GPU providers compile or tune their kernels
    for every new shape.
    """

    def __init__(self, run: Callable[[Feeds], NDArray[np.float32]], size: int, *, wait: float = WAIT) -> None:
        """Batch the inputs of `run`, which gives (N, ...) for inputs (N, ...); `wait` is in seconds."""
        self._run, self._size, self._wait = run, size, wait
        self._open: dict[tuple[tuple[int, ...], ...], _Batch] = {}
        self._lock = threading.Lock()

    def run(self, feeds: Feeds) -> NDArray[np.float32]:
        """Return the answer to one input, (1, ...), once its batch was run.

        If a batch fails, each of its inputs is run alone, so that none fails because of another.
        """
        batch, place = self._join(feeds)
        if place == 0:
            batch.full.wait(self._wait)
            self._close(batch)
            try:
                batch.answers = self._run(self._padded(batch.feeds))
            except Exception:  # raised again below, for the input that causes it
                batch.answers = None
            finally:
                batch.done.set()
        batch.done.wait()
        return self._run(feeds) if batch.answers is None else batch.answers[place : place + 1]

    def _join(self, feeds: Feeds) -> tuple[_Batch, int]:
        """Return the batch that an input was added to, and its place there; the first input's thread runs the batch."""
        key = tuple(feed.shape for feed in feeds.values())
        with self._lock:
            batch = self._open.setdefault(key, _Batch())
            batch.feeds.append(feeds)
            place = len(batch.feeds) - 1
            if len(batch.feeds) == self._size:
                del self._open[key]
                batch.full.set()
        return batch, place

    def _close(self, batch: _Batch) -> None:
        """Accept no more inputs for a batch."""
        with self._lock:
            self._open = {key: other for key, other in self._open.items() if other is not batch}

    def _padded(self, feeds: list[Feeds]) -> Feeds:
        padded = [*feeds, *[feeds[-1]] * (self._size - len(feeds))]
        return {name: np.concatenate([one[name] for one in padded]) for name in feeds[0]}
