"""The cast shadow of a photo: the soft shadow of a subject on a plain ground, as how much darker the ground is."""

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import eight_bits, planes
from background_remover.arrays.box_filter import box_max, box_sum
from background_remover.arrays.components import regions
from background_remover.arrays.resample import enlarge, resize, shrink, within
from background_remover.matting.keying.ground import Ground
from background_remover.types import Alpha, Colours, Mask

LONGEST = 512  # pixels on the longer side of the picture in which the shadow is looked for
DARKEST = 0.8  # the largest shade
_TINT = 8 / 255  # the largest difference between channels of the shaded ground
_STEEP = 14 / 255  # the largest difference between neighbours that is no edge
_LEAST = 1 / 255  # the least shade
_REACH = 6  # pixels by which the shadow is extended under an edge


def find_shade(image: Colours, ground: Ground, subject: Alpha | None = None) -> Alpha:
    """Return how much darker the ground is than without the subject: (h, w) in [0, 1], to be enlarged.

    A shadow darkens without a change of hue and without edges, and is connected with the picture's border: that
    distinguishes it from a grey subject. In sRGB as in linear light it multiplies all channels by one number. Where
    `subject`, an alpha of any size, is above one half the shadow is hidden; some pixels under its edge get that of
    their neighbours.
    """
    levels = eight_bits(image)
    size = within((levels.shape[0], levels.shape[1]), LONGEST)
    small = planes(shrink(levels, size))
    behind = np.maximum(enlarge(ground.colours, size, slice(0, size[0]), slice(0, size[1])), np.float32(1 / 255))
    left = small.sum(axis=0) / behind.sum(axis=0)
    tint = np.abs(small - left * behind).max(axis=0)
    spread = _spread(small)
    slack = np.float32(4 * ground.noise)
    smooth = (tint < _TINT + slack) & (spread < _STEEP + slack) & (left > 1 - DARKEST) & (left < 1 + _TINT + slack)
    if subject is not None:
        smooth &= resize(subject, size, "bilinear") < 0.5
    shaded = _touching_border(smooth)
    shade = np.where(shaded & (1 - left > _LEAST + slack), np.clip(1 - left, 0, 1), 0).astype(np.float32)
    return _extended(shade, shaded)


def _spread(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest difference of levels across each pixel, down or along, in any channel: (H, W)."""
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)), mode="edge")
    down = np.abs(padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1])
    along = np.abs(padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2])
    return np.asarray(np.maximum(down, along).max(axis=0), dtype=np.float32)


def _touching_border(mask: Mask) -> Mask:
    """Return the parts of a mask that reach the picture's border."""
    labels, count = regions(mask)
    reached = np.zeros(count + 1, dtype=np.bool_)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        reached[side] = True
    reached[0] = False
    return np.asarray(reached[labels], dtype=np.bool_)


def _extended(shade: Alpha, known: Mask) -> Alpha:
    """Return the shade extended by some pixels where it is unknown, by the mean of its known neighbours."""
    known = box_max((~known).astype(np.float32), 1) == 0  # beside an edge the subject's colours are mixed in
    weight = known.astype(np.float32)
    result = shade * weight
    for _ in range(_REACH):
        count = box_sum(weight, 1)
        fresh = (weight == 0) & (count > 0)
        result = np.where(fresh, box_sum(result * weight, 1) / np.maximum(count, 1), result)
        weight = np.where(fresh, 1, weight).astype(np.float32)
    return np.asarray(result, dtype=np.float32)
