"""The subject's own colours, without the old background in them."""

from typing import NamedTuple

import numpy as np

from background_remover.arrays.banded import Cut
from background_remover.arrays.bit_depth import eight_bits, planes, to_levels, white
from background_remover.arrays.box_filter import box_any, flat_sum, rows_of
from background_remover.arrays.resample import enlarge, enlarge_nearest, enlarged_boxes, shrink, within
from background_remover.arrays.tiles import (
    Part,
    around,
    boxes,
    counterpart,
    extent,
    inside,
    moved,
    one_by_one,
    surrounded,
)
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
    found = _means(eight_bits(image) if reduced is None else reduced, alpha)
    result = image if in_place else image.copy()
    if found is None:
        return result
    near = np.zeros(found.cut.size, dtype=np.bool_)
    near[found.cut.part] = found.near

    def fill(tile: Part) -> None:
        share = alpha[tile]
        changed = share < 1
        changed &= enlarge_nearest(near, size, *tile)
        own = _own(image[tile].transpose(2, 0, 1), share, enlarge(found.means, size, *tile, found.cut))
        for target, plane in zip(result[tile].transpose(2, 0, 1), own, strict=True):
            np.copyto(target, to_levels(plane, image.dtype), where=changed)

    one_by_one(fill, enlarged_boxes(near, size, TILE))
    return result


class _Level(NamedTuple):
    """F' and B' of a part of a level, (6, h, w) in [0, 1], and where any subject is near, (h, w).

    Both only near an edge, and elsewhere 0, as they are outside that part.
    """

    cut: Cut
    means: Planes
    near: Mask


def _means(image: Image, alpha: Alpha) -> _Level | None:
    """Return the last level, near where a colour changes; None where none does."""
    pyramid = _pyramid(image, alpha)
    size = pyramid[0][1].shape[0], pyramid[0][1].shape[1]
    means = np.concatenate([planes(pyramid[0][0])] * 2)
    level = _Level(Cut(size, (slice(0, size[0]), slice(0, size[1]))), means, np.ones(size, dtype=np.bool_))
    planned = _planned([(share, rounds) for _, share, rounds in pyramid])
    if planned is None:
        return None
    for (small, share, rounds), (part, edges) in zip(pyramid, planned, strict=True):
        level = _level(small, share, level, rounds, part, edges)
    level.near[:] &= box_any(share[part] < 1, 1)
    return level


def _planned(levels: list[tuple[Alpha, int]]) -> list[tuple[Part, list[Part]]] | None:
    """Return of each level the part that is needed, and the parts near an edge; None where the last has no edge.

    Given are the alpha of each, the smallest first, and the rounds. What a level needs of the coarser one is around
    its own edges.
    """
    found: list[tuple[Part, list[Part]]] = []
    needed: list[Part] = []  # of this level, by the next one
    for number, (share, rounds) in reversed(list(enumerate(levels))):
        size, edges = (share.shape[0], share.shape[1]), _edges(share, rounds + 3)  # a pixel is half of one of the next
        if not edges and not needed:
            return None
        whole = _joined([*needed, *(around(part, 2, size)[0] for part in edges)])  # 2, as the picture is interpolated
        found.append((whole, edges))
        if number:
            coarser = levels[number - 1][0]
            reached = [around(part, rounds, size)[0] for part in edges] or [whole]
            needed = [counterpart(_joined(reached), size, (coarser.shape[0], coarser.shape[1]))]
    return found[::-1]


def _edges(share: Alpha, reach: int) -> list[Part]:
    """Return parts of at most `CELL` pixels a side with all that is so near both subject and background."""
    subject = extent(share > 0)
    if subject is None:
        return []
    wide, _ = around(subject, reach, (share.shape[0], share.shape[1]))
    top, left = (side.start // CELL * CELL for side in wide)  # so that the squares are those of the whole
    inner = share[top : wide[0].stop, left : wide[1].stop]
    mask = box_any(inner > 0, reach) & box_any(inner < 1, reach)
    return [(moved(rows, top), moved(columns, left)) for rows, columns in boxes(mask, CELL)]


def _joined(parts: list[Part]) -> Part:
    """Return the least part with all of these in it."""
    rows, columns = (
        slice(min(part[side].start for part in parts), max(part[side].stop for part in parts)) for side in (0, 1)
    )
    return rows, columns


def _level(image: Image, share: Alpha, coarser: _Level, rounds: int, whole: Part, edges: list[Part]) -> _Level:
    """Return a part of a level from the coarser one."""
    size = share.shape[0], share.shape[1]
    shape = whole[0].stop - whole[0].start, whole[1].stop - whole[1].start
    means, near = np.zeros((6, *shape), dtype=np.float32), np.zeros(shape, dtype=np.bool_)

    def fill(part: Part) -> None:
        outer, _ = around(part, rounds, size)  # a round reaches a pixel further
        seen = surrounded(planes(image[outer]), part, rounds)
        shares = surrounded(np.stack([share[outer], 1 - share[outer]]), part, rounds)
        begun = enlarge(coarser.means, size, *outer, coarser.cut)
        found, total = _fused(seen, shares, surrounded(begun, part, rounds), rounds)
        inner = part[0].stop - part[0].start, part[1].stop - part[1].start
        rows, columns = inside(part, whole)
        means[:, rows, columns] = rows_of(found, inner, seen.shape[2])
        near[rows, columns] = rows_of(total, inner, seen.shape[2]) > 9 * _NONE

    one_by_one(fill, edges)
    return _Level(Cut(size, whole), means, near)


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
