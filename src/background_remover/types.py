"""The array types of this package, said once.

Image       (H, W, 3) uint8, sRGB, upright
Alpha       (H, W) float32 in [0, 1]: how much of the pixel is the subject
Mask        (H, W) bool
Cutout      (H, W, 4) uint8, straight (unpremultiplied) alpha
Size        (height, width), always in this order
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
Alpha: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]
Cutout: TypeAlias = NDArray[np.uint8]
Size: TypeAlias = tuple[int, int]
