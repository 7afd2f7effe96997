"""The local linear model of matting: around every pixel alpha is a linear function of the colour, a . I + b.

Functions are (4, H, W), the last channel b. While they are fitted, colours are centred: 0 at mid-grey.
"""

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.banded import Cut
from background_remover.arrays.bit_depth import planes
from background_remover.arrays.resample import enlarge
from background_remover.arrays.tiles import Part
from background_remover.types import Alpha, Image, Mask, Planes


def centred(image: Image) -> Planes:
    """Return a picture's colours in [-0.5, 0.5], channels first: small numbers keep the digits of small variances."""
    return planes(image) - np.float32(0.5)


def of_levels(functions: Planes) -> Planes:
    """Convert functions of centred colours to functions of levels from 0 to 255."""
    result = functions * np.float32(1 / 255)
    result[3] = functions[3] - functions[:3].sum(axis=0) / 2
    return result


def apply(functions: Planes, colours: NDArray[np.float32 | np.uint8]) -> Alpha:
    """Return the alpha of functions (4, H, W) at colours (3, H, W), clipped to [0, 1]."""
    alpha: Alpha = functions[3].copy()
    for slope, colour in zip(functions[:3], colours, strict=True):
        alpha += slope * colour
    np.clip(alpha, 0, 1, out=alpha)
    return alpha


def write(functions: Planes, image: Image, tile: Part, uncertain: Mask, result: Alpha, cut: Cut | None = None) -> None:
    """Write the alpha of functions of levels, (4, h, w), at a tile's uncertain pixels into the result.

    They may be `cut` from those of a whole picture, see `resampled`. The functions are enlarged, not an alpha (He and
    Sun, "Fast Guided Filter", arXiv 1505.00996), so that the detail comes from the picture's own colours.
    """
    enlarged = enlarge(functions, (result.shape[0], result.shape[1]), *tile, cut)
    alpha = apply(enlarged, image[tile].transpose(2, 0, 1))
    np.copyto(result[tile], alpha, where=uncertain)


def solved(xx: Alpha, xy: Alpha, xz: Alpha, yy: Alpha, yz: Alpha, zz: Alpha, right: Planes) -> Planes:
    """Return the solutions of symmetric 3x3 systems, one in each pixel, by elimination.

    The inverse by cofactors costs as much, and in float32 loses the small variances of a flat window.
    """
    y_of_x, z_of_x = xy / xx, xz / xx
    yy, yz, zz = yy - y_of_x * xy, yz - z_of_x * xy, zz - z_of_x * xz
    z_of_y = yz / yy
    first = right[0]
    second = right[1] - y_of_x * first
    third = (right[2] - z_of_x * first - z_of_y * second) / (zz - z_of_y * yz)
    second = second / yy - z_of_y * third
    return np.stack([first / xx - y_of_x * second - z_of_x * third, second, third])
