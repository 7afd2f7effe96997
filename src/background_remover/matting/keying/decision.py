"""Deciding between colour and network for a picture on a plain ground, and combining their alphas."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import eight_bits
from background_remover.arrays.box_filter import box_max
from background_remover.arrays.components import regions
from background_remover.arrays.resample import enlarge, shrink, within
from background_remover.arrays.tiles import in_threads, tiles
from background_remover.matting.foreground import foreground
from background_remover.matting.keying.ground import Ground
from background_remover.matting.keying.unmix import Unmixed
from background_remover.types import Alpha, Colours, Mask

Method: TypeAlias = Literal["photo", "product", "graphic"]
"""How an alpha is found: by the network alone, by both, or by colour alone."""

LONGEST = 512  # pixels on the longer side of the picture in which the two are compared
AGREEMENT = 0.9  # the least IoU of colour's and the network's subject
FLAT = 0.85  # the least share of a drawing's inside that is one colour or a gradient
SMALLEST, LARGEST = 0.0005, 0.95  # shares of the picture that a subject found by colour may fill
_BEND = 1  # levels of 255 by which a gradient may differ from a straight one
_NARROW = 0.004  # of the longer side: in strips up to twice as wide, colour is better than the network
_UNKNOWN = 0.15  # the largest mean alpha of a part that the network didn't find


def choose(image: Colours, ground: Ground, found: Unmixed, alpha: Alpha, *, empty: bool) -> Method:
    """Return the best method for a picture (H, W, 3), from what colour found and the network's alpha, (H, W).

    Without a plain ground, or without a subject on it, "photo". A drawing is a "graphic", and so is whatever the
    network finds nothing in (`empty`); a picture in which colour and network agree is a "product".
    """
    if not ground.plain or not SMALLEST < float(np.mean(found.alpha > 0.5)) < LARGEST:
        return "photo"
    if empty or flatness(image, found.alpha) >= FLAT:
        return "graphic"
    size = within((alpha.shape[0], alpha.shape[1]), LONGEST)
    return "product" if _agreement(shrink(found.alpha, size) > 0.5, shrink(alpha, size)) >= AGREEMENT else "photo"


def _agreement(found: Mask, network: Alpha) -> float:
    """Return the IoU of colour's and the network's subject, without the parts that the network decides anyway."""
    settled = (found & ~_unknown_parts(found, network)) | _filled_holes(found, network)
    known = network > 0.5
    either = int(np.count_nonzero(settled | known))
    return int(np.count_nonzero(settled & known)) / max(either, 1)


def flatness(image: Colours, alpha: Alpha) -> float:
    """Return the share of a subject's inside that is one colour or a gradient, in [0, 1].

    Nearly all of a drawing's is, by second differences along rows; photographs and JPEGs have noise.
    """
    levels = eight_bits(image).astype(np.int16)
    bend = np.abs(levels[:, 2:] - 2 * levels[:, 1:-1] + levels[:, :-2]).max(axis=2)
    inside = (alpha[:, 2:] == 1) & (alpha[:, 1:-1] == 1) & (alpha[:, :-2] == 1)
    return float(np.mean(bend[inside] <= _BEND)) if inside.any() else 0.0


def combine(image: Colours, found: Unmixed, alpha: Alpha) -> Unmixed:
    """Return the alpha and colours of a product: the network decides what is subject, colour where its edge is.

    `found` is colour's result for the picture (H, W, 3), `alpha`, (H, W), the network's. Colour's is taken, except for
    parts that only colour finds, holes in which the network finds subject (highlights), and any other difference that
    is no strip along an edge (white cloth before white paper, hard shadows).
    """
    size = alpha.shape[0], alpha.shape[1]
    small = within(size, LONGEST)
    trust = _trust(shrink(found.alpha, small), shrink(alpha, small))
    result = alpha.copy()

    def fill(part: tuple[slice, slice]) -> None:
        weight = enlarge(trust[None], size, *part)[0]
        result[part] += weight * (found.alpha[part] - alpha[part])

    in_threads(fill, tiles(size, 256))
    changed: Mask = np.abs(result - found.alpha) > 1 / 510
    colours = found.colours
    if (changed & (result > 0) & (result < 1)).any():
        colours = np.where(changed[..., None], foreground(image, result), colours)
    return Unmixed(result, colours)


def _trust(colour: Alpha, network: Alpha) -> Alpha:
    """Return the weight of colour's alpha, (h, w): 1, or 0 where the network decides."""
    known = network > 0.5
    found = colour > 0.5
    ruled = _unknown_parts(found, network) | _filled_holes(found, network)
    ruled |= _wide(found != known)
    ruled = box_max(ruled.astype(np.float32), 1) > 0
    return np.asarray(~ruled, dtype=np.float32)


def _means(labels: NDArray[np.int32], count: int, values: Alpha) -> NDArray[np.float64]:
    """Return the mean of values in each part: (count + 1,), the first of them outside."""
    flat = labels.ravel()
    sums = np.bincount(flat, values.ravel(), minlength=count + 1)
    return np.asarray(sums / np.maximum(np.bincount(flat, minlength=count + 1), 1), dtype=np.float64)


def _unknown_parts(found: Mask, network: Alpha) -> Mask:
    """Return the parts that only colour finds: specks, props, hard shadows."""
    labels, count = regions(found)
    unknown = _means(labels, count, network) < _UNKNOWN
    unknown[0] = False
    return np.asarray(unknown[labels], dtype=np.bool_)


def _filled_holes(found: Mask, network: Alpha) -> Mask:
    """Return the parts of the ground's colour inside the subject in which the network finds subject."""
    labels, count = regions(~found)
    filled = _means(labels, count, network) > 0.5
    filled[0] = False
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        filled[side] = False
    return np.asarray(filled[labels], dtype=np.bool_)


def _wide(differ: Mask) -> Mask:
    """Return the regions of difference that are no strips along an edge."""
    radius = max(1, round(_NARROW * max(differ.shape)))
    core = box_max((~differ).astype(np.float32), radius) == 0
    return np.asarray(differ & (box_max(core.astype(np.float32), radius + 1) > 0), dtype=np.bool_)
