"""Pictures put together from colours and an alpha."""

import numpy as np

from background_remover.types import Alpha, Cutout, Image


def cutout(image: Image, alpha: Alpha) -> Cutout:
    """The picture with the alpha as its fourth channel: (H, W, 3) uint8 and (H, W) in [0, 1] give (H, W, 4) uint8.

    The alpha is straight: colours stay as they are, whatever the alpha. Raises `ValueError` at unequal sizes.
    """
    if image.shape[:2] != alpha.shape:
        raise ValueError(f"a picture of {image.shape[:2]} and an alpha of {alpha.shape} don't belong together")
    result = np.empty((*alpha.shape, 4), dtype=np.uint8)
    result[..., :3] = image
    result[..., 3] = levels(alpha)
    return result


def levels(alpha: Alpha) -> Image:
    """An alpha in [0, 1] as the nearest of 256 grey levels: (H, W) uint8."""
    scaled = alpha * 255
    return np.rint(scaled, out=scaled).astype(np.uint8)
