"""Black shadows as layers: the drop shadow of a cutout, and the cast shadow that a photo already has."""

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import to_levels, white
from background_remover.arrays.gaussian import gaussian
from background_remover.arrays.resample import enlarge
from background_remover.arrays.tiles import STRIP
from background_remover.types import Alpha, Cutout, Levels

_TIE = np.float32(
    2**-10
)  # of a level: in a uniform area halves are all rounded up, whatever the rounding errors of single pixels


def drop_shadow(alpha: Levels, offset: tuple[float, float], radius: float, opacity: float) -> Cutout:
    """Return the black drop shadow of an alpha (H, W): (H, W, 4) in the alpha's bit depth.

    It is moved by `offset` pixels (right, down), blurred by a Gaussian with a standard deviation of `radius` pixels,
    and multiplied by `opacity` in [0, 1].
    """
    right, down = round(offset[0]), round(offset[1])
    height, width = alpha.shape
    moved = np.zeros_like(alpha)
    rows, columns = _overlap(height, down), _overlap(width, right)
    moved[rows[0], columns[0]] = alpha[rows[1], columns[1]]
    result = np.zeros((height, width, 4), dtype=alpha.dtype)

    def write(strip: slice, blurred: NDArray[np.float32]) -> None:
        blurred *= np.float32(opacity)
        blurred += _TIE
        result[strip, :, 3] = np.rint(np.clip(blurred, 0, white(alpha), out=blurred), out=blurred)

    gaussian(moved, radius, write)
    return result


def cast_shadow(shade: Alpha, like: Cutout) -> Cutout:
    """Return a black layer whose opacity is `shade`, (h, w) in [0, 1], enlarged to `like`: its size and bit depth."""
    size = like.shape[0], like.shape[1]
    result = np.zeros_like(like)
    for start in range(0, size[0], STRIP):
        rows = slice(start, min(start + STRIP, size[0]))
        result[rows, :, 3] = to_levels(enlarge(shade[None], size, rows, slice(0, size[1]))[0], like.dtype)
    return result


def _overlap(length: int, shift: int) -> tuple[slice, slice]:
    """Return, for one side moved by `shift` pixels, where the part that stays inside goes and where it comes from."""
    shift = max(-length, min(shift, length))
    return slice(max(shift, 0), length + min(shift, 0)), slice(max(-shift, 0), length - max(shift, 0))
