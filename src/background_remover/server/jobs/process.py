"""`VideoProcess`: a process that opens videos, so that one which breaks a decoder ends nothing else."""

from threading import Lock
from typing import Any

from background_remover.errors import Error
from background_remover.runtime.worker_processes import ProcessEnded, WorkerProcesses
from background_remover.server.errors import RequestError


class VideoProcess:
    """A process that is started when the first video comes; threads may share it."""

    def __init__(self, factory: str, argument: object) -> None:
        """`factory` and `argument` are those of `WorkerProcesses`."""
        self._factory = (factory, argument)
        self._started: WorkerProcesses | None = None
        self._lock = Lock()

    def call(self, request: object) -> Any:
        """Return the answer to a request; raises the error that it ends in.

        Raises `RequestError` where the process is ended, as one that takes too much memory may be, and `Error` where
        none can be started.
        """
        with self._lock:
            if self._started is None:
                try:
                    self._started = WorkerProcesses(*self._factory, 1)
                except ProcessEnded as end:
                    raise Error("a process for videos can't be started; try again") from end
        try:
            return self._started.call(request)
        except ProcessEnded as end:
            words = f"the process that worked on this video was ended ({end}); send a smaller one"
            raise RequestError("memory", words, retry_after=1) from end

    def close(self) -> None:
        """End it."""
        if self._started is not None:
            self._started.close()
