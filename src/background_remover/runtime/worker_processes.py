"""Worker processes that answer pickled requests, for more work at once than the threads of one process can do.

Python lets one thread compute at a time. The network and large NumPy loops release that lock, but the rest is enough
that two threads do little more than one.
"""

import contextlib
import ctypes
import importlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import IO, Any, TypeAlias, cast

from background_remover.errors import Error
from background_remover.runtime import cancellation
from background_remover.runtime.allocator import return_freed_memory

Answer: TypeAlias = Callable[[Any], Any]
"""What a process makes of each request; both it and its answer can be pickled."""

_BEGIN = "import sys; sys.path[:] = {!r}; from background_remover.runtime.worker_processes import serve; serve()"
_KILL_WITH_PARENT = 1  # prctl.h
_CANCEL = "cancel"  # in place of a request
_CANCEL_SECONDS = 0.05  # after which it is asked again whether the work is cancelled
_IDLE_SECONDS = 2.0  # without a request, after which memory is returned


class ProcessEnded(Exception):
    """A process ended before its answer; the text says how."""


class WorkerProcesses:
    """A pool of processes; `ask` gives a request to an idle one, and several threads may call it."""

    def __init__(self, begin: str, order: object, number: int) -> None:
        """Start them; each calls `begin`, a "module:function", with its order, for the `Answer` to its requests.

        Raises what that raises, and `ProcessEnded`.
        """
        self._begin = (begin, order)
        self._all: list[_Process] = []
        self._free: SimpleQueue[_Process] = SimpleQueue()
        try:
            for _ in range(number):
                self._all.append(_Process(*self._begin))
            for process in self._all:
                process.ready()
                self._free.put(process)
        except BaseException:
            self.close()
            raise

    def ask(self, request: object) -> Any:
        """Return the answer to a request, or raise the error that it ended in.

        The request is cancelled where this thread's work is, see `cancellation`. Raises `ProcessEnded` where the
        process ends too early; another then takes its place. Where no other can be started, the place stays with the
        one that has ended, and the next request tries again.
        """
        process = self._free.get()
        try:
            error, answer = process.ask(request)
        except (EOFError, OSError, pickle.UnpicklingError) as end:
            status = process.close()
            with contextlib.suppress(OSError, Error, ProcessEnded):
                process = _Process(*self._begin)
                self._all.append(process)
                process.ready()
            raise ProcessEnded(_reason(status)) from end
        finally:
            self._free.put(process)
        if error is not None:
            raise error
        return answer

    def close(self) -> None:
        """End the processes."""
        for process in self._all:
            process.close()


class _Process:
    """One of them: it reads pickled requests from its standard input and writes pickled answers to its output."""

    def __init__(self, begin: str, order: object) -> None:
        line = [sys.executable, "-c", _BEGIN.format(sys.path)]
        # Ctrl-C is for the one who gives out the work.
        apart: dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            apart = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        self._process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **apart)  # noqa: S603
        self._requests, self._answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        with contextlib.suppress(OSError):  # one that has ended already is found out by `ready`
            self._send((os.getpid(), begin, order))

    def ready(self) -> None:
        """Wait until it takes requests; raises what its beginning raises, and `ProcessEnded`."""
        try:
            error, _ = self._receive()
        except EOFError as end:
            raise ProcessEnded("it can't be started") from end
        if error is not None:
            raise error

    def ask(self, request: object) -> tuple[Exception | None, Any]:
        """Return its error or its answer; raises `EOFError` or `OSError` where it has ended."""
        if self._requests.closed:
            raise EOFError
        self._send(request)
        with self._cancelled():
            return self._receive()

    def close(self) -> int:
        """End it, and return its exit status."""
        with contextlib.suppress(OSError):
            self._requests.close()  # for which it waits
        self._answers.close()
        return self._process.wait()

    @contextlib.contextmanager
    def _cancelled(self) -> Iterator[None]:
        """Cancel its work once that of this thread is cancelled, for as long as the block runs."""
        event, done = cancellation.event(), threading.Event()
        if event is None:
            yield
            return

        def watch() -> None:
            while not done.wait(_CANCEL_SECONDS):
                if event.is_set():
                    with contextlib.suppress(OSError):
                        self._send(_CANCEL)
                    return

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _send(self, value: object) -> None:
        self._requests.write(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))  # all or nothing
        self._requests.flush()

    def _receive(self) -> tuple[Exception | None, Any]:
        answer: tuple[Exception | None, Any] = pickle.load(self._answers)  # noqa: S301 - of a process of ours
        return answer


# In the process that is started


def serve() -> None:
    """Answer requests in such a process, until its standard input ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nobody else is to write between the answers
    parent, begin, order = pickle.load(requests)  # noqa: S301 - of the one who started it
    _end_with(parent)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends when its work does; the parent hears of it, and says so
    module, _, function = begin.partition(":")
    try:
        answer: Answer = getattr(importlib.import_module(module), function)(order)
    except Error as error:
        _reply(answers, error, None)
        return
    with contextlib.suppress(BrokenPipeError):
        _reply(answers, None, None)
        for request, event in _all(requests):
            with cancellation.cancelled_by(event):
                _reply(answers, *_carried_out(answer, request))


def _all(requests: IO[bytes]) -> Iterator[tuple[Any, threading.Event]]:
    """Yield each request with the event that cancels it; memory is returned where there is none for long."""
    read: SimpleQueue[tuple[Any, threading.Event] | None] = SimpleQueue()
    threading.Thread(target=_read, args=(requests, read.put), daemon=True).start()
    while True:
        try:
            found = read.get(timeout=_IDLE_SECONDS)
        except Empty:
            return_freed_memory()
            found = read.get()
        if found is None:
            return
        yield found


def _read(requests: IO[bytes], put: Callable[[tuple[Any, threading.Event] | None], None]) -> None:
    """Put all requests, and None at their end; a cancellation sets the event of the last."""
    event = threading.Event()
    with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            request = pickle.load(requests)  # noqa: S301 - of the one who started it
            if request == _CANCEL:
                event.set()
                continue
            event = threading.Event()
            put((request, event))
    put(None)


def _carried_out(answer: Answer, request: Any) -> tuple[Exception | None, Any]:
    """Return the error that a request ends in, or its answer; an error that can't be pickled is described by another.

    The traceback of what isn't raised on purpose is written to standard error, for it isn't pickled.
    """
    try:
        return None, answer(request)
    except Exception as error:
        if not isinstance(error, Error | MemoryError):
            traceback.print_exc()
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        except Exception:
            return RuntimeError(f"{type(error).__name__}: {error}"), None
        return error, None


def _reply(answers: IO[bytes], error: Exception | None, answer: object) -> None:
    pickle.dump((error, answer), answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


def _end_with(parent: int) -> None:
    """Let Linux kill this process when its parent is killed: it must not write what a later run may be writing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:  # it is gone already
            os._exit(1)


def _reason(status: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(-status).name
    return f"exit status {status}"
