"""The subject's own colours, without the old background in them."""

import numpy as np

from background_remover.arrays.bit_depth import eight_bits, planes, to_levels, white
from background_remover.arrays.box_filter import box_sum
from background_remover.arrays.resample import enlarge, enlarge_nearest, shrink, source_part, within
from background_remover.arrays.tiles import Part, around, in_threads, tiles
from background_remover.types import Alpha, Colours, Image, Levels, Mask, Planes

# The longest side of each pyramid level, and the rounds of means and fusion there: many where they are cheap, as a
# wide band is filled from its edges by a pixel in each round.
LEVELS = ((32, 10), (64, 10), (128, 4), (256, 4), (512, 2), (1024, 1))
STIFFNESS = 0.02  # the weight of keeping to the means, relative to that of explaining the pixel's own colour
TILE = 128  # the side of the squares in which the picture's own pixels are worked out
CELL = 128  # the side of the squares that each level is worked out in; one fits in a processor's cache
_NONE = 1e-4  # the mean weight below which there is nothing to average


def foreground(image: Colours, alpha: Alpha) -> Colours:
    """Return the subject's own colours at every pixel: (H, W, 3), from the picture and an alpha (H, W) in [0, 1].

    Pixels of alpha 1 keep their colours, and so do transparent ones away from the subject; all others lose the
    background's share. Raises `ValueError` at unequal sizes.

    It is blur fusion (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021) from coarse to fine, as
    Germer et al. do with another estimate (arXiv 2006.14970). F' and B' are the means of the subject's and the
    background's colours around a pixel of colour I, weighted by alpha and 1 - alpha. Of all F and B this one pixel
    takes those which minimise

        |alpha F + (1 - alpha) B - I|^2 + STIFFNESS (|F - F'|^2 + |B - B'|^2).

    The next means are taken of these. Forte's two passes have large squares instead of levels, leave B at its mean,
    and lack the minimum's denominator. The pyramid ends at 1024 pixels: the means are smooth, so that at the picture's
    own size only the minimum is left to be computed, in tiles and where it changes anything. For the means 8 bits are
    enough.
    """
    if image.shape[:2] != alpha.shape:
        raise ValueError(f"a picture of {image.shape[:2]} and an alpha of {alpha.shape} don't belong together")
    size = alpha.shape[0], alpha.shape[1]
    means, near = _means(eight_bits(image), alpha)
    result = np.empty_like(image)

    def fill(tile: Part) -> None:
        result[tile] = image[tile]
        if not source_part(near, size, *tile).any():
            return
        share = alpha[tile]
        changed = share < 1
        if changed.any():
            changed &= enlarge_nearest(near, size, *tile)
        if changed.any():
            own = _own(image[tile].transpose(2, 0, 1), share, enlarge(means, size, *tile))
            for target, plane in zip(result[tile].transpose(2, 0, 1), own, strict=True):
                np.copyto(target, to_levels(plane, image.dtype), where=changed)

    in_threads(fill, tiles(size, TILE))
    return result


def _means(image: Image, alpha: Alpha) -> tuple[Planes, Mask]:
    """Return F' and B' at the last level, (6, h, w) in [0, 1], and where there is any subject nearby, (h, w)."""
    pyramid = _pyramid(image, alpha)
    means = np.concatenate([planes(pyramid[0][0])] * 2)
    for small, share, rounds in pyramid:
        means, near = _level(small, share, means, rounds)
    return means, near


def _level(image: Image, share: Alpha, coarser: Planes, rounds: int) -> tuple[Planes, Mask]:
    """Return F' and B' of a level, (6, h, w), from those of the coarser one, and where there is any subject, (h, w)."""
    size = share.shape[0], share.shape[1]
    means, near = np.empty((6, *size), dtype=np.float32), np.zeros(size, dtype=np.bool_)

    def fill(cell: Part) -> None:
        # A round reaches a pixel further; with two more, no half-transparent pixel depends on a cell skipped below.
        outer, inner = around(cell, rounds + 2, size)
        seen, part = planes(image[outer]), share[outer]
        target, within_it = means[:, cell[0], cell[1]], (slice(None), *inner)
        if part.min() == part.max() in (0, 1):
            target[:3] = target[3:] = seen[within_it]
            near[cell] = part.max() == 1
            return
        own, behind = np.split(enlarge(coarser, size, *outer), 2)
        for _ in range(rounds):
            own, behind = _fuse(seen, part, own, behind)
            own, found = _mean(own, part, seen)
            behind, _ = _mean(behind, 1 - part, seen)
        target[:3], target[3:], near[cell] = own[within_it], behind[within_it], found[inner]

    in_threads(fill, tiles(size, CELL))
    return means, near


def _pyramid(image: Image, alpha: Alpha) -> list[tuple[Image, Alpha, int]]:
    """Return the picture, its alpha and the rounds of every level, the smallest first, each reduced from the next."""
    levels = []
    for longest, rounds in reversed(LEVELS):
        level = within((alpha.shape[0], alpha.shape[1]), longest)
        image, alpha = shrink(image, level), shrink(alpha, level)
        levels.append((image, alpha, rounds))
    return levels[::-1]


def _fuse(seen: Planes, share: Alpha, own: Planes, behind: Planes) -> tuple[Planes, Planes]:
    """Return F and B at the minimum, three channels each, from I, alpha, F' and B'; any shape after the channels."""
    rest = 1 - share
    missing = seen - share * own
    missing -= rest * behind
    missing /= share**2 + rest**2 + np.float32(STIFFNESS)
    own, behind = own + share * missing, behind + rest * missing
    return np.clip(own, 0, 1, out=own), np.clip(behind, 0, 1, out=behind)


def _own(levels: Levels, share: Alpha, means: Planes) -> list[Alpha]:
    """Return F alone at the minimum, channel by channel, from a picture's levels, alpha, and F' and B' in one array."""
    rest = 1 - share
    pull = share / (share**2 + rest**2 + np.float32(STIFFNESS))
    scale = pull * np.float32(1 / white(levels))
    keep, give = 1 - pull * share, pull * rest
    result = []
    for level, own, behind in zip(levels, means[:3], means[3:], strict=True):
        own *= keep
        behind *= give
        own -= behind
        own += scale * level
        result.append(np.clip(own, 0, 1, out=own))
    return result


def _mean(colours: Planes, weight: Alpha, otherwise: Planes) -> tuple[Planes, Mask]:
    """Return the weighted mean colour over 3x3 pixels, `otherwise` at a weight of 0, and a mask of any weight."""
    sums = box_sum(np.concatenate([colours * weight, weight[None]]), 1)
    found = sums[3] > 9 * _NONE
    mean = np.divide(sums[:3], sums[3], out=otherwise.copy(), where=found)
    return mean, found
