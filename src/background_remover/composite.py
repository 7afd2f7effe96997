"""Pictures put together from colours and an alpha: cutouts, what lies behind them, shadows."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageFilter

from background_remover.pixels import blur
from background_remover.types import Alpha, Cutout, Image, Size

STRIP = 256  # rows put together at a time, so that few of them are in floating point at once


def cutout(image: Image, alpha: Alpha) -> Cutout:
    """The picture with the alpha as its fourth channel: (H, W, 3) uint8 and (H, W) in [0, 1] give (H, W, 4) uint8.

    The alpha is straight: colours stay as they are, whatever the alpha. Raises `ValueError` at unequal sizes.
    """
    if image.shape[:2] != alpha.shape:
        raise ValueError(f"a picture of {image.shape[:2]} and an alpha of {alpha.shape} don't belong together")
    result = np.empty((*alpha.shape, 4), dtype=np.uint8)
    result[..., :3] = image
    result[..., 3] = levels(alpha)
    return result


def levels(alpha: Alpha) -> Image:
    """An alpha in [0, 1] as the nearest of 256 grey levels: (H, W) uint8."""
    scaled = alpha * 255
    return np.rint(scaled, out=scaled).astype(np.uint8)


def over(top: Cutout, bottom: Cutout, *, linear_light: bool = False) -> Cutout:
    """One picture before another, both (H, W, 4) uint8 of straight alpha, and so is the result.

    It is the operator "over" (Porter and Duff, SIGGRAPH 1984). sRGB levels are mixed as they are, as browsers and
    most editors do, or with `linear_light` as light: an edge between light and dark is then lighter. Raises
    `ValueError` at unequal sizes.
    """
    if top.shape != bottom.shape:
        raise ValueError(f"pictures of {top.shape[:2]} and {bottom.shape[:2]} can't lie one before the other")
    result = np.where(top[..., 3:] == 255, top, bottom)
    for start in range(0, len(top), STRIP):
        part = slice(start, start + STRIP)
        mixed = (top[part, :, 3] > 0) & (top[part, :, 3] < 255)
        if mixed.any():
            result[part][mixed] = _mix(top[part][mixed], bottom[part][mixed], linear_light)
    return result


def _mix(top: NDArray[np.uint8], bottom: NDArray[np.uint8], linear_light: bool) -> NDArray[np.uint8]:
    """`over` for pixels in a row, (N, 4)."""
    share = top[:, 3:].astype(np.float32) / 255
    rest = bottom[:, 3:].astype(np.float32) / 255 * (1 - share)
    opacity = share + rest
    light = _light if linear_light else _as_level
    colour = (share * light(top[:, :3]) + rest * light(bottom[:, :3])) / opacity
    if linear_light:
        colour = np.where(colour <= 0.0031308, 12.92 * colour, 1.055 * colour ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(np.concatenate([colour, opacity], axis=1) * 255), dtype=np.uint8)


def _as_level(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(values / np.float32(255), dtype=np.float32)


def _light(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    """SRGB levels as amounts of light in [0, 1] (IEC 61966-2-1)."""
    level = np.arange(256, dtype=np.float32) / 255
    table = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return np.asarray(table[values], dtype=np.float32)


def shadow(alpha: NDArray[np.uint8], offset: tuple[float, float], radius: float, opacity: float) -> Cutout:
    """The black shadow that a subject of alpha (H, W) uint8 drops: (H, W, 4) uint8.

    It lies `offset` pixels (right, down) from the subject, and its edge is a bell curve's of `radius` pixels.
    """
    right, down = round(offset[0]), round(offset[1])
    height, width = alpha.shape
    moved = np.zeros(alpha.shape, dtype=np.float32)
    rows, columns = _overlap(height, down), _overlap(width, right)
    moved[rows[0], columns[0]] = alpha[rows[1], columns[1]]
    result = np.zeros((height, width, 4), dtype=np.uint8)
    result[..., 3] = np.rint(np.clip(blur(moved, radius) * opacity, 0, 255))
    return result


def _overlap(length: int, shift: int) -> tuple[slice, slice]:
    """Along a side moved by `shift` pixels: where the rest of it goes, and which part that is."""
    shift = max(-length, min(shift, length))
    return slice(max(shift, 0), length + min(shift, 0)), slice(max(-shift, 0), length - max(shift, 0))


def plain(colour: tuple[int, int, int, int], size: Size) -> Cutout:
    """A picture of one colour: (H, W, 4) uint8."""
    result = np.empty((*size, 4), dtype=np.uint8)
    result[:] = colour
    return result


def blurred(image: Image, radius: float) -> Image:
    """The picture under a bell curve whose standard deviation is `radius` pixels: (H, W, 3) uint8."""
    return np.asarray(PillowImage.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


def fitted(image: Image, size: Size, fit: Literal["cover", "contain", "stretch"]) -> Cutout:
    """A picture scaled to fill a frame of `size`: (H, W, 4) uint8.

    "cover" keeps its shape and cuts off what is too much, the same on both sides; "contain" keeps its shape and
    leaves the rest of the frame clear; "stretch" keeps nothing.
    """
    height, width = size
    sides = (width / image.shape[1], height / image.shape[0])
    result = np.zeros((height, width, 4), dtype=np.uint8)
    picture = PillowImage.fromarray(image)
    if fit == "contain":
        inner = [max(1, round(side * min(sides))) for side in (image.shape[1], image.shape[0])]
        top, left = (height - inner[1]) // 2, (width - inner[0]) // 2
        part = result[top : top + inner[1], left : left + inner[0]]
        part[..., :3] = np.asarray(picture.resize((inner[0], inner[1]), PillowImage.Resampling.BICUBIC))
        part[..., 3] = 255
        return result
    box = (0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
    if fit == "cover":
        seen = (width / max(sides), height / max(sides))
        left, top = (image.shape[1] - seen[0]) / 2, (image.shape[0] - seen[1]) / 2
        box = (max(left, 0), max(top, 0), min(left + seen[0], image.shape[1]), min(top + seen[1], image.shape[0]))
    result[..., :3] = np.asarray(picture.resize((width, height), PillowImage.Resampling.BICUBIC, box=box))
    result[..., 3] = 255
    return result
