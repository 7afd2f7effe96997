"""`WorkQueue`: a limited number of worker threads, and a limited queue of tasks for them."""

import asyncio
import math
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, TypeVar

from background_remover.runtime.cancellation import cancelled_by
from background_remover.server.errors import RequestError

Value = TypeVar("Value")
_SHARE = 0.2  # weight of the last picture in the moving average of their seconds
_MAX_RETRY = 60
IDLE_SECONDS = 2.0  # without work, after which memory is returned


class ClientGone(Exception):
    """The client went away, so nobody waits for an answer."""


class WorkQueue:
    """Runs a number of tasks at once, each in a thread, and lets a number of others wait; more are refused.

    All its methods are for one event loop. Work that nobody waits for any longer is cancelled and ends at its next
    step; until then it keeps its thread.
    """

    def __init__(self, threads: int, queue: int, when_idle: Callable[[], None] = lambda: None) -> None:
        """`when_idle` is called in a thread once there has been no work for `IDLE_SECONDS`."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="picture")
        self._free = asyncio.Semaphore(threads)
        self._threads = threads
        self._seconds = 0.0  # a picture, as a moving average
        self._queue = queue
        self._when_idle = when_idle
        self._idle: asyncio.TimerHandle | None = None
        self.waiting: int = 0
        self.working: int = 0

    async def run(
        self, work: Callable[[float], Value], gone: Callable[[], Coroutine[Any, Any, None]], timeout: float
    ) -> Value:
        """Return the result of `work`, which is called with the seconds that it waited for a thread.

        `gone` returns when the client goes away; the work is then cancelled, see `cancellation`, and `ClientGone`
        raised. Raises `RequestError` where the queue is full, and where waiting and work take more than `timeout`
        seconds; the work is then cancelled too.
        """
        self.check()
        cancelled = threading.Event()

        def cancellable(waited: float) -> Value:
            with cancelled_by(cancelled):
                return work(waited)

        mine = asyncio.create_task(self._in_turn(cancellable))
        watch = asyncio.create_task(gone())
        try:
            await asyncio.wait({mine, watch}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if mine.done():
                return mine.result()
            if watch.done():
                raise ClientGone
            raise RequestError(
                "timeout", f"the picture took more than {timeout:g} seconds; send a smaller one", retry_after=1
            )
        finally:
            cancelled.set()
            mine.cancel()
            watch.cancel()

    def check(self) -> None:
        """Raise `RequestError` where the queue is full, with the estimated seconds until half of it is done."""
        if self._free.locked() and self.waiting >= self._queue:
            ahead = self._seconds * (self.waiting / 2 + 1) / self._threads
            words = f"{self.waiting} pictures wait already; try again"
            raise RequestError("busy", words, retry_after=min(max(1, math.ceil(ahead)), _MAX_RETRY))

    async def _in_turn(self, work: Callable[[float], Value]) -> Value:
        start = perf_counter()
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        waited = perf_counter() - start
        loop = asyncio.get_running_loop()
        self.working += 1
        if self._idle is not None:
            self._idle.cancel()
        future = self._pool.submit(work, waited)
        begun = perf_counter()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._freed, begun))
        answer = asyncio.wrap_future(future)
        answer.add_done_callback(_retrieve)
        return await asyncio.shield(answer)

    def _freed(self, begun: float) -> None:
        self._seconds += (perf_counter() - begun - self._seconds) * _SHARE
        self.working -= 1
        self._free.release()
        if not self.working:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(IDLE_SECONDS, loop.run_in_executor, None, self._when_idle)

    def close(self) -> None:
        """Wait for the work in progress; no more may be added."""
        self._pool.shutdown(wait=True)


def _retrieve(done: "asyncio.Future[Any]") -> None:
    """Retrieve an error that nobody waits for, or asyncio would log it as never retrieved."""
    if not done.cancelled():
        done.exception()
