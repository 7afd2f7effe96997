"""Levels of 8 and of 16 bits: one brought to the other, shares in [0, 1] to either, and pictures of both resized."""

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.types import Colours, Image, Levels, Planes, Size


def white(levels: Levels) -> int:
    """The largest level there is: 255, or 65535 in an array of 16 bits."""
    return int(np.iinfo(levels.dtype).max)


def eight_bits(levels: Levels) -> Image:
    """The nearest of 256 levels, in any shape; an array that has no more stays itself."""
    if levels.dtype == np.uint8:
        return cast(Image, levels)
    result = np.minimum(levels, 65535 - 128)  # or the next line would overflow
    result += 128
    result //= 257
    return result.astype(np.uint8)


def at_depth_of(levels: Levels, other: Levels) -> Levels:
    """Levels of 8 bits in as many bits as another array has."""
    return levels if other.dtype == np.uint8 else levels * np.uint16(257)


def to_levels(shares: NDArray[np.float32], kind: np.dtype[np.uint8 | np.uint16]) -> Levels:
    """Shares in [0, 1], in any shape, as the nearest levels of a type."""
    scaled = shares * np.float32(np.iinfo(kind).max)
    np.rint(scaled, out=scaled)
    return cast(Levels, scaled.astype(kind))


def resize_levels(levels: Levels, size: Size, *, box: tuple[float, float, float, float] | None = None) -> Levels:
    """A picture or its part `box` (left, top, right, bottom) brought to `size`, bicubic: (H, W, C) in and out.

    A fourth channel is an alpha: colours are weighed by it, so that clear pixels don't bleed into the edge.
    """
    shape = size[1], size[0]

    def resized(image: PillowImage.Image) -> PillowImage.Image:
        return image.resize(shape, PillowImage.Resampling.BICUBIC, box=box)

    if levels.dtype == np.uint8:
        return np.asarray(resized(PillowImage.fromarray(levels)))
    scale = np.float32(1 / white(levels))
    weight = opacity = None
    result = np.empty((*size, levels.shape[2]), dtype=levels.dtype)
    if levels.shape[2] == 4:
        weight = np.multiply(levels[..., 3], scale, dtype=np.float32)
        opacity = np.array(resized(PillowImage.fromarray(weight))).clip(0, 1)
        result[..., 3] = to_levels(opacity, levels.dtype)
    for channel in range(3):  # each by itself: Pillow knows no colours of more than 8 bits
        plane = np.multiply(levels[..., channel], scale, dtype=np.float32)
        if weight is not None:
            plane *= weight
        plane = np.array(resized(PillowImage.fromarray(plane)))
        if opacity is not None:
            np.divide(plane, opacity, out=plane, where=opacity > 0)
        result[..., channel] = to_levels(np.clip(plane, 0, 1, out=plane), levels.dtype)
    return result


def planes(image: Colours) -> Planes:
    """A picture's levels as planes: (H, W, 3) becomes (3, H, W) float32 in [0, 1]."""
    return np.multiply(image.transpose(2, 0, 1), np.float32(1 / white(image)), dtype=np.float32, order="C")
