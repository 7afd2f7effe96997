"""An alpha given as a picture: a mask, a trimap, or an edited cutout."""

import numpy as np

from background_remover.errors import ImageError
from background_remover.imaging.picture import Picture
from background_remover.types import Alpha, Image, Size

UNKNOWN = 128  # the level of a trimap's unknown pixels
_SLACK = 0.02  # how far the aspect ratios of a mask and its picture may differ


def alpha_of(picture: Picture, size: Size, name: str) -> Alpha:
    """Return the alpha in a picture that was read from the file `name`: (h, w) in [0, 1], at its own size.

    It is the picture's transparency where it has any, or else its grey levels. Raises `ImageError` where it has
    neither, or another aspect ratio than `size`, that of the picture it is for.
    """
    height, width = picture.image.shape[:2]
    if abs(height * size[1] / (width * size[0]) - 1) > _SLACK + 1 / min(height, width):
        raise ImageError(
            f"{name}: a mask of {width}x{height} is of another shape than the picture, {size[1]}x{size[0]}; "
            "give a mask of the picture's own size, upright, or one shrunk from that"
        )
    if picture.opacity is not None:
        return picture.opacity
    levels = picture.image
    if not (np.array_equal(levels[..., 0], levels[..., 1]) and np.array_equal(levels[..., 0], levels[..., 2])):
        raise ImageError(f"{name}: a picture in colour is no mask; give a grey one, or one with transparency")
    return np.asarray(levels[..., 0] / np.float32(255), dtype=np.float32)


def trimap_of(alpha: Alpha) -> Image | None:
    """Return an alpha as a trimap, (h, w) uint8, if its only levels are 0, 255 and, somewhere, 128; else None."""
    levels = np.rint(alpha * 255).astype(np.uint8)
    used = np.flatnonzero(np.bincount(levels.ravel(), minlength=256))
    return levels if UNKNOWN in used and set(used.tolist()) <= {0, UNKNOWN, 255} else None
