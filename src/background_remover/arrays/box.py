"""`Box`: a rectangle of pixels, around a subject or with a margin."""

from dataclasses import dataclass

import numpy as np

from background_remover.types import Alpha, Size

VISIBLE = 0.1  # an alpha below this is ignored, or haze that nobody sees would widen the box


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels: rows `top` to `bottom` and columns `left` to `right`, the ends not included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> Size:
        """(height, width)."""
        return self.bottom - self.top, self.right - self.left


def subject_box(alpha: Alpha, least: float = VISIBLE) -> Box:
    """Return the smallest box around alphas of at least `least`; the whole picture where there are none."""
    rows, columns = (np.flatnonzero(alpha.max(axis=axis) >= least) for axis in (1, 0))
    if not len(rows):
        return Box(0, 0, *alpha.shape)
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def widened(box: Box, margin: float, size: Size) -> Box:
    """Return the box with `margin` pixels more on all sides, clipped to a picture of `size`."""
    pixels = round(margin)
    return Box(
        max(box.top - pixels, 0),
        max(box.left - pixels, 0),
        min(box.bottom + pixels, size[0]),
        min(box.right + pixels, size[1]),
    )
