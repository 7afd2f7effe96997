"""Tiles of a picture, and work on many of them in threads."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import TypeAlias, TypeVar

import numpy as np

from background_remover.runtime import cancellation
from background_remover.runtime.parallel import threads, together
from background_remover.types import Mask, Planes, Size

Part: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""
Piece = TypeVar("Piece")
STRIP = 64  # rows worked out at a time where nothing else decides: few are in floating point at once, and fit a cache
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
    height, width = mask.shape
    found = []
    for top in range(0, height, side):
        strip = mask[top : top + side]
        filled = np.logical_or.reduceat(np.asarray(strip.any(axis=0)), np.arange(0, width, side))
        for left in (side * filled.nonzero()[0]).tolist():
            square = strip[:, left : left + side]
            rows, columns = (np.asarray(square.any(axis=axis)) for axis in (1, 0))
            found.append((_extent(rows, top), _extent(columns, left)))
    return found


def extent(mask: Mask) -> Part | None:
    """Return the least part of a picture with all of a mask, (H, W), that is true; None where nothing is."""
    found = boxes(mask, max(mask.shape))
    return found[0] if found else None


def _extent(line: Mask, start: int) -> slice:
    """Return the slice from the first to the last that is true, of a line whose first place is `start`."""
    return slice(start + int(line.argmax()), start + len(line) - int(line[::-1].argmax()))


def in_threads(work: Callable[[Piece], None], parts: Iterable[Piece]) -> None:
    """Call `work` for every part of a picture, or what stands for one, in as many threads as this thread may use.

    Parts must not write where another does. Raises `Cancelled` before a part once this thread's work is cancelled.
    """
    event = cancellation.event()
    left: SimpleQueue[Piece] = SimpleQueue()  # a future for every part would often cost as much as its work
    for part in parts:
        left.put(part)

    def take() -> None:
        with contextlib.suppress(Empty):
            while True:
                part = left.get_nowait()
                cancellation.check(event)
                work(part)

    together(take, min(threads(), THREADS, left.qsize()))


def one_by_one(work: Callable[[Piece], None], parts: Iterable[Piece]) -> None:
    """Call `work` for every part of a picture in this thread alone.

    It is for small parts of many steps: a loop of NumPy over 128 x 128 pixels is over in some 10 microseconds, sooner
    than another thread wakes up that waits for Python's lock. Two threads then take twice the time of one, and three
    times the processor. Raises `Cancelled` before a part once this thread's work is cancelled.
    """
    for part in parts:
        cancellation.check()
        work(part)


def moved(side: slice, by: int) -> slice:
    """Return a slice that lies so many places further."""
    return slice(side.start + by, side.stop + by)


def inside(part: Part, outer: Part) -> Part:
    """Return where a part lies in an `outer` one, with all of it."""
    rows, columns = (moved(side, -other.start) for side, other in zip(part, outer, strict=True))
    return rows, columns


def around(part: Part, margin: int, size: Size) -> tuple[Part, Part]:
    """Return a part with a margin, clipped to `size`, and where in that the part lies."""
    rows, columns = (
        slice(max(side.start - margin, 0), min(side.stop + margin, full)) for side, full in zip(part, size, strict=True)
    )
    return (rows, columns), inside(part, (rows, columns))


def counterpart(part: Part, size: Size, other: Size) -> Part:
    """Return the part of a picture resized from `size` to `other` that shows a part of it, with two pixels around."""
    rows, columns = (
        slice(max(side.start * new // old - 2, 0), min(-(-side.stop * new // old) + 2, new))
        for side, old, new in zip(part, size, other, strict=True)
    )
    return rows, columns


def surrounded(planes: Planes, part: Part, margin: int) -> Planes:
    """Return planes of a part and its margin, (C, H, W) as `around` clips it, with zeros where it reaches outside."""
    rows, columns = part
    shape = len(planes), rows.stop - rows.start + 2 * margin, columns.stop - columns.start + 2 * margin
    if planes.shape == shape:
        return planes
    above, before = max(margin - rows.start, 0), max(margin - columns.start, 0)
    result = np.zeros(shape, dtype=np.float32)  # np.pad takes longer than much that is done to a small part
    result[:, above : above + planes.shape[1], before : before + planes.shape[2]] = planes
    return result
