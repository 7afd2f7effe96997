"""An alpha made elsewhere: a mask, a trimap, or a cutout that was painted on."""

import numpy as np

from background_remover.errors import ImageError
from background_remover.imaging.picture import Picture
from background_remover.types import Alpha, Image, Size

UNKNOWN = 128  # the level of a trimap that says "find it out"
_SLACK = 0.02  # how far two shapes, as ratios, may differ and still be of one picture


def alpha_of(picture: Picture, size: Size, name: str) -> Alpha:
    """What a picture, read from the file `name`, says of one of `size`: (h, w) in [0, 1], at its own size.

    That is its transparency where it has any, or else its grey levels. Raises `ImageError` where it is neither, or
    of another shape than `size`.
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
    """The trimap an alpha is, (h, w) uint8: one whose only levels are 0, 255 and, somewhere, 128; None if it isn't."""
    levels = np.rint(alpha * 255).astype(np.uint8)
    used = np.flatnonzero(np.bincount(levels.ravel(), minlength=256))
    return levels if UNKNOWN in used and set(used.tolist()) <= {0, UNKNOWN, 255} else None
