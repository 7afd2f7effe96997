"""`ServerState`: what the requests of one process share, its network, its threads and the bytes they hold."""

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
from background_remover.server.metrics import Metrics
from background_remover.server.queue import WorkQueue
from background_remover.server.request.body import MAX_FIELD_BYTES, Budget, Reader
from background_remover.server.request.download import fetch
from background_remover.server.request.memory import Memory
from background_remover.server.settings import ServerSettings

LOG = logging.getLogger(__name__)
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""What gives the next message of an ASGI connection."""
Answer = TypeVar("Answer")
Render: TypeAlias = Callable[[CutoutFile, Mapping[str, float]], Answer]
"""What makes a response of a cutout and of the seconds of each stage."""


class ServerState:
    """What the requests of one process share; for one event loop."""

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.queue: WorkQueue = WorkQueue(settings.threads, settings.queue, return_freed_memory)
        self.budget: Budget = Budget(int(settings.max_held * 1e6))
        self.memory: Memory = Memory(int(settings.threads * settings.max_megapixels * 1e6 * BYTES))
        self.metrics: Metrics = Metrics(self.queue, self.budget)
        self.failure: Error | None = None  # why the network can't be loaded
        self.when_failed: Callable[[], None] = lambda: None
        self._opening: asyncio.Task[Remover] | None = None

    @property
    def ready(self) -> bool:
        """Whether the network is loaded."""
        return self._opening is not None and self._opening.done() and self.failure is None

    def open(self) -> None:
        """Begin to load the network, which all requests then wait for: there is one for all of them."""
        self._opening = asyncio.create_task(asyncio.to_thread(self._remover))
        self._opening.add_done_callback(self._opened)

    async def close(self) -> None:
        """Return once all work in hand has ended."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
        await asyncio.to_thread(self.queue.close)

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

    def in_memory(
        self, need: Callable[[], int], work: Callable[[Remover], CutoutFile]
    ) -> Callable[[Remover], CutoutFile]:
        """Return the work on a picture, done once the bytes of memory that it needs are free, see `Memory`."""

        def lent(remover: Remover) -> CutoutFile:
            try:
                bytes_needed = need()
            except ImageError:  # whoever reads the picture says so
                bytes_needed = 0
            with self.memory.lent(bytes_needed):
                return work(remover)

        return lent

    async def answer(self, work: Callable[[Remover], CutoutFile], receive: Receive, render: Render[Answer]) -> Answer:
        """Return the response that `work` and `render` make in a thread: the event loop never computes.

        `receive` is that of the request, all of whose body has been read. Raises `Error`, `RequestError`, and
        `ClientGone` where the client goes away.
        """
        if self._opening is None:
            raise RequestError("starting", "the network isn't loaded yet; try again", retry_after=1)
        remover = await asyncio.shield(self._opening)

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        def worked(waited: float) -> Answer:
            # Those that are at work now share the cores; one alone has them all.
            with at_most(max(1, cores() // max(1, self.queue.working))):
                made = work(remover)
                return render(made, {"queue": waited, **made.seconds})

        return await self.queue.run(worked, gone, self.settings.timeout)

    async def fetched(self, url: str, name: str, reader: Reader) -> bytes:
        """Return the picture at the address in the field `name`; its bytes count among those that `reader` took.

        Raises `RequestError` as `fetch` does, and where none is to be fetched.
        """
        if not self.settings.allow_urls:
            raise RequestError("invalid_option", f"{name} is off here; send the picture itself")
        data = await fetch(url, self.budget, max_bytes=self.settings.max_bytes)
        reader.taken += len(data)  # so that they are given back with the rest
        return data

    def _remover(self) -> Remover:
        return Remover(self.settings.model, device=self.settings.device)

    def _opened(self, opening: "asyncio.Task[Remover]") -> None:
        error = None if opening.cancelled() else opening.exception()
        if error is not None:
            self.failure = error if isinstance(error, Error) else Error(f"the network can't be loaded ({error})")
            self.when_failed()
