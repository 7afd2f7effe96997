"""The array types of this package, said once.

Image       (H, W, 3) uint8, sRGB, upright
Alpha       (H, W) float32 in [0, 1]: how much of the pixel is the subject
Mask        (H, W) bool
Levels      uint8, or uint16 where a picture has that depth: 0 is nothing, the type's largest number is all
Colours     (H, W, 3) levels in a picture's own colour space
Cutout      (H, W, 4) levels, straight (unpremultiplied) alpha
Size        (height, width), always in this order
"""

from typing import TypeAlias

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
"""(C, H, W) float32: several quantities of every pixel, each in one piece, as sums along rows like it."""
