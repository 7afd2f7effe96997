"""The processor that this process runs on, and how many threads the work on one picture may use of it."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from background_remover.runtime import cancellation

Part = TypeVar("Part")
Result = TypeVar("Result")

_limits = threading.local()  # a run of many pictures gives each of its threads one picture, and a part of the cores


def cores() -> int:
    """The number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads() -> int:
    """How many threads, itself among them, this one may work with: one for each core, or what `at_most` says."""
    return int(getattr(_limits, "threads", 0)) or cores()


@contextmanager
def at_most(number: int | None) -> Iterator[None]:
    """Lets this thread work with no more than so many for as long as the block runs; None changes nothing."""
    before = getattr(_limits, "threads", 0)
    _limits.threads = before if number is None else min(number, before or number)
    try:
        yield
    finally:
        _limits.threads = before


def spread(work: Callable[[Part], Result], parts: Iterable[Part], number: int | None = None) -> Iterator[Result]:
    """What the work gives for each part, in their order, done by that many threads; by default by `threads()`.

    Errors of the work are raised here, and `Cancelled` before a part where this thread's work was cancelled.
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
        except RuntimeError as error:  # no thread can be started, for want of memory; what the work raises comes later
            raise MemoryError from error
        yield from results
