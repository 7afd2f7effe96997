"""`run_in_threads`: one stream of jobs, worked on by several threads, with a bound on what they hold at once."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from background_remover.batch.record import Record

_Job = TypeVar("_Job")

BYTES = 1_600_000_000  # of memory for pictures at work at once, beside a single one that is larger
TICK = 0.2  # seconds after which the one who waits hears of it, though nothing has happened


def run_in_threads(
    jobs: Iterable[_Job | None],
    work: Callable[[_Job], Record | None],
    need: Callable[[_Job], int],
    *,
    threads: int,
    ended: Callable[[], bool],
) -> Iterator[Record | None]:
    """Yield the records of jobs, in the order in which they are done; None now and then while nothing is.

    No more than `threads` pictures are worked on at a time, and one waits; and no more than `BYTES`, as `need` says of
    each, but for a single picture. A job of None is one that isn't there yet. Once `ended()` is true no job is begun,
    and the records of those in hand are still given, but for those that `work` gives up then and returns None of.
    Neither `work` nor `need` may raise.
    """
    in_hand: dict[Future[Record | None], int] = {}
    with ThreadPoolExecutor(threads) as pool:
        for job in jobs:
            held = 0 if job is None else need(job)
            while len(in_hand) > threads or (in_hand and sum(in_hand.values()) + held > BYTES):
                yield from _done(in_hand, TICK)
            if ended():
                break
            if job is None:
                yield from _done(in_hand, 0)
                yield None
            else:
                in_hand[pool.submit(work, job)] = held
        while in_hand:
            yield from _done(in_hand, TICK)


def _done(in_hand: dict[Future[Record | None], int], seconds: float) -> Iterator[Record | None]:
    """Wait up to that long for one or more to be done, and yield their records; else None."""
    done = wait(in_hand, seconds, FIRST_COMPLETED).done
    for future in done:
        del in_hand[future]
        yield future.result()
    if not done:
        yield None
