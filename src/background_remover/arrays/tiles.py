"""Tiles of a picture, and work on many of them in threads."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import TypeAlias

import numpy as np

from background_remover.runtime import cancellation
from background_remover.runtime.parallel import threads, together
from background_remover.types import Mask, Planes, Size

Part: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""
THREADS = 4  # more of them only wait for each other, as Python runs one at a time between NumPy's loops


def tiles(size: Size, side: int) -> Iterator[Part]:
    """Yield the squares of `side` pixels that a picture of `size` is divided into: (rows, columns)."""
    height, width = size
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield slice(top, min(top + side, height)), slice(left, min(left + side, width))


def boxes(mask: Mask, side: int) -> list[Part]:
    """Return, of each square of `side` pixels that a mask is divided into, the least part with all that is true in it.

    Squares in which nothing is true are left out.
    """
    found = []
    for square in tiles((mask.shape[0], mask.shape[1]), side):
        down, along = (np.flatnonzero(mask[square].any(axis=axis)) for axis in (1, 0))
        if len(down):
            top, left = square[0].start, square[1].start
            rows = slice(top + int(down[0]), top + int(down[-1]) + 1)
            found.append((rows, slice(left + int(along[0]), left + int(along[-1]) + 1)))
    return found


def in_threads(work: Callable[[Part], None], parts: Iterable[Part]) -> None:
    """Call `work` for every part of a picture, in as many threads as this thread may use.

    Parts must not write where another does. Raises `Cancelled` before a part once this thread's work is cancelled.
    """
    event = cancellation.event()
    left: SimpleQueue[Part] = SimpleQueue()  # a future for every part would often cost as much as its work
    for part in parts:
        left.put(part)

    def take() -> None:
        with contextlib.suppress(Empty):
            while True:
                part = left.get_nowait()
                cancellation.check(event)
                work(part)

    together(take, min(threads(), THREADS, left.qsize()))


def around(part: Part, margin: int, size: Size) -> tuple[Part, Part]:
    """Return a part with a margin, clipped to `size`, and where in that the part lies."""
    (top, bottom), (left, right) = ((side.start, side.stop) for side in part)
    outer = (
        slice(max(top - margin, 0), min(bottom + margin, size[0])),
        slice(max(left - margin, 0), min(right + margin, size[1])),
    )
    above, before = outer[0].start, outer[1].start
    return outer, (slice(top - above, bottom - above), slice(left - before, right - before))


def surrounded(planes: Planes, part: Part, margin: int, size: Size) -> Planes:
    """Return planes of a part and its margin, (C, H, W) as `around` clips it, with zeros where it reaches outside."""
    outer, inner = around(part, margin, size)
    lacking = [
        (margin - inside.start, margin - (whole.stop - whole.start - inside.stop))
        for whole, inside in zip(outer, inner, strict=True)
    ]
    return np.pad(planes, [(0, 0), *lacking]) if np.any(lacking) else planes
