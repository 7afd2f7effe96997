"""Alphas that are a linear function of the colour, another one around every pixel: alpha = a . I + b.

Functions are planes (4, H, W), the last of them b. While they are looked for, colours are centred: 0 at mid-grey.
"""

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import planes
from background_remover.arrays.resample import enlarge
from background_remover.arrays.tiles import Part
from background_remover.types import Alpha, Image, Mask, Planes


def centred(image: Image) -> Planes:
    """A picture's colours as planes in [-0.5, 0.5]: small numbers keep the digits that small variances need."""
    return planes(image) - np.float32(0.5)


def of_levels(functions: Planes) -> Planes:
    """Functions of centred colours as functions of levels from 0 to 255."""
    result = functions * np.float32(1 / 255)
    result[3] = functions[3] - functions[:3].sum(axis=0) / 2
    return result


def apply(functions: Planes, colours: NDArray[np.float32 | np.uint8]) -> Alpha:
    """The alpha that functions (4, H, W) give colours (3, H, W), clipped to [0, 1]."""
    alpha: Alpha = functions[3].copy()
    for slope, colour in zip(functions[:3], colours, strict=True):
        alpha += slope * colour
    np.clip(alpha, 0, 1, out=alpha)
    return alpha


def write(functions: Planes, image: Image, tile: Part, unsure: Mask, result: Alpha) -> None:
    """Writes what functions of levels, (4, h, w), say of a tile's unsure pixels into the result; all else stays.

    The functions are enlarged, not an alpha (He and Sun, "Fast Guided Filter", arXiv 1505.00996): the picture's own
    colours bring their detail with them.
    """
    alpha = apply(enlarge(functions, (result.shape[0], result.shape[1]), *tile), image[tile].transpose(2, 0, 1))
    np.copyto(result[tile], alpha, where=unsure)


def solved(xx: Alpha, xy: Alpha, xz: Alpha, yy: Alpha, yz: Alpha, zz: Alpha, right: Planes) -> Planes:
    """The solutions of symmetric 3x3 systems, one in each pixel, by elimination.

    The inverse from cofactors costs as much and loses in float32 what an even window's small variances say.
    """
    y_of_x, z_of_x = xy / xx, xz / xx
    yy, yz, zz = yy - y_of_x * xy, yz - z_of_x * xy, zz - z_of_x * xz
    z_of_y = yz / yy
    first = right[0]
    second = right[1] - y_of_x * first
    third = (right[2] - z_of_x * first - z_of_y * second) / (zz - z_of_y * yz)
    second = second / yy - z_of_y * third
    return np.stack([first / xx - y_of_x * second - z_of_x * third, second, third])
