"""The subject's own colours, without the old background in them."""

import numpy as np

from background_remover.arrays.bit_depth import eight_bits, planes, to_levels, white
from background_remover.arrays.box_filter import box_any, flat_sum, rows_of
from background_remover.arrays.resample import enlarge, enlarge_nearest, enlarged_boxes, shrink, within
from background_remover.arrays.tiles import Part, around, boxes, one_by_one, surrounded
from background_remover.types import Alpha, Colours, Image, Levels, Mask, Planes

# The longest side of each pyramid level, and the rounds of means and fusion there: many where they are cheap, as a
# wide band is filled from its edges by a pixel in each round.
LEVELS = ((32, 10), (64, 10), (128, 4), (256, 4), (512, 2), (1024, 1))
STIFFNESS = 0.02  # the weight of keeping to the means, relative to that of explaining the pixel's own colour
TILE = 128  # the side of the squares in which the picture's own pixels are worked out
CELL = 128  # the side of the squares that each level is worked out in; one fits in a processor's cache
_NONE = 1e-4  # the mean weight below which there is nothing to average


def foreground(image: Colours, alpha: Alpha, reduced: Image | None = None, *, in_place: bool = False) -> Colours:
    """Return the subject's own colours at every pixel: (H, W, 3), from the picture and an alpha (H, W) in [0, 1].

    Pixels of alpha 1 keep their colours, and so do transparent ones away from the subject; all others lose the
    background's share. `reduced` is the picture at the size of the last of `LEVELS`, where the caller has it; with
    `in_place` the picture's own array is changed. Raises `ValueError` at unequal sizes.

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
    means, near = _means(eight_bits(image) if reduced is None else reduced, alpha)
    result = image if in_place else image.copy()

    def fill(tile: Part) -> None:
        share = alpha[tile]
        changed = share < 1
        changed &= enlarge_nearest(near, size, *tile)
        own = _own(image[tile].transpose(2, 0, 1), share, enlarge(means, size, *tile))
        for target, plane in zip(result[tile].transpose(2, 0, 1), own, strict=True):
            np.copyto(target, to_levels(plane, image.dtype), where=changed)

    one_by_one(fill, enlarged_boxes(near, size, TILE))
    return result


def _means(image: Image, alpha: Alpha) -> tuple[Planes, Mask]:
    """Return F' and B' at the last level, (6, h, w) in [0, 1], and where they change a colour, (h, w).

    Away from edges they are 0.
    """
    pyramid = _pyramid(image, alpha)
    means = np.concatenate([planes(pyramid[0][0])] * 2)
    for small, share, rounds in pyramid:
        means, near = _level(small, share, means, rounds)
    near &= box_any(share < 1, 1)
    return means, near


def _level(image: Image, share: Alpha, coarser: Planes, rounds: int) -> tuple[Planes, Mask]:
    """Return F' and B' of a level, (6, h, w), from those of the coarser one, and where there is any subject, (h, w).

    Both only near an edge, and elsewhere 0.
    """
    size, reach = (share.shape[0], share.shape[1]), rounds + 3  # as a pixel here is half of one at the next level
    parts = boxes(box_any(share > 0, reach) & box_any(share < 1, reach), CELL)
    means, near = np.zeros((6, *size), dtype=np.float32), np.zeros(size, dtype=np.bool_)

    def fill(part: Part) -> None:
        outer, _ = around(part, rounds, size)  # a round reaches a pixel further
        seen = surrounded(planes(image[outer]), part, rounds)
        shares = surrounded(np.stack([share[outer], 1 - share[outer]]), part, rounds)
        found, total = _fused(seen, shares, surrounded(enlarge(coarser, size, *outer), part, rounds), rounds)
        inner = part[0].stop - part[0].start, part[1].stop - part[1].start
        means[:, part[0], part[1]] = rows_of(found, inner, seen.shape[2])
        near[part] = rows_of(total, inner, seen.shape[2]) > 9 * _NONE

    one_by_one(fill, parts)
    return means, near


def _pyramid(image: Image, alpha: Alpha) -> list[tuple[Image, Alpha, int]]:
    """Return the picture, its alpha and the rounds of every level, the smallest first, each reduced from the next."""
    levels = []
    for longest, rounds in reversed(LEVELS):
        level = within((alpha.shape[0], alpha.shape[1]), longest)
        image, alpha = image if image.shape[:2] == level else shrink(image, level), shrink(alpha, level)
        levels.append((image, alpha, rounds))
    return levels[::-1]


def _fused(seen: Planes, share: Planes, means: Planes, rounds: int) -> tuple[Planes, Alpha]:
    """Return F' and B' after rounds of fusion and means, (6, M), and the mean share of the subject nearby, (M,).

    `seen` are the colours, (3, H, W), `share` those of subject and background, (2, H, W), both 0 outside the picture,
    and `means` the F' and B' to begin with, (6, H, W). Each round leaves a pixel less on every side, in rows of W.
    """
    width, step = means.shape[2], means.shape[2] + 1  # a pixel less on every side is `step` less at both ends
    seen, share, means = seen.reshape(3, -1), share.reshape(2, 1, -1), means.reshape(2, 3, -1)
    pull = 1 / (share[0] ** 2 + share[1] ** 2 + np.float32(STIFFNESS))
    total = flat_sum(share, 1, width)
    scale = np.divide(1, total, out=np.zeros_like(total), where=total > 9 * _NONE)
    nothing = scale == 0
    lost = seen[:, step:-step] * nothing if nothing.any() else None  # what stands in for a mean of nothing
    for number in range(rounds):
        start, end = number * step, number * step + means.shape[-1]
        part = share[..., start:end] * means
        missing = seen[:, start:end] - part[0]
        missing -= part[1]
        missing *= pull[:, start:end]
        means += np.multiply(share[..., start:end], missing, out=part)
        np.clip(means, 0, 1, out=means)
        means = flat_sum(np.multiply(share[..., start:end], means, out=part), 1, width)
        end = start + means.shape[-1]
        means *= scale[..., start:end]
        if lost is not None:
            means += lost[..., start:end]
    return means.reshape(6, -1), total[0, 0, start:end]


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
