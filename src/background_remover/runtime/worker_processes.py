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

Handler: TypeAlias = Callable[[Any], Any]
"""Gives the answer to a request; requests and answers can be pickled."""

_BEGIN = "import sys; sys.path[:] = {!r}; from background_remover.runtime.worker_processes import serve; serve()"
_KILL_WITH_PARENT = 1  # prctl.h
_CANCEL = "cancel"  # in place of a request
_CANCEL_SECONDS = 0.05  # after which it is asked again whether the work is cancelled
_IDLE_SECONDS = 2.0  # without a request, after which memory is returned


class ProcessEnded(Exception):
    """A process ended before its answer; the text says how."""


class WorkerProcesses:
    """A pool of processes; `call` sends a request to an idle one, and several threads may use it."""

    def __init__(self, factory: str, argument: object, number: int) -> None:
        """Start `number` processes; each calls `factory`, a "module:function", with `argument` and gets its `Handler`.

        Raises what the factory raises, and `ProcessEnded`.
        """
        self._factory = (factory, argument)
        self._all: list[_Process] = []
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        try:
            for _ in range(number):
                self._all.append(_Process(*self._factory))
            for process in self._all:
                process.wait_ready()
                self._idle.put(process)
        except BaseException:
            self.close()
            raise

    def call(self, request: object) -> Any:
        """Return the answer to a request, or raise the error that it ended in.

        The request is cancelled when the work of this thread is, see `cancellation`. Raises `ProcessEnded` where the
        process ends before it answers; a new process then replaces it. If none can be started, the next request tries
        again.
        """
        process = self._idle.get()
        try:
            error, answer = process.call(request)
        except (EOFError, OSError, pickle.UnpicklingError) as end:
            status = process.close()
            with contextlib.suppress(OSError, Error, ProcessEnded):
                process = _Process(*self._factory)
                self._all.append(process)
                process.wait_ready()
            raise ProcessEnded(_reason(status)) from end
        finally:
            self._idle.put(process)
        if error is not None:
            raise error
        return answer

    def close(self) -> None:
        """End the processes."""
        for process in self._all:
            process.close()


class _Process:
    """A process that reads pickled requests from its standard input and writes pickled answers to its output."""

    def __init__(self, factory: str, argument: object) -> None:
        line = [sys.executable, "-c", _BEGIN.format(sys.path)]
        # Ctrl-C is for the parent alone.
        separate: dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            separate = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        self._process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **separate)  # noqa: S603
        self._requests, self._answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        with contextlib.suppress(OSError):  # one that has ended already is reported by `wait_ready`
            self._send((os.getpid(), factory, argument))

    def wait_ready(self) -> None:
        """Wait until it takes requests; raises what its factory raises, and `ProcessEnded`."""
        try:
            error, _ = self._receive()
        except EOFError as end:
            raise ProcessEnded("it can't be started") from end
        if error is not None:
            raise error

    def call(self, request: object) -> tuple[Exception | None, Any]:
        """Return the error or the answer; raises `EOFError` or `OSError` where it has ended."""
        if self._requests.closed:
            raise EOFError
        self._send(request)
        with self._passing_on_cancellation():
            return self._receive()

    def close(self) -> int:
        """End it, and return its exit status."""
        with contextlib.suppress(OSError):
            self._requests.close()  # the end of its input ends it
        self._answers.close()
        return self._process.wait()

    @contextlib.contextmanager
    def _passing_on_cancellation(self) -> Iterator[None]:
        """Cancel the request if the work of this thread is cancelled while the block runs."""
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


# In the child process


def serve() -> None:
    """Answer requests until standard input ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # so that a print doesn't end up between the answers
    parent, factory, argument = pickle.load(requests)  # noqa: S301 - from the parent
    _end_with(parent)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the parent gets it too, and ends this process after its work
    module, _, function = factory.partition(":")
    try:
        handler: Handler = getattr(importlib.import_module(module), function)(argument)
    except Error as error:
        _reply(answers, error, None)
        return
    with contextlib.suppress(BrokenPipeError):
        _reply(answers, None, None)
        for request, event in _cancellable(requests):
            with cancellation.cancelled_by(event):
                _reply(answers, *_outcome(handler, request))


def _cancellable(requests: IO[bytes]) -> Iterator[tuple[Any, threading.Event]]:
    """Yield each request with the event that cancels it; return freed memory to the system while idle."""
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
    """Put every request, and None at the end; a cancellation sets the event of the request before it."""
    event = threading.Event()
    with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            request = pickle.load(requests)  # noqa: S301 - from the parent
            if request == _CANCEL:
                event.set()
                continue
            event = threading.Event()
            put((request, event))
    put(None)


def _outcome(handler: Handler, request: Any) -> tuple[Exception | None, Any]:
    """Return the error that a request ends in, or its answer; an error that can't be pickled becomes a `RuntimeError`.

    An unexpected error has its traceback written to standard error, because tracebacks can't be pickled.
    """
    try:
        return None, handler(request)
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
    """Let Linux kill this process when its parent is killed: a later run may write the same files."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:  # it is gone already
            os._exit(1)


def _reason(status: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(-status).name
    return f"exit status {status}"
