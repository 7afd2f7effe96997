"""Prompts: from clicks or a box to the coarse alpha of the subject meant, by the network's answers to crops."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from background_remover.arrays.box import Box, subject_box, widened
from background_remover.arrays.box_filter import box_any
from background_remover.arrays.components import regions
from background_remover.errors import OptionError
from background_remover.segmentation.click_correction import (
    FARTHEST,
    corrected,
    disagrees,
    from_log_odds,
    gap,
    log_odds,
)
from background_remover.segmentation.crop_cache import LONGEST, Crops, inner_border
from background_remover.segmentation.error_regions import DEEP, EDGE, SIDE, holding, with_region, without_neighbour
from background_remover.segmentation.second_pass import part_of
from background_remover.types import Alpha, Mask, Size

Point: TypeAlias = tuple[int, int]
"""(row, column), in pixels."""

SHARES = 0.45, 0.65  # the sides of the square crops around a click, as shares of the picture's longer side
MARGIN = 0.12  # around the subject's box in its second pass, as a share of the box's longer side
LARGEST = 0.75  # of the picture's longer side: a larger box has no second pass
SAME = 0.5  # the least IoU at which the second pass is taken to have found the same subject
BOX_MARGIN = 0.1  # around a box that was given, as a share of its longer side
CUT = 2.0  # the penalty for a candidate if all of its crop's border is subject


@dataclass(frozen=True)
class Prompts:
    """Clicks on the subject, clicks beside it and a box around it, in pixels of the upright picture."""

    points: tuple[Point, ...] = ()
    not_points: tuple[Point, ...] = ()
    box: Box | None = None


class _Candidate(NamedTuple):
    alpha: Alpha  # on the grid
    region: Mask  # the part of it that holds the click
    crop: Box  # of the grid


def choose(crops: Crops, prompts: Prompts) -> Alpha:
    """Return the coarse alpha of the subject meant: (h, w) in [0, 1], at the size of the grid.

    The network runs on the picture and on two square crops around the first click. The connected region of each answer
    that holds the click is a candidate; the best is the one that is most certain, agrees most with the others and isn't
    cut off by its crop. Its box then gets a second pass. No later click chooses anew, so what is right stays. One far
    from its own side adds or removes a subject, found in the same way. Around any other that disagrees a whole region
    is added or removed where an answer to a crop has one (`with_region`). A click deep in what no answer leaves out
    splits the region between itself and the clicks on the subject (`without_neighbour`); the rest is corrected by
    colour and edges. For a box the network runs on it alone. Raises `OptionError` without a prompt, and for one outside
    the picture.
    """
    _check(prompts, crops.size)
    inside = [crops.to_grid(*point) for point in prompts.points]
    outside = [crops.to_grid(*point) for point in prompts.not_points]
    if prompts.box is not None:
        alpha = _of_box(crops, prompts.box)
    elif prompts.points:
        alpha = _of_click(crops, prompts.points[0])
    else:
        alpha = crops.answer(crops.whole, LONGEST)
    for point in prompts.points:
        alpha = _with_click(crops, alpha, point, 1, prompts)
    for point in prompts.not_points:
        alpha = _with_click(crops, alpha, point, -1, prompts)
    return corrected(crops, alpha, inside, outside)


def _with_click(crops: Crops, alpha: Alpha, point: Point, sign: int, prompts: Prompts) -> Alpha:
    """Return the alpha with the subject or the region around a click added (`sign` = 1) or removed (-1)."""
    click, result = crops.to_grid(*point), _by_answers(crops, alpha, point, sign, prompts)
    if sign > 0 or not prompts.points or not disagrees(result, click, sign):
        return result
    if gap(alpha, click, sign) <= DEEP * max(crops.grid):
        return result
    return without_neighbour(crops, alpha, click, [crops.to_grid(*other) for other in prompts.points])


def _by_answers(crops: Crops, alpha: Alpha, point: Point, sign: int, prompts: Prompts) -> Alpha:
    """Return the alpha with what the network's answers have, or haven't, around a click."""
    click = crops.to_grid(*point)
    others = [crops.to_grid(*other) for other in (prompts.not_points if sign > 0 else prompts.points)]
    if sign * (alpha[click] - 0.5) <= 0 and gap(alpha, click, sign) > FARTHEST * max(crops.grid):
        another = _of_click(crops, point)
        is_free = not any(another[other] > 0.5 for other in others)
        if sign > 0 and is_free:
            return np.maximum(alpha, another)
        if sign < 0 and is_free and another[click] > 0.5:
            return np.minimum(alpha, 1 - another)
    if prompts.box is None and disagrees(alpha, click, sign):
        seen = _squares(crops, prompts.points[0]) if prompts.points else []
        return with_region(crops, alpha, point, sign, seen, others)
    return alpha


def _check(prompts: Prompts, size: Size) -> None:
    if not prompts.points and not prompts.not_points and prompts.box is None:
        raise OptionError("no point and no box; give one to choose the subject")
    for row, column in (*prompts.points, *prompts.not_points):
        if not (0 <= row < size[0] and 0 <= column < size[1]):
            raise OptionError(f"the point {column},{row} isn't in the picture of {size[1]}x{size[0]}; give one that is")
    box = prompts.box
    if box is not None and not (0 <= box.top < box.bottom <= size[0] and 0 <= box.left < box.right <= size[1]):
        text = f"{box.left},{box.top},{box.right - box.left},{box.bottom - box.top}"
        raise OptionError(f"the box {text} isn't in the picture of {size[1]}x{size[0]}; give one that is")


def _squares(crops: Crops, point: Point) -> list[Box]:
    return [crops.around(point, share) for share in SHARES]


def _of_click(crops: Crops, point: Point) -> Alpha:
    """Return the alpha of the subject around a click alone."""
    return crops.cached(("subject", point), lambda: _found(crops, point))


def _found(crops: Crops, point: Point) -> Alpha:
    click, candidates = crops.to_grid(*point), []
    for box, side in [(crops.whole, LONGEST), *((box, SIDE) for box in _squares(crops, point))]:
        alpha = crops.answer(box, side)
        candidates.append(_Candidate(alpha, holding(alpha > 0.5, click), crops.on_grid(box)))
    best = max(candidates, key=lambda candidate: _score(candidate, candidates))
    return _isolated(*_second_pass(crops, best, click))


def _score(one: _Candidate, candidates: list[_Candidate]) -> float:
    if not one.region.any():
        return 0.0
    alike = [_iou(one.region, other.region) for other in candidates if other is not one]
    border = inner_border(one.alpha, one.crop)
    cut = float(border.mean()) if len(border) else 0.0
    return 1 + float(one.alpha[one.region].mean()) + float(np.mean(alike)) - CUT * cut


def _second_pass(crops: Crops, best: _Candidate, click: Point) -> tuple[Alpha, Mask]:
    """Return the candidate's alpha and region, improved by a second pass on the region's box where that agrees."""
    alpha, region, _ = best
    if not region.any():
        return alpha, region
    box = crops.from_grid(subject_box(region.astype(np.float32)))
    box = widened(box, MARGIN * max(box.size), crops.size)
    if max(box.size) > LARGEST * max(crops.size):
        return alpha, region
    again = crops.answer(box, LONGEST)
    seen = holding(again > 0.5, click)
    if _iou(region, seen) < SAME:
        return alpha, region
    alpha, inner = alpha.copy(), crops.on_grid(box)
    target = part_of(alpha, inner)
    mean = (log_odds(target) + 2 * log_odds(part_of(again, inner))) / 3
    target[:] = from_log_odds(mean.astype(np.float32))
    found = holding(alpha > 0.5, click)
    return (alpha, found) if _iou(region, found) >= SAME else best[:2]


def _isolated(alpha: Alpha, region: Mask) -> Alpha:
    """Return the alpha of one region, with its soft edge, and 0 elsewhere."""
    return np.where(box_any(region, EDGE) & ~((alpha > 0.5) & ~region), alpha, np.float32(0))


def _of_box(crops: Crops, box: Box) -> Alpha:
    """Return the alpha of what lies in a box, without regions that mostly lie outside."""
    alpha = crops.answer(widened(box, BOX_MARGIN * max(box.size), crops.size), LONGEST)
    within_box = np.zeros(crops.grid, dtype=bool)
    part_of(within_box, crops.on_grid(box))[:] = True
    labels, count = regions(alpha > 0.5)
    whole = np.bincount(labels.ravel(), minlength=count + 1)
    kept = np.bincount(labels[within_box], minlength=count + 1)
    return np.where(within_box & (2 * kept >= whole)[labels], alpha, np.float32(0))


def _iou(one: Mask, other: Mask) -> float:
    union = int(np.count_nonzero(one | other))
    return int(np.count_nonzero(one & other)) / union if union else 0.0
