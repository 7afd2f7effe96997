"""Where the subject goes: its box in the picture, and the box's place on a canvas."""

from dataclasses import dataclass

import numpy as np

from background_remover.levels import resize_levels
from background_remover.types import Alpha, Cutout, Size

VISIBLE = 0.1  # an alpha below this doesn't widen the box: haze nobody sees would


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels: rows `top` to `bottom` and columns `left` to `right`, the last ones not included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> Size:
        """(height, width)."""
        return self.bottom - self.top, self.right - self.left


def subject_box(alpha: Alpha, least: float = VISIBLE) -> Box:
    """The smallest box around alphas of at least so much, what can be seen; the whole picture where none is."""
    rows, columns = (np.flatnonzero(alpha.max(axis=axis) >= least) for axis in (1, 0))
    if not len(rows):
        return Box(0, 0, *alpha.shape)
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def widened(box: Box, margin: float, size: Size) -> Box:
    """The box with a margin of so many pixels on all sides, but no further than the picture of `size` goes."""
    pixels = round(margin)
    return Box(
        max(box.top - pixels, 0),
        max(box.left - pixels, 0),
        min(box.bottom + pixels, size[0]),
        min(box.right + pixels, size[1]),
    )


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
