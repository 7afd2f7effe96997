"""Array kernels without opinion: what they do depends on nothing but their arguments."""

from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.types import Size

Filter: TypeAlias = Literal["box", "bilinear", "bicubic"]
Pixel = TypeVar("Pixel", np.uint8, np.float32)

_FILTERS = {
    "box": PillowImage.Resampling.BOX,
    "bilinear": PillowImage.Resampling.BILINEAR,
    "bicubic": PillowImage.Resampling.BICUBIC,
}


def resize(array: NDArray[Pixel], size: Size, kernel: Filter) -> NDArray[Pixel]:
    """An (H, W) float32 or (H, W, 3) uint8 array brought to `size`, (height, width).

    Where a side shrinks, the kernel is stretched to cover every source pixel, so nothing aliases. The bicubic kernel
    overshoots at edges: a float32 result may leave the range of its source.
    """
    height, width = size
    if array.shape[:2] == size:
        return array.copy()
    resized = PillowImage.fromarray(array).resize((width, height), _FILTERS[kernel])
    return np.array(resized, dtype=array.dtype)
