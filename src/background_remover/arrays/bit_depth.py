"""Levels of 8 and of 16 bits: conversions between them and from [0, 1], and resizing pictures of both."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.types import Colours, Image, Levels, Planes, Size


def white(levels: Levels) -> int:
    """Return the largest level of an array's type: 255, or 65535 at 16 bits."""
    return int(np.iinfo(levels.dtype).max)


def eight_bits(levels: Levels) -> Image:
    """Return levels rounded to 8 bits, in any shape; an array of 8 bits is returned itself."""
    if levels.dtype == np.uint8:
        return cast(Image, levels)
    result = np.minimum(levels, 65535 - 128)  # or the next line would overflow
    result += 128
    result //= 257
    return result.astype(np.uint8)


def at_depth_of(levels: Levels, other: Levels) -> Levels:
    """Return levels of 8 bits in the bit depth of another array."""
    return levels if other.dtype == np.uint8 else levels * np.uint16(257)


def to_levels(shares: NDArray[np.float32], kind: np.dtype[np.uint8 | np.uint16]) -> Levels:
    """Return shares in [0, 1], in any shape, as the nearest levels of a type."""
    scaled = shares * np.float32(np.iinfo(kind).max)
    np.rint(scaled, out=scaled)
    return cast(Levels, scaled.astype(kind))


def as_pillow(array: NDArray[Any]) -> PillowImage.Image:
    """Return the Pillow image of an array, (H, W) or (H, W, C) uint8 or (H, W) float32, a part of another one as well.

    The pixels of a part are copied first: Pillow would have NumPy copy them level by level, in 30 times the time.
    """
    return PillowImage.fromarray(np.ascontiguousarray(array))


def resize_levels(levels: Levels, size: Size, *, box: tuple[float, float, float, float] | None = None) -> Levels:
    """Return a picture, or its part `box` (left, top, right, bottom), resized to `size`, bicubic: (H, W, C) in and out.

    A fourth channel is an alpha: colours are weighted by it, so that transparent pixels don't bleed into the edge.
    """
    shape = size[1], size[0]

    def resized(image: PillowImage.Image) -> PillowImage.Image:
        return image.resize(shape, PillowImage.Resampling.BICUBIC, box=box)

    if levels.dtype == np.uint8:
        return np.asarray(resized(as_pillow(levels)))
    scale = np.float32(1 / white(levels))
    weight = opacity = None
    result = np.empty((*size, levels.shape[2]), dtype=levels.dtype)
    if levels.shape[2] == 4:
        weight = np.multiply(levels[..., 3], scale, dtype=np.float32)
        opacity = np.array(resized(as_pillow(weight))).clip(0, 1)
        result[..., 3] = to_levels(opacity, levels.dtype)
    for channel in range(3):  # each by itself: Pillow knows no colours of more than 8 bits
        plane = np.multiply(levels[..., channel], scale, dtype=np.float32)
        if weight is not None:
            plane *= weight
        plane = np.array(resized(as_pillow(plane)))
        if opacity is not None:
            np.divide(plane, opacity, out=plane, where=opacity > 0)
        result[..., channel] = to_levels(np.clip(plane, 0, 1, out=plane), levels.dtype)
    return result


def planes(image: Colours) -> Planes:
    """Return a picture's levels, channels first, in [0, 1]: (H, W, 3) becomes (3, H, W) float32."""
    return np.multiply(image.transpose(2, 0, 1), np.float32(1 / white(image)), dtype=np.float32, order="C")
