"""`ProcessPool`: processes that cut out pictures, each with a network of its own."""

from background_remover.batch.job import Job, do
from background_remover.batch.record import Record, refused
from background_remover.errors import Error
from background_remover.imaging.codecs.pillow_internals import silence_libtiff
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.runtime.worker_processes import Handler, ProcessEnded, WorkerProcesses
from background_remover.segmentation.device import CPU


class ProcessPool:
    """A number of processes; `do` gives a picture to an idle one, and several threads may call it."""

    def __init__(
        self, number: int, model: str, options: Options, saving: OutputOptions, *, threads: int, device: str = CPU
    ) -> None:
        """Start them, each with so many `threads`. Raises what the opening of the model raises."""
        self._model = model
        argument = (model, options, saving, threads, device)
        try:
            self._processes = WorkerProcesses(f"{__name__}:{make_handler.__name__}", argument, number)
        except ProcessEnded as end:
            raise Error("a process that was to cut out pictures can't be started; try --jobs 1") from end

    def do(self, job: Job) -> Record:
        """Do a job, as `job.do` does, in one of the processes; where that ends too early, another takes its place."""
        try:
            record: Record = self._processes.call(job)
        except ProcessEnded as end:
            message = (
                f"{job.source}: the process that worked on it was ended ({end}); shrink the picture, or "
                "work on fewer at once by --jobs"
            )
            return refused(job.source, job.target, self._model, "worker", message)
        return record

    def close(self) -> None:
        """End the processes."""
        self._processes.close()


def make_handler(argument: tuple[str, Options, OutputOptions, int, str]) -> Handler:
    """Return what does jobs in a worker process; raises as `Remover` does."""
    keep_freed_memory()
    silence_libtiff()
    model, options, saving, threads, device = argument
    remover = Remover(model, threads=threads, device=device)
    return lambda job: do(job, remover, model, options, saving)
