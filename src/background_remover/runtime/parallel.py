"""Threads: how many processor cores the work on one picture may use, and a parallel map over its parts."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from background_remover.runtime import cancellation

Part = TypeVar("Part")
Result = TypeVar("Result")

_limits = threading.local()  # per thread: with many pictures each thread has one picture and a share of the cores


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads() -> int:
    """Return how many threads this one may use, itself included: one for each core, or the limit of `at_most`."""
    return int(getattr(_limits, "threads", 0)) or cores()


@contextmanager
def at_most(number: int | None) -> Iterator[None]:
    """Limit this thread to `number` threads for as long as the block runs; None changes nothing."""
    before = getattr(_limits, "threads", 0)
    _limits.threads = before if number is None else min(number, before or number)
    try:
        yield
    finally:
        _limits.threads = before


def parallel_map(work: Callable[[Part], Result], parts: Iterable[Part], number: int | None = None) -> Iterator[Result]:
    """Yield the result of `work` for each part, in order, computed by `number` threads, by default `threads()`.

    Errors of `work` are raised here, and `Cancelled` before a part once this thread's work is cancelled.
    """
    number = threads() if number is None else number
    event = cancellation.event()

    def checked(part: Part) -> Result:
        cancellation.check(event)
        return work(part)

    if number == 1:
        yield from map(checked, parts)
        return
    with ThreadPoolExecutor(number) as pool:
        try:
            results = pool.map(checked, parts)
        except RuntimeError as error:  # no memory for another thread; errors of `work` come later
            raise MemoryError from error
        yield from results


def in_thread(work: Callable[[], Result]) -> Future[Result]:
    """Begin to work in a thread of its own, whose errors the future has; `MemoryError` where none can be started."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(work)
    except RuntimeError as error:
        raise MemoryError from error
    finally:
        pool.shutdown(wait=False)


def begun(work: Callable[[], Result]) -> Callable[[], Result]:
    """Begin to work in another thread, if this one may use more than itself; return what waits for the result.

    Errors of `work` are raised there.
    """
    if threads() == 1:
        result = work()
        return lambda: result
    return in_thread(work).result


def together(work: Callable[[], None], number: int) -> None:
    """Call `work` in `number` threads at once, this one among them, and wait for all. Errors of it are raised here."""
    if number <= 1:
        work()
        return
    with ThreadPoolExecutor(number - 1) as pool:
        try:
            others = [pool.submit(work) for _ in range(number - 1)]
        except RuntimeError as error:  # no memory for another thread
            raise MemoryError from error
        work()
        for other in others:
            other.result()
