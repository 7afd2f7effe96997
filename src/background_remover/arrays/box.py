"""`Box`: a rectangle of pixels, the one around a subject, and one with a margin."""

from dataclasses import dataclass

import numpy as np

from background_remover.types import Alpha, Size

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
