"""Carrying out requests in processes of their own, each with a network."""

from collections.abc import Callable
from typing import TypeAlias

from background_remover.errors import Error
from background_remover.imaging.codecs.pillow_internals import silence_libtiff
from background_remover.pipeline.file_step import CutoutFile
from background_remover.remover import Remover
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.runtime.parallel import at_most, threads
from background_remover.runtime.worker_processes import Handler, ProcessEnded, WorkerProcesses
from background_remover.server.errors import RequestError

Run: TypeAlias = Callable[[Remover], CutoutFile]
"""The work on a picture."""


class Processes:
    """A number of processes; threads may share them."""

    def __init__(self, model: str, device: str, number: int) -> None:
        """Start them and open the model in each; raises what that raises, and `Error` where none can be started."""
        try:
            self._processes = WorkerProcesses(f"{__name__}:{make_handler.__name__}", (model, device), number)
        except ProcessEnded as end:
            raise Error("a process that was to cut out pictures can't be started; leave --processes out") from end

    def carry_out(self, run: Run) -> CutoutFile:
        """Return what the work makes, which can be pickled, in as many threads as this one may use.

        Raises what it raises, and `RequestError` where its process is ended, as one that takes too much memory may be.
        """
        try:
            made: CutoutFile = self._processes.call((run, threads()))
        except ProcessEnded as end:
            words = f"the process that worked on this picture was ended ({end}); send a smaller one"
            raise RequestError("memory", words, retry_after=1) from end
        return made

    def close(self) -> None:
        """End the processes."""
        self._processes.close()


def make_handler(argument: tuple[str, str]) -> Handler:
    """Return what does the work on pictures in a worker process; raises as `Remover` does."""
    keep_freed_memory()
    silence_libtiff()
    model, device = argument
    remover = Remover(model, device=device)

    def carry_out(request: tuple[Run, int]) -> CutoutFile:
        run, number = request
        with at_most(number):
            return run(remover)

    return carry_out
