"""Gradients as backgrounds: from one colour to another along a line or from the middle, without banding."""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import white
from background_remover.arrays.tiles import Part, in_threads, tiles
from background_remover.types import Cutout, Levels, Size

TILE = 256  # pixels: floats are held for one square of this side at a time, and the dither repeats in each


def gradient(start: Levels, end: Levels, size: Size, angle: float | None) -> Cutout:
    """Return a gradient between two colours, given as four levels: (H, W, 4) in the colours' bit depth.

    A linear one is that of CSS (CSS Images Level 4, 3.1): its `angle` is in degrees, clockwise, from 0 for bottom to
    top, and its ends are at the corners. With no angle it is radial, a circle from the middle to the corners. Levels
    are interpolated as they are, alpha included. Ordered dithering prevents banding.
    """
    result = np.empty((*size, 4), dtype=start.dtype)
    first, last = start.astype(np.float32), end.astype(np.float32)

    def fill(part: Part) -> None:
        share = _share(part, size, angle)
        noise = _noise()[: share.shape[0], : share.shape[1]]
        for channel in range(4):
            level = share * (last[channel] - first[channel])
            level += first[channel]
            level += noise
            result[part][..., channel] = np.minimum(level, white(start), out=level)

    in_threads(fill, tiles(size, TILE))
    return result


def _share(part: Part, size: Size, angle: float | None) -> NDArray[np.float32]:
    """Return the share of the end's colour in each pixel of a part, in [0, 1]."""
    down, along = _centred(part[0], size[0])[:, None], _centred(part[1], size[1])
    if angle is None:
        return np.asarray(np.hypot(down, along) / (math.hypot(*size) / 2), dtype=np.float32)
    right, up = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    length = abs(size[1] * right) + abs(size[0] * up)
    return np.clip(along * np.float32(right / length) - down * np.float32(up / length) + np.float32(0.5), 0, 1)


def _centred(pixels: slice, length: int) -> NDArray[np.float32]:
    """Return how far the middles of pixels are from the middle of a side."""
    return np.arange(pixels.start, pixels.stop, dtype=np.float32) + np.float32(0.5 - length / 2)


@functools.cache
def _noise() -> NDArray[np.float32]:
    """Return for each pixel of a tile a number in [0, 1), even over small areas: interleaved gradient noise.

    (Jimenez, "Next Generation Post Processing in Call of Duty: Advanced Warfare", SIGGRAPH 2014.)
    """
    rows, columns = np.mgrid[:TILE, :TILE]
    noise = np.modf(52.9829189 * np.modf(0.06711056 * columns + 0.00583715 * rows)[0])[0]
    return np.asarray(np.minimum(noise, 0.99), dtype=np.float32)  # a larger one would be rounded up at 16 bits
