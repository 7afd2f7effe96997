"""The array types of this package, defined once.

Image       (H, W, 3) uint8, sRGB, upright
Alpha       (H, W) float32 in [0, 1]: how much of the pixel is the subject
Mask        (H, W) bool
Levels      uint8, or uint16 of a picture of 16 bits: 0 is black or transparent, the type's maximum white or opaque
Colours     (H, W, 3) levels in a picture's own colour space
Cutout      (H, W, 4) levels, straight (unpremultiplied) alpha
Size        (height, width), always in this order
"""

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
Alpha: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]
Levels: TypeAlias = NDArray[np.uint8 | np.uint16]
Colours: TypeAlias = NDArray[np.uint8 | np.uint16]
Cutout: TypeAlias = NDArray[np.uint8 | np.uint16]
Size: TypeAlias = tuple[int, int]


Planes: TypeAlias = NDArray[np.float32]
"""(C, H, W) float32: channels first, so that each is contiguous for filters along rows and columns."""


class Rows(Protocol):
    """A picture, (H, W, C) levels, whose rows are made as they are asked for, so that it never lies whole in memory."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W, C)."""

    @property
    def dtype(self) -> np.dtype[np.uint8 | np.uint16]:
        """The type of its levels."""

    def __getitem__(self, rows: slice, /) -> Levels:
        """Return some of the rows, (n, W, C), made in this thread."""

    def whole(self) -> Levels:
        """Return all rows, made in as many threads as this one may use."""
