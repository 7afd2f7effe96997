"""Where the subject goes on a canvas."""

import numpy as np

from background_remover.arrays.bit_depth import resize_levels
from background_remover.arrays.box import Box
from background_remover.types import Cutout, Size


def place(size: Size, canvas: Size, scale: float, position: tuple[float, float]) -> Box:
    """Where on a canvas a box of `size` goes, scaled in its own shape to fill at most the share `scale` of each side.

    `position` are the shares of the free height above it and of the free width to its left.
    """
    factor = scale * min(canvas[0] / size[0], canvas[1] / size[1])
    height, width = max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
    top, left = round((canvas[0] - height) * position[0]), round((canvas[1] - width) * position[1])
    return Box(top, left, top + height, left + width)


def on_canvas(cutout: Cutout, canvas: Size, box: Box) -> Cutout:
    """A clear canvas with the cutout, (h, w, 4), scaled into the box: (H, W, 4), as deep."""
    result = np.zeros((*canvas, 4), dtype=cutout.dtype)
    result[box.top : box.bottom, box.left : box.right] = resize_levels(cutout, box.size)
    return result
