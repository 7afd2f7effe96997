"""The outline around the subject: a band of one colour, as on a sticker."""

import math

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import white
from background_remover.arrays.resample import enlarge, shrink
from background_remover.arrays.tiles import STRIP, Part, in_threads, tiles
from background_remover.types import Cutout, Levels

_WIDEST = 32  # pixels of a band at full size; a wider one is computed on a reduced picture


def outline(alpha: Levels, width: float, colour: Levels) -> Cutout:
    """Return a layer of one colour (4 levels) within `width` pixels of the subject of an alpha (H, W): (H, W, 4).

    It goes behind the subject and reaches under its edge; its bit depth is the alpha's. Distances are Euclidean
    (Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", 2012), and start at the edge's position
    within the pixel (Gustavson and Strand, "Anti-aliased Euclidean distance transform", 2011), so that the band's own
    edge is smooth.
    """
    full = white(alpha)
    share = alpha * np.float32(1 / full)
    step = max(1, math.ceil(width / _WIDEST))
    size = alpha.shape[0], alpha.shape[1]
    if step > 1:
        share = shrink(share, (max(1, size[0] // step), max(1, size[1] // step)))
    scale = size[1] / share.shape[1]
    away = _distance(share, width / scale + 1)
    result = np.empty((*size, 4), dtype=alpha.dtype)
    result[..., :3] = colour[:3]

    def fill(part: Part) -> None:
        far = enlarge(away[None], size, *part)[0]
        band = np.clip(width + 0.5 - scale * far, 0, 1)
        result[part][..., 3] = np.rint(band * np.float32(colour[3]))

    in_threads(fill, tiles(size, 256))
    return result


def _distance(share: NDArray[np.float32], most: float) -> NDArray[np.float32]:
    """Return each pixel's distance from the subject's edge, (H, W), negative inside; `most` at the most.

    The candidates are the nearest pixels of the subject in each column within `most` columns.
    """
    gap, beyond = _nearest_in_column(share, math.ceil(most) + 1)
    squares, width = gap * gap, share.shape[1]
    reach = min(math.ceil(most), width - 1)
    result = np.full(share.shape, np.float32(most), dtype=np.float32)

    def fill(part: Part) -> None:
        away, above, start = result[part[0]], squares[part[0]], beyond[part[0]]
        for shift in range(-reach, reach + 1):
            to = slice(max(shift, 0), width + min(shift, 0))
            source = slice(max(-shift, 0), width - max(shift, 0))
            far = np.sqrt(above[:, source] + np.float32(shift**2))
            far -= start[:, source]
            np.minimum(away[:, to], far, out=away[:, to])

    in_threads(fill, tiles((share.shape[0], 1), STRIP))
    return result


def _nearest_in_column(share: NDArray[np.float32], far: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the rows to the nearest pixel of the subject in the column, `far` at most, and its alpha above a half."""
    index = np.arange(len(share))[:, None]
    inside = share >= 0.5
    above = np.maximum.accumulate(np.where(inside, index, -far), axis=0)
    below = np.minimum.accumulate(np.where(inside, index, len(share) + far)[::-1], axis=0)[::-1]
    row = np.where(index - above <= below - index, above, below)
    gap = np.minimum(np.abs(index - row), far).astype(np.float32)
    beyond = np.take_along_axis(share, np.clip(row, 0, len(share) - 1), axis=0) - np.float32(0.5)
    return gap, np.maximum(beyond, 0)
