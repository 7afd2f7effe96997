"""The second pass: the network is run again on a crop around the subject, flipped, and its alpha is blended in.

The crop around a small subject shows more detail than the first pass saw, so its alpha replaces the first one there.
Around a large subject it shows about the same detail: the mean of both alphas is less often wrong than either
(test-time augmentation), especially as one view is the mirror image of the other.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.box import Box, subject_box, widened
from background_remover.arrays.resample import Kind, resize
from background_remover.arrays.tiles import Part, in_threads, tiles
from background_remover.types import Alpha, Size

SUBJECT = 0.2  # the box holds every alpha from this on: a higher limit would cut off an uncertain tail
MARGIN = 0.1  # around the subject's box, as a share of its longer side: the network needs some background
SMALL = 0.7  # of the picture's longer side: the alpha of a larger crop is no better than the first one
ENLARGED = 1.5  # the factor of enlargement in the first pass from which a crop shows no new detail
TILE = 256  # the side of the squares in which two alphas are blended


class SecondPass(NamedTuple):
    """A crop of a picture, and its coarse alpha (h, w)."""

    box: Box
    alpha: Alpha


def crop_for(coarse: Alpha, size: Size) -> Box | None:
    """Return the crop of a picture of `size` for a second pass, from the first pass's alpha (h, w).

    It is the whole picture where the subject fills it, or where the first pass enlarged it (`ENLARGED`); None where
    there is no subject.
    """
    if coarse.max() < SUBJECT:
        return None
    whole = Box(0, 0, *size)
    if max(coarse.shape) >= ENLARGED * max(size):
        return whole
    small = subject_box(coarse, SUBJECT)
    down, along = size[0] / coarse.shape[0], size[1] / coarse.shape[1]
    box = Box(int(small.top * down), int(small.left * along), round(small.bottom * down), round(small.right * along))
    box = widened(box, MARGIN * max(box.size), size)
    return box if min(box.size) > 0 else whole


def is_small(box: Box, size: Size) -> bool:
    """Return whether the subject in a crop of a picture of `size` counts as small."""
    return max(box.size) <= SMALL * max(size)


def averaged(first: Alpha, second: Alpha, box: Box, size: Size) -> Alpha:
    """Return the mean of two coarse alphas: of a picture of `size`, (h, w), and of its crop `box`, (h', w').

    It has the first one's size. Outside the crop it is the first one, with no seam at the crop's border.
    """
    (height, width), (rows, columns) = first.shape, box.size
    inside = Box(  # whole pixels of `first`
        -(-box.top * height // size[0]),
        -(-box.left * width // size[1]),
        box.bottom * height // size[0],
        box.right * width // size[1],
    )
    down, along = second.shape[0] / rows, second.shape[1] / columns
    part = (
        (inside.left * size[1] / width - box.left) * along,
        (inside.top * size[0] / height - box.top) * down,
        (inside.right * size[1] / width - box.left) * along,
        (inside.bottom * size[0] / height - box.top) * down,
    )
    result, mean = first.copy(), resize(second, inside.size, "bilinear", part=part)
    mean += part_of(first, inside)
    mean /= 2
    blend(result, mean, inside)
    return result


def part_of(array: NDArray[Kind], box: Box) -> NDArray[Kind]:
    """Return the part of an array, (H, W) or (H, W, C), in the box: a view, no copy."""
    return array[box.top : box.bottom, box.left : box.right]


def blend(alpha: Alpha, second: Alpha, box: Box) -> None:
    """Blend the second pass's alpha, of the box's size, into the first one's, (H, W), in place.

    Its weight rises over the margin, except at the picture's own border, so that no seam shows.
    """
    size = box.size
    ramp = MARGIN / (1 + 2 * MARGIN) * max(size)
    down = _ramp_weights(size[0], ramp, box.top > 0, box.bottom < alpha.shape[0])[:, None]
    along = _ramp_weights(size[1], ramp, box.left > 0, box.right < alpha.shape[1])
    target = part_of(alpha, box)

    def mix(tile: Part) -> None:
        weight = np.minimum(down[tile[0]], along[tile[1]])
        target[tile] *= 1 - weight
        target[tile] += second[tile] * weight

    in_threads(mix, tiles(size, TILE))


def _ramp_weights(length: int, ramp: float, first: bool, last: bool) -> Alpha:
    """Return the weights along one side: 1, rising from 0 at the first end, the last, or both."""
    places = np.arange(length, dtype=np.float32) + np.float32(0.5)
    weights = np.ones(length, dtype=np.float32)
    if first:
        weights = np.minimum(weights, places / np.float32(ramp))
    if last:
        weights = np.minimum(weights, (length - places) / np.float32(ramp))
    return weights.astype(np.float32)
