"""Error regions: what to add or to remove around a click, from an answer to a crop or from the other clicks."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from background_remover.arrays.box import Box, subject_box
from background_remover.arrays.box_filter import box_any, box_sum
from background_remover.arrays.components import regions
from background_remover.segmentation.click_correction import gap
from background_remover.segmentation.crop_cache import LONGEST, Crops, digest, inner_border, squares, steepness
from background_remover.segmentation.geodesic import distances
from background_remover.segmentation.second_pass import part_of
from background_remover.types import Alpha, Mask

SHARES = 0.3, 0.5  # the sides of the square crops around a click, as shares of the picture's longer side
SIDE = 256  # of a square crop around a click, resized for the network
DETAIL = 3.0  # pixels of the grid: for a smaller gap no crop around the click is worth its time
LEAST = 1.0  # the score from which on a region is taken, of 2 at most
CUT = 1.0  # the penalty for a region, for each side of its area's square that lies along its crop's border
DEEP = 0.05  # of the grid's longer side: a click this far from the border of a region is meant for a subject in it
GRADIENT = 60.0  # the cost of a step beside its length: for each unit of the colours' gradient
BORDER = 4.0  # for each unit of the alpha's gradient
OUTSIDE = 1e3  # the cost of a step outside a region that is split: paths stay in it
GONE = 0.02  # the alpha, at most, of what is split off
CENTRAL = 0.75  # the least centrality of the click in what is split off: people click in the middle of what is wrong
RADIUS = 2  # of a click
EDGE = 4  # pixels of the grid around a region in which its soft edge may lie


class _Region(NamedTuple):
    score: float
    answer: Alpha  # on the grid
    mask: Mask  # where it differs from the alpha, connected, with the click


def with_region(
    crops: Crops, alpha: Alpha, point: tuple[int, int], sign: int, seen: list[Box], others: list[tuple[int, int]]
) -> Alpha:
    """Return the alpha on the grid with the region around a click added (`sign` = 1) or removed (-1).

    `point` is the click in pixels of the picture, `seen` are the boxes of the answers to ask beside those to the whole
    picture and to two squares around the click, and `others`, on the grid, are the clicks of the other kind. An answer
    that agrees with the click differs from the alpha in a connected region that holds it. The region is taken whole,
    with the answer's alpha, where the answer is sure of it, the click is in its middle, as people click, no click of
    the other kind is on it and its crop doesn't cut it off. Without such a region the alpha is returned as it is.
    """
    click = crops.to_grid(*point)
    boxes = [(crops.whole, LONGEST), *((box, SIDE) for box in seen)]
    if gap(alpha, click, sign) >= DETAIL:
        boxes += [(crops.around(point, share), SIDE) for share in SHARES]
    key = "regions", digest(alpha), click, sign, tuple(boxes)
    found = crops.cached(key, lambda: list(_regions(crops, alpha, click, sign, boxes)))
    found = [region for region in found if not any(region.mask[other] for other in others)]
    best = max(found, key=lambda region: region.score, default=None)
    if best is None or best.score <= LEAST:
        return alpha
    near = box_any(best.mask, EDGE)
    if sign > 0:
        return np.where(near & ((best.answer <= 0.5) | best.mask), np.maximum(alpha, best.answer), alpha)
    return np.where(near & ((alpha <= 0.5) | best.mask), np.minimum(alpha, best.answer), alpha)


def without_neighbour(crops: Crops, alpha: Alpha, click: tuple[int, int], others: list[tuple[int, int]]) -> Alpha:
    """Return the alpha on the grid without what is nearer to a click than to the `others`, which are of the other kind.

    Two subjects that touch are one connected region. It is split along edges of the picture and where the alpha is
    narrow: each pixel of the region belongs to the nearest click by geodesic distance, as in a watershed from markers.
    The alpha is returned as it is where the click isn't in the middle of what would be lost. A region without any of
    the other clicks is removed whole.
    """
    region = holding(alpha > 0.5, click)
    inside = [other for other in others if region[other]]
    lost = crops.cached(("split", digest(alpha), click, *inside), lambda: _nearest(crops, alpha, region, click, inside))
    if not lost[click] or (inside and _centrality(lost, click) < CENTRAL):
        return alpha
    left = (alpha > 0.5) & ~lost
    return np.where(box_any(lost, EDGE) & ~left, np.minimum(alpha, np.float32(GONE)), alpha)


def _nearest(crops: Crops, alpha: Alpha, region: Mask, click: tuple[int, int], others: list[tuple[int, int]]) -> Mask:
    if not others:
        return region
    inner = 1 + GRADIENT * crops.steepness + BORDER * steepness(alpha[None])
    sources = np.stack([squares(crops.grid, clicks, RADIUS) for clicks in ([click], others)])
    here, there = distances(sources, np.where(region, inner, OUTSIDE).astype(np.float32))
    return np.asarray(region & (here < there))


def holding(mask: Mask, click: tuple[int, int]) -> Mask:
    """Return the region of a mask that holds a click; nothing where the mask doesn't."""
    labels, _ = regions(mask)
    return np.asarray((labels == labels[click]) & mask[click])


def _regions(
    crops: Crops, alpha: Alpha, click: tuple[int, int], sign: int, boxes: list[tuple[Box, int]]
) -> Iterator[_Region]:
    for box, side in boxes:
        answer, crop = crops.answer(box, side), crops.on_grid(box)
        differs = np.zeros(crops.grid, dtype=bool)
        part_of(differs, crop)[:] = part_of((sign * (answer - 0.5) > 0) & (sign * (alpha - 0.5) <= 0), crop)
        if differs[click]:
            mask = holding(differs, click)
            yield _Region(_score(answer, mask, click, crop), answer, mask)


def _score(answer: Alpha, mask: Mask, click: tuple[int, int], crop: Box) -> float:
    sure = float(np.abs(2 * answer[mask] - 1).mean())
    cut = float(inner_border(mask, crop).sum() / np.sqrt(np.count_nonzero(mask)))
    return sure + _centrality(mask, click) - CUT * cut


def _centrality(mask: Mask, click: tuple[int, int]) -> float:
    """Return the side of the largest square in the mask around a click, as a share of the largest one anywhere."""
    box = subject_box(mask.astype(np.float32))
    inner = np.pad(part_of(mask, box), 1)
    rows, columns = np.nonzero(~inner)
    away = np.maximum(np.abs(rows - 1 - click[0] + box.top), np.abs(columns - 1 - click[1] + box.left))
    low, high = 0, min(inner.shape)
    while high - low > 1:
        middle = (low + high) // 2
        fits = box_sum(inner.astype(np.float32), middle).max() == (2 * middle + 1) ** 2
        low, high = (middle, high) if fits else (low, middle)
    return int(away.min()) / (low + 1)
