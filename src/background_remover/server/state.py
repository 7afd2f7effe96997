"""`ServerState`: what the requests of one process share: the network, threads, queues and limits on memory."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any, TypeAlias, TypeVar

from starlette.requests import Request

from background_remover.errors import Error, ImageError
from background_remover.imaging.reader import BYTES
from background_remover.pipeline.file_step import CutoutFile
from background_remover.remover import Remover
from background_remover.runtime.allocator import return_freed_memory
from background_remover.runtime.parallel import at_most, cores
from background_remover.server.errors import RequestError
from background_remover.server.jobs.job import Job
from background_remover.server.jobs.job_queue import JobQueue
from background_remover.server.metrics import Metrics
from background_remover.server.queue import WorkQueue
from background_remover.server.request.body import MAX_FIELD_BYTES, Budget, Reader
from background_remover.server.request.download import fetch
from background_remover.server.request.memory import Memory
from background_remover.server.request.processes import Processes, Run
from background_remover.server.settings import ServerSettings

LOG = logging.getLogger(__name__)
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""Returns the next message of an ASGI connection."""
Answer = TypeVar("Answer")
Render: TypeAlias = Callable[[CutoutFile, Mapping[str, float]], Answer]
"""Makes a response of a cutout and the seconds of each stage."""
CarryOut: TypeAlias = Callable[[Run], CutoutFile]
"""Runs the work on a picture with a network."""


class ServerState:
    """What the requests of one process share; for one event loop."""

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.queue: WorkQueue = WorkQueue(settings.threads, settings.queue, return_freed_memory)
        self.budget: Budget = Budget(int(settings.max_held * 1e6))
        self.memory: Memory = Memory(int(settings.threads * settings.max_megapixels * 1e6 * BYTES))
        self.metrics: Metrics = Metrics(self.queue, self.budget)
        self.jobs: JobQueue | None = JobQueue(settings, self._record_job) if settings.video else None
        if self.jobs is not None:
            self.metrics.watch_videos(self.jobs)
        self.failure: Error | None = None  # why the network can't be loaded, or videos can't be taken
        self.when_failed: Callable[[], None] = lambda: None
        self._opening: asyncio.Task[CarryOut] | None = None
        self._processes: Processes | None = None

    @property
    def ready(self) -> bool:
        """Whether the network is loaded."""
        return self._opening is not None and self._opening.done() and self.failure is None

    def open(self) -> None:
        """Start loading the network, which all requests share and wait for."""
        self._opening = asyncio.create_task(asyncio.to_thread(self._opened_network))
        self._opening.add_done_callback(self._opened)
        if self.jobs is not None:
            try:
                self.jobs.open()
            except Error as error:
                self._fail(error)

    async def close(self) -> None:
        """Cancel the work on videos, and return once all other work has ended."""
        if self.jobs is not None:
            await self.jobs.close()
        if self._opening is not None:
            await asyncio.wait([self._opening])
        await asyncio.to_thread(self.queue.close)
        if self._processes is not None:
            await asyncio.to_thread(self._processes.close)

    def reader(
        self,
        request: Request,
        pictures: Collection[str],
        *,
        max_field_bytes: int = MAX_FIELD_BYTES,
        repeated: bool = False,
    ) -> Reader:
        """Return what reads the body of a request within the limits."""
        return Reader(
            request,
            self.budget,
            max_bytes=self.settings.max_bytes,
            timeout=self.settings.body_timeout,
            max_field_bytes=max_field_bytes,
            pictures=pictures,
            repeated=repeated,
        )

    async def answer(
        self, work: Run, receive: Receive, render: Render[Answer], need: Callable[[], int] = lambda: 0
    ) -> Answer:
        """Return the response: `work` and `render` run in a thread, because the event loop must not compute.

        The work starts once the bytes of memory that it `need`s are free, see `Memory`. `receive` is that of the
        request, whose body has been read. Raises `Error`, `RequestError`, and `ClientGone` where the client goes away.
        """
        if self._opening is None:
            raise RequestError("starting", "the network isn't loaded yet; try again", retry_after=1)
        carry_out = await asyncio.shield(self._opening)

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        def worked(waited: float) -> Answer:
            # The pictures in progress share the cores.
            with at_most(max(1, cores() // max(1, self.queue.working))):
                with self.memory.reserve(_bytes_of(need)):
                    made = carry_out(work)
                return render(made, {"queue": waited, **made.seconds})

        return await self.queue.run(worked, gone, self.settings.timeout)

    async def fetched(self, url: str, name: str, reader: Reader) -> bytes:
        """Return the picture at the address in the field `name`; its bytes count as acquired by `reader`.

        Raises `RequestError` as `fetch` does, and where fetching is off.
        """
        if not self.settings.allow_urls:
            raise RequestError("invalid_option", f"{name} is off here; send the picture itself")
        data = await fetch(url, self.budget, max_bytes=self.settings.max_bytes)
        reader.acquired += len(data)  # so that they are released with the rest
        return data

    def _opened_network(self) -> CarryOut:
        """Return what runs the work on pictures, in this process or in worker processes."""
        model, device = self.settings.model, self.settings.device
        if self.settings.processes:
            self._processes = Processes(model, device, self.settings.threads)
            return self._processes.carry_out
        remover = Remover(model, device=device)
        return lambda work: work(remover)

    def _opened(self, opening: "asyncio.Task[CarryOut]") -> None:
        error = None if opening.cancelled() else opening.exception()
        if error is not None:
            self._fail(error if isinstance(error, Error) else Error(f"the network can't be loaded ({error})"))

    def _fail(self, error: Error) -> None:
        self.failure = error
        self.when_failed()

    def _record_job(self, job: Job) -> None:
        self.metrics.record_video(job.state, job.progress()[0])


def _bytes_of(need: Callable[[], int]) -> int:
    """Return the bytes of memory that the work on a picture needs."""
    try:
        return need()
    except ImageError:  # the work will raise it again
        return 0
