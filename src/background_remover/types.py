"""The array types of this package, defined once.

Image       (H, W, 3) uint8, sRGB, upright
Alpha       (H, W) float32 in [0, 1]: how much of the pixel is the subject
Mask        (H, W) bool
Levels      uint8, or uint16 of a picture of 16 bits: 0 is black or transparent, the type's maximum white or opaque
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
"""(C, H, W) float32: channels first, so that each is contiguous for filters along rows and columns."""
