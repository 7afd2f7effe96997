"""Tiles of a picture, and work on many of them in threads."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import TypeAlias

from background_remover.runtime import cancellation
from background_remover.runtime.parallel import parallel_map, threads
from background_remover.types import Size

Part: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""
THREADS = 4  # more of them only wait for each other, as Python runs one at a time between NumPy's loops


def tiles(size: Size, side: int) -> Iterator[Part]:
    """Yield the squares of `side` pixels that a picture of `size` is divided into: (rows, columns)."""
    height, width = size
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield slice(top, min(top + side, height)), slice(left, min(left + side, width))


def in_threads(work: Callable[[Part], None], parts: Iterable[Part]) -> None:
    """Call `work` for every part of a picture, in as many threads as this thread may use.

    Parts must not write where another does. Raises `Cancelled` before a part once this thread's work is cancelled.
    """
    event = cancellation.event()
    left: SimpleQueue[Part] = SimpleQueue()  # a future for every part would often cost as much as its work
    for part in parts:
        left.put(part)

    def take(_: int) -> None:
        with contextlib.suppress(Empty):
            while True:
                part = left.get_nowait()
                cancellation.check(event)
                work(part)

    number = min(threads(), THREADS, left.qsize())
    for _ in parallel_map(take, range(number), number):
        pass


def around(part: Part, margin: int, size: Size) -> tuple[Part, Part]:
    """Return a part with a margin, clipped to `size`, and where in that the part lies."""
    (top, bottom), (left, right) = ((side.start, side.stop) for side in part)
    outer = (
        slice(max(top - margin, 0), min(bottom + margin, size[0])),
        slice(max(left - margin, 0), min(right + margin, size[1])),
    )
    above, before = outer[0].start, outer[1].start
    return outer, (slice(top - above, bottom - above), slice(left - before, right - before))
