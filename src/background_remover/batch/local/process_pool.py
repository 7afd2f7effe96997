"""Processes that cut out pictures, each with a network of its own.

Python lets one thread compute at a time. The network and the large loops of NumPy let go of that right, but what is
left is enough that two threads do little more than one.
"""

import contextlib
import ctypes
import os
import pickle
import signal
import subprocess
import sys
from queue import SimpleQueue
from typing import IO, Any, cast

from background_remover.batch.job import Job, do
from background_remover.batch.record import Record, refused
from background_remover.errors import Error
from background_remover.imaging.codecs.tiff import silence_libtiff
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.segmentation.device import CPU

_BEGIN = "import sys; sys.path[:] = {!r}; from background_remover.batch.local.process_pool import serve; serve()"
_KILL_WITH_PARENT = 1  # prctl.h


class ProcessPool:
    """So many processes; `do` gives a picture to one that has none, and several threads may call it."""

    def __init__(
        self, number: int, model: str, options: Options, saving: OutputOptions, *, threads: int, device: str = CPU
    ) -> None:
        """Start them, each with so many `threads`. Raises what the opening of the model raises."""
        self._order = (model, options, saving, threads, device)
        self._model = model
        self._all: list[_Process] = []
        self._free: SimpleQueue[_Process] = SimpleQueue()
        try:
            for _ in range(number):
                self._all.append(_Process(self._order))
            for process in self._all:
                process.ready()
                self._free.put(process)
        except BaseException:
            self.close()
            raise

    def do(self, job: Job) -> Record:
        """Do a job, as `job.do` does, in one of the processes; where that ends too early, another takes its place.

        Where no other can be started, the place stays with the one that has ended, and the next job tries again.
        """
        process = self._free.get()
        try:
            return process.do(job)
        except (EOFError, OSError, pickle.UnpicklingError):
            status = process.close()
            with contextlib.suppress(OSError, Error):
                process = _Process(self._order)
                self._all.append(process)
                process.ready()
            message = (
                f"{job.source}: the process that worked on it was ended ({_reason(status)}); shrink the picture, or "
                "work on fewer at once by --jobs"
            )
            return refused(job.source, job.target, self._model, "worker", message)
        finally:
            self._free.put(process)

    def close(self) -> None:
        """End the processes."""
        for process in self._all:
            process.close()


class _Process:
    """One of them: it reads pickled jobs from its standard input and writes pickled records to its standard output."""

    def __init__(self, order: tuple[str, Options, OutputOptions, int, str]) -> None:
        line = [sys.executable, "-c", _BEGIN.format(sys.path)]
        # Ctrl-C is for the one who gives out the work.
        apart: dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            apart = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        self._process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **apart)  # noqa: S603
        self._jobs, self._records = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        with contextlib.suppress(OSError):  # one that has ended already is found out by `ready`
            self._send((os.getpid(), order))

    def ready(self) -> None:
        """Wait until the model is open; raises what that raises."""
        try:
            error = self._receive()
        except EOFError as end:
            raise Error("a process that was to cut out pictures can't be started; try --jobs 1") from end
        if error is not None:
            raise error

    def do(self, job: Job) -> Record:
        """Return the process's record of a job; raises `EOFError` or `OSError` where it has ended."""
        if self._jobs.closed:
            raise EOFError
        self._send(job)
        record: Record = self._receive()
        return record

    def close(self) -> int:
        """End it, and return its exit status."""
        with contextlib.suppress(OSError):
            self._jobs.close()  # for which it waits
        self._records.close()
        return self._process.wait()

    def _send(self, value: object) -> None:
        pickle.dump(value, self._jobs)
        self._jobs.flush()

    def _receive(self) -> Any:
        return pickle.load(self._records)  # noqa: S301 - of a process of ours


def serve() -> None:
    """Carry out jobs in such a process, until its standard input ends."""
    jobs, records = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nobody else is to write between the records
    keep_freed_memory()
    silence_libtiff()
    parent, (model, options, saving, threads, device) = pickle.load(jobs)  # noqa: S301 - of the one who started it
    _end_with(parent)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends when its work does; the parent hears of it, and says so
    try:
        remover = Remover(model, threads=threads, device=device)
    except Error as error:
        _answer(records, error)
        return
    _answer(records, None)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            _answer(records, do(pickle.load(jobs), remover, model, options, saving))  # noqa: S301


def _answer(records: IO[bytes], value: object) -> None:
    pickle.dump(value, records)
    records.flush()


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
