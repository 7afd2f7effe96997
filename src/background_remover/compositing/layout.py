"""Layout: placing the subject on a canvas."""

import numpy as np

from background_remover.arrays.bit_depth import resize_levels
from background_remover.arrays.box import Box
from background_remover.types import Cutout, Size


def place(size: Size, canvas: Size, scale: float, position: tuple[float, float]) -> Box:
    """Return where a box of `size` goes on a canvas, resized in its aspect ratio to at most `scale` of each side.

    `position` is the shares of the free height above it and of the free width to its left.
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
