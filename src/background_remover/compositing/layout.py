"""Layout: placing the subject on a canvas."""

import math

import numpy as np
from PIL import Image as PillowImage

from background_remover.arrays.bit_depth import as_pillow, resize_levels, to_levels, white
from background_remover.arrays.box import Box
from background_remover.types import Cutout, Size

_FRAME = 2  # transparent pixels around a rotated cutout: without them its straight borders would be jagged


def place(size: Size, canvas: Size, scale: float, position: tuple[float, float]) -> Box:
    """Return where a box of `size` goes on a canvas, resized by one factor to at most `scale` of each side.

    `position` is the share of the free height above it, and of the free width to its left, both in [0, 1].
    """
    factor = scale * min(canvas[0] / size[0], canvas[1] / size[1])
    height, width = max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
    top, left = round((canvas[0] - height) * position[0]), round((canvas[1] - width) * position[1])
    return Box(top, left, top + height, left + width)


def on_canvas(cutout: Cutout, canvas: Size, box: Box) -> Cutout:
    """Return a transparent canvas with the cutout, (h, w, 4), resized into the box: (H, W, 4) in its bit depth."""
    result = np.zeros((*canvas, 4), dtype=cutout.dtype)
    result[box.top : box.bottom, box.left : box.right] = resize_levels(cutout, box.size)
    return result


def rotated_onto_canvas(
    cutout: Cutout, canvas: Size, centre: tuple[float, float], factor: float, angle: float = 0.0
) -> Cutout:
    """Return a transparent canvas, (H, W, 4), with the cutout's middle at `centre`, resized and rotated.

    `centre` is (down, right) in pixels and may lie outside the canvas, `factor` multiplies the cutout's sides, and
    `angle` is in degrees clockwise. Colours are weighted by their alpha, so that none bleeds into the edge.
    """
    scaled = resize_levels(cutout, (max(1, round(len(cutout) * factor)), max(1, round(cutout.shape[1] * factor))))
    if angle % 360 == 0:
        return _pasted(scaled, canvas, centre)
    framed = np.pad(scaled, ((_FRAME, _FRAME), (_FRAME, _FRAME), (0, 0)))
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    down, right = centre
    height, width = framed.shape[:2]
    inverse = (cos, sin, width / 2 - cos * right - sin * down, -sin, cos, height / 2 + sin * right - cos * down)
    return _transformed(framed, canvas, inverse)


def _pasted(cutout: Cutout, canvas: Size, centre: tuple[float, float]) -> Cutout:
    """Return a canvas with the visible part of a cutout, its middle at the nearest whole pixel."""
    result = np.zeros((*canvas, 4), dtype=cutout.dtype)
    top, left = (round(place - side / 2) for place, side in zip(centre, cutout.shape, strict=False))
    rows, columns = (
        (max(first, 0), min(first + side, most))
        for first, side, most in zip((top, left), cutout.shape, canvas, strict=False)
    )
    if rows[0] < rows[1] and columns[0] < columns[1]:
        part = cutout[rows[0] - top : rows[1] - top, columns[0] - left : columns[1] - left]
        result[slice(*rows), slice(*columns)] = part
    return result


def _transformed(cutout: Cutout, canvas: Size, inverse: tuple[float, ...]) -> Cutout:
    """Return a canvas whose pixel (x, y) is sampled from the cutout at `inverse` of it, an affine map, bicubically."""

    def transform(image: PillowImage.Image) -> PillowImage.Image:
        shape, affine = (canvas[1], canvas[0]), PillowImage.Transform.AFFINE
        return image.transform(shape, affine, inverse, PillowImage.Resampling.BICUBIC)

    if cutout.dtype == np.uint8:  # Pillow's mode "RGBa" has colours multiplied by their alpha
        return np.array(transform(as_pillow(cutout).convert("RGBa")).convert("RGBA"))
    levels = np.multiply(cutout, np.float32(1 / white(cutout)), dtype=np.float32)
    levels[..., :3] *= levels[..., 3:]
    moved = np.stack([np.asarray(transform(as_pillow(plane))) for plane in np.moveaxis(levels, 2, 0)], 2)
    alpha = moved[..., 3:].clip(0, 1)
    colours = np.divide(moved[..., :3], alpha, out=np.zeros_like(moved[..., :3]), where=alpha > 0)
    return to_levels(np.concatenate([colours.clip(0, 1), alpha], axis=2), cutout.dtype)
