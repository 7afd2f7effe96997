"""Gaussian blur of whole pictures, as products with banded matrices of a picture reduced before."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.banded import Block, product
from background_remover.arrays.tiles import in_threads
from background_remover.types import Levels, Planes

STRIP = 128  # rows blurred at a time
REACH = 4  # standard deviations; what lies beyond is 1/16 000 of the whole
_FINE = 6  # blocks in a standard deviation: an edge is blurred to within 1/500 of its height
_TARGETS = 24  # pixels made by one product
_LEAST = 0.05  # the deviation in pixels from which on down the neighbours' weights are 0 in float32


def gaussian(levels: Levels, deviation: float, write: Callable[[slice, NDArray[np.float32]], None]) -> None:
    """Call `write` with every strip of the blurred levels, (H, W): its rows, and (rows, W) in the range of the levels.

    The blur is a Gaussian of that standard deviation in pixels; at the border, means are over the pixels inside.
    `write` is called in several threads.
    """
    height, width = levels.shape
    step = max(1, min(int(deviation / _FINE), max(height, width)))
    small = _means(levels, step)
    across = _blocks(width, step, deviation, slice(0, width))

    def fill(part: tuple[slice, slice]) -> None:
        write(part[0], product(small, _blocks(height, step, deviation, part[0]), across)[0])

    strips = (slice(start, min(start + STRIP, height)) for start in range(0, height, STRIP))
    in_threads(fill, ((rows, slice(0, width)) for rows in strips))


def _means(levels: Levels, step: int) -> Planes:
    """Return the means over squares of that side, (1, h, w), over less at the lower and the right border."""
    height, width = levels.shape
    rows, columns = np.arange(0, height, step), np.arange(0, width, step)
    result = np.empty((1, len(rows), len(columns)), dtype=np.float32)
    down, along = (np.diff(np.append(starts, end)) for starts, end in ((rows, height), (columns, width)))

    def average(part: tuple[slice, slice]) -> None:
        pixels = levels[part[0].start * step : part[0].stop * step]
        total = np.add.reduceat(pixels, np.arange(0, len(pixels), step), axis=0, dtype=np.uint32)
        result[0, part[0]] = np.add.reduceat(total, columns, axis=1)
        result[0, part[0]] /= down[part[0], None] * along

    strips = (slice(start, min(start + STRIP, len(rows))) for start in range(0, len(rows), STRIP))
    in_threads(average, ((part, slice(0, width)) for part in strips))
    return result


def _blocks(length: int, step: int, deviation: float, part: slice) -> list[Block]:
    """Return what makes a part of a blurred line of `length` pixels out of means over `step` of them."""
    # Means over blocks have blurred by their own variance already.
    variance = max(deviation, _LEAST) ** 2 - (step**2 - 1) / 12
    reach = REACH * deviation + step
    edges = np.append(np.arange(0, length, step), length)
    centres, sizes = (edges[:-1] + edges[1:] - 1) / 2, np.diff(edges)
    found = []
    for start in range(part.start, part.stop, _TARGETS):
        stop = min(start + _TARGETS, part.stop)
        first, last = np.searchsorted(centres, [start - reach, stop - 1 + reach])
        near = slice(int(first), max(int(last), int(first) + 1))
        away = np.arange(start, stop)[:, None] - centres[near]
        weights = np.exp(away**2 / (-2 * variance)) * sizes[near]
        weights *= np.abs(away) <= reach  # or what lies farther off would count by where a block of targets ends
        weights /= weights.sum(axis=1, keepdims=True)
        found.append(Block(slice(start - part.start, stop - part.start), near, weights.astype(np.float32)))
    return found
