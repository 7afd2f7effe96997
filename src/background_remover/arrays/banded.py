"""Resizing planes by linear filters as products with banded matrices, several times as fast as Pillow's loops.

A filter along one side is a matrix with a few weights in each row. A block of neighbouring rows has them in a narrow
band of columns, so that a small product of matrices makes the block's pixels of the few that they are made of.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.tiles import Part, moved
from background_remover.types import Planes, Size

Filter: TypeAlias = Literal["box", "bilinear", "bicubic"]
Weights: TypeAlias = NDArray[np.float32]

_BLOCK = 24  # pixels made at once, at most: more take more products with 0, fewer more calls
_SOURCES = 64  # pixels that a block is made of, about, at most
_PRODUCT = 2**18  # multiplications; for more of them at once BLAS has threads of its own, see `product_parts`


class Block(NamedTuple):
    """Pixels along one side, those of the source that they are made of, and the weights, (targets, sources)."""

    target: slice
    source: slice
    weights: Weights


class Cut(NamedTuple):
    """The part that an array is of the whole, of `size`, that it was cut from."""

    size: Size
    part: Part


def resampled(array: Planes, size: Size, kernel: Filter, part: Part | None = None, cut: Cut | None = None) -> Planes:
    """Return (C, h, w) resized to `size`, or a part of that, rows and columns: (C, H, W).

    Where a side shrinks, the kernel is stretched as `resize` does. Rounding differs: means of equal numbers may be off
    by their last digit. An array that is `cut` from a larger one gives a part of what that gives; it has to hold all
    pixels that the part is made of, or `ValueError` is raised.
    """
    rows, columns = part or (slice(0, size[0]), slice(0, size[1]))
    height, width = array.shape[1:] if cut is None else cut.size
    there = (slice(0, height), slice(0, width)) if cut is None else cut.part
    down = _moved(_blocks(height, size[0], kernel, rows.start, rows.stop), there[0])
    across = _moved(_blocks(width, size[1], kernel, columns.start, columns.stop), there[1])
    return product(array, down, across)


def _moved(blocks: Sequence[Block], there: slice) -> Sequence[Block]:
    """Return blocks of a line for those pixels of it that are `there`."""
    first = there.start
    if first <= blocks[0].source.start and blocks[-1].source.stop <= there.stop:
        return blocks if not first else [Block(one.target, moved(one.source, -first), one.weights) for one in blocks]
    found = []
    for target, source, weights in blocks:
        seen = slice(max(source.start, first), min(source.stop, there.stop))
        within = moved(seen, -source.start)
        if weights[:, : within.start].any() or weights[:, within.stop :].any():
            raise ValueError(f"pixels {first} to {there.stop} of a line aren't all that {target} is made of")
        found.append(Block(target, moved(seen, -first), weights[:, within]))
    return found


def product(array: Planes, down: Sequence[Block], across: Sequence[Block]) -> Planes:
    """Return the pixels that blocks of rows and blocks of columns make of (C, h, w): (C, H, W)."""
    source = array[:, down[0].source.start : down[-1].source.stop]
    wide = np.empty((*source.shape[:2], across[-1].target.stop), dtype=np.float32)
    for target, near, weights in across:
        for strip in product_parts(source.shape[1], weights.size):
            np.matmul(source[:, strip, near], weights.T, out=wide[:, strip, target])
    result = np.empty((len(array), down[-1].target.stop, wide.shape[2]), dtype=np.float32)
    top = down[0].source.start
    for target, near, weights in down:
        lines = wide[:, near.start - top : near.stop - top]
        for strip in product_parts(wide.shape[2], weights.size):
            np.matmul(weights, lines[..., strip], out=result[:, target, strip])
    return result


def product_parts(length: int, each: int) -> list[slice]:
    """Return parts of a side of `length` with which BLAS makes a product of matrices in this thread alone.

    `each` is the number of multiplications for one place of the side. BLAS makes a larger product in a thread for each
    core, which wait for one another, and for the threads in which other parts or pictures are worked on: in those a
    product took up to four times the processor's time.
    """
    step = max(_PRODUCT // each, 1)
    return [slice(start, start + step) for start in range(0, length, step)]


@functools.lru_cache(maxsize=512)
def _blocks(length: int, full: int, kernel: Filter, first: int, end: int) -> tuple[Block, ...]:
    """Return what makes pixels `first` to `end` of a line of `full` out of `length`; targets count from there."""
    # Cached, as is the whole line: a filter is used several times, and every part of a picture is one of a row of them.
    whole = _line(length, full, kernel)
    side = whole[0].weights.shape[0]
    found = []
    for target, source, weights in whole[first // side : -(-end // side)]:
        start, stop = max(target.start, first), min(target.stop, end)
        inner = weights[start - target.start : stop - target.start]
        found.append(Block(slice(start - first, stop - first), source, inner))
    return tuple(found)


@functools.lru_cache(maxsize=32)
def _line(length: int, full: int, kernel: Filter) -> tuple[Block, ...]:
    """Return what makes a line of `full` pixels out of one of `length`, in blocks of one size."""
    step = length / full
    weigh, support = _KERNELS[kernel]
    stretch = max(step, 1.0)
    side = max(1, min(_BLOCK, int(_SOURCES / step)))
    # All blocks at once, as a loop over them takes longer than some pictures' products; the last may be cut off.
    places = np.minimum(np.arange(-(-full // side) * side), full - 1).reshape(-1, side, 1)
    centres = (places + 0.5) * step
    # Rounded in the order of Pillow's, or a pixel on the border of a box would fall into another.
    firsts = np.maximum((centres - support * stretch + 0.5).astype(np.intp), 0)
    lasts = np.minimum((centres + support * stretch + 0.5).astype(np.intp), length)
    starts, stops = firsts[:, 0, 0], lasts[:, -1, 0]
    pixels = starts[:, None, None] + np.arange((stops - starts).max())
    weights = weigh((pixels - centres + 0.5) * (1 / stretch))
    weights *= (pixels >= firsts) & (pixels < lasts)
    weights /= weights.sum(axis=2, keepdims=True)
    narrow = weights.astype(np.float32)
    blocks = []
    for number, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
        target = slice(number * side, min(number * side + side, full))
        blocks.append(Block(target, slice(start, stop), narrow[number, : target.stop - target.start, : stop - start]))
    return tuple(blocks)


def _box(place: NDArray[np.float64]) -> NDArray[np.float64]:
    return ((place > -0.5) & (place <= 0.5)).astype(np.float64)


def _bilinear(place: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.maximum(1 - np.abs(place), 0), dtype=np.float64)


def _bicubic(place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights of Keys' kernel with a = -1/2 ("Cubic convolution interpolation", 1981), as Pillow has it."""
    away = np.abs(place)
    near, far = (1.5 * away - 2.5) * away**2 + 1, ((2.5 - 0.5 * away) * away - 4) * away + 2
    return np.where(away < 1, near, np.where(away < 2, far, 0))


_KERNELS: dict[Filter, tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], float]] = {
    "box": (_box, 0.5),
    "bilinear": (_bilinear, 1.0),
    "bicubic": (_bicubic, 2.0),
}
"""For each filter the weights by the distance in pixels, and the distance from which on they are 0."""
