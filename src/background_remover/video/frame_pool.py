"""`FramePool`: threads that work on several frames of a video at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from background_remover.runtime.parallel import at_most, threads

WORKERS = 2  # with more of them more frames would be in memory; each has its share of the cores

Result = TypeVar("Result")
Given = ParamSpec("Given")


def worker_threads() -> int:
    """Return how many processor threads the work on one frame may use."""
    return max(1, threads() // WORKERS)


class FramePool:
    """Threads that share the cores of the one that opens it, and are cancelled as it is."""

    def __init__(self) -> None:
        """Start as many threads as `WORKERS`, or one where this thread may use no more."""
        self._threads = worker_threads()
        self._pool = ThreadPoolExecutor(min(WORKERS, threads()))

    def submit(self, work: Callable[Given, Result], *values: Given.args, **named: Given.kwargs) -> "Future[Result]":
        """Begin work on a frame as soon as a thread is free."""

        def limited() -> Result:
            with at_most(self._threads):
                return work(*values, **named)

        return self._pool.submit(copy_context().run, limited)

    def __enter__(self) -> "FramePool":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
