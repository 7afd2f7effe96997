"""Where the network looks a second time, closer, and how its two answers become one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.box import Box, subject_box, widened
from background_remover.arrays.resample import Kind
from background_remover.arrays.tiles import Part, in_threads, tiles
from background_remover.types import Alpha, Size

SUBJECT = 0.2  # an alpha of at least so much is in the box: a tail that is doubtful would be cut off by less of it
MARGIN = (
    0.1  # around the subject's box, as a share of its longer side: the network wants to see what it stands out from
)
SMALL = 0.7  # of the picture's longer side: a box with its margin that is longer gains as often as it loses
TILE = 256  # the side of the squares in which two alphas are blended


@dataclass(frozen=True)
class SecondPass:
    """What a network says of a part of a picture: the part, and its coarse alpha (h, w)."""

    box: Box
    alpha: Alpha


def crop_for(coarse: Alpha, size: Size) -> Box | None:
    """The part of a picture of `size` that is worth a second look, from the first one's alpha (h, w).

    None where there is no subject, or one that fills the picture already.
    """
    if coarse.max() < SUBJECT:
        return None
    small = subject_box(coarse, SUBJECT)
    down, along = size[0] / coarse.shape[0], size[1] / coarse.shape[1]
    box = Box(int(small.top * down), int(small.left * along), round(small.bottom * down), round(small.right * along))
    box = widened(box, MARGIN * max(box.size), size)
    return box if max(box.size) <= SMALL * max(size) and min(box.size) > 0 else None


def part_of(array: NDArray[Kind], box: Box) -> NDArray[Kind]:
    """What lies in the box, of an array (H, W) or (H, W, C): a view, no copy."""
    return array[box.top : box.bottom, box.left : box.right]


def blend(alpha: Alpha, again: Alpha, box: Box) -> None:
    """Writes the second look's alpha, of the box's size, into the first one's, (H, W).

    It fades in over the margin, but where the box ends with the picture, so that neither answer's edge shows.
    """
    size = box.size
    ramp = MARGIN / (1 + 2 * MARGIN) * max(size)
    down = _fading(size[0], ramp, box.top > 0, box.bottom < alpha.shape[0])[:, None]
    along = _fading(size[1], ramp, box.left > 0, box.right < alpha.shape[1])
    target = part_of(alpha, box)

    def mix(tile: Part) -> None:
        weight = np.minimum(down[tile[0]], along[tile[1]])
        target[tile] *= 1 - weight
        target[tile] += again[tile] * weight

    in_threads(mix, tiles(size, TILE))


def _fading(length: int, ramp: float, first: bool, last: bool) -> Alpha:
    """The weights along one side: 1, but for those that rise from 0 at the first end, the last, or both."""
    places = np.arange(length, dtype=np.float32) + np.float32(0.5)
    weights = np.ones(length, dtype=np.float32)
    if first:
        weights = np.minimum(weights, places / np.float32(ramp))
    if last:
        weights = np.minimum(weights, (length - places) / np.float32(ramp))
    return weights.astype(np.float32)
