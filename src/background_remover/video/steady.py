"""Steady alphas: of each frame the pass that agrees with its neighbours, and the mean over one frame either side."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor
from statistics import fmean, median
from typing import TypeVar

import numpy as np
from PIL import Image as PillowImage

from background_remover.arrays.box import Box
from background_remover.arrays.resample import resize, within
from background_remover.matting.sharpen import sharpen_uncertain
from background_remover.pipeline.passes import Passes
from background_remover.segmentation.preprocessing import fit_image
from background_remover.segmentation.second_pass import SecondPass, blend
from background_remover.types import Alpha, Image, Size
from background_remover.video.optical_flow import Flow, flow_between

COMPARED, AVERAGED = 2, 1  # frames either side that a second pass is compared with, and that the mean is over
REACH = COMPARED + AVERAGED  # frames either side that a frame's alpha depends on
GRID, SHARE = 640, 0.75  # the longest side of the coarse alpha that is averaged, and the most of the frame's own
THRESHOLD = 0.07  # the most growth and instability of a second pass that isn't rejected
INSTABILITY = 0.5  # the weight of instability beside growth
SAME_SHOT = 0.1  # the least mean weight of the flow to a frame of the same shot

Item = TypeVar("Item")
Flows = dict[int, Flow]
"""The flows from a frame to its neighbours, by how many frames later each is."""


@dataclass(frozen=True, eq=False)
class FramePasses:
    """A frame of `size` as the network sees it, (h, w, 3), its passes, and the coarse alphas of the first and of both.

    `first` and `both`, sharpened, are of the network's size; `coarse`, of both passes, is of the size of the mean.
    """

    size: Size
    guide: Image
    passes: Passes
    first: Alpha
    both: Alpha
    coarse: Alpha

    @property
    def growth(self) -> float:
        """How much more subject both passes find than the first, in [-1, 1]: the share of the sum of both."""
        one, two = float(self.first.sum()), float(self.both.sum())
        return (two - one) / (two + one) if two + one else 0.0


@dataclass(frozen=True, eq=False)
class CoarseFrame:
    """A frame's size, what the network sees of it, the first pass's answer, and the coarse alpha of all that is kept.

    `flows` holds what is known of the flows to its neighbours.
    """

    size: Size
    guide: Image
    first: Alpha
    coarse: Alpha
    flows: Flows


Compared = TypeVar("Compared", FramePasses, CoarseFrame)


def frame_passes(image: Image, passes: Passes, size: Size) -> FramePasses:
    """Return a frame of `size` and the network's answers to it, as they are compared with those of its neighbours.

    `image`, (h, w, 3), is the frame as it was given to the network, perhaps reduced.
    """
    seen, small = (image.shape[0], image.shape[1]), (passes.first.shape[0], passes.first.shape[1])
    sharp, second = sharpen_uncertain(passes.first), passes.second
    both = sharp
    if second is not None:
        both = _blended(sharp, SecondPass(second.box, sharpen_uncertain(second.alpha)), seen, small)
    grid = within(size, max(*small, min(GRID, round(SHARE * max(size)))))
    coarse = _blended(passes.first, second, seen, grid)
    guide = fit_image(image, small) if passes.seen is None else passes.seen
    return FramePasses(size, guide, passes, sharp, both, coarse)


def steadied(frames: Iterable[FramePasses]) -> Iterator[Passes]:
    """Yield, for each frame of a video, the passes of which its steady cut is made; three frames are read ahead."""
    kept = (_without_rejected(window, place) for window, place in windows(frames, COMPARED))
    for window, place in windows(kept, AVERAGED):
        own = window[place]
        yield Passes(own.first, SecondPass(Box(0, 0, *own.size), mean(window, place)))


def windows(items: Iterable[Item], reach: int) -> Iterator[tuple[list[Item], int]]:
    """Yield, for each item, a list of it and of up to `reach` items before and after it, and its place in that."""
    held: deque[Item] = deque()
    place = 0
    for item in items:
        held.append(item)
        if len(held) > place + reach:
            yield list(held), place
            place = _next(held, place, reach)
    while place < len(held):
        yield list(held), place
        place = _next(held, place, reach)


def _next(held: deque[Item], place: int, reach: int) -> int:
    if place < reach:
        return place + 1
    held.popleft()
    return place


def is_rejected(window: list[FramePasses], place: int, flows: Flows) -> bool:
    """Return whether the second pass of a frame is rejected, as inconsistent with its neighbours.

    It is where both passes find more subject than the first one, in most frames of the window, and where they are less
    like their warped neighbours than the first pass is like its own. A crop shows less of what is around, so
    what the second pass adds is more often background than what it takes away is subject. The flows that it computes
    are added to `flows`.
    """
    own = window[place]
    growths, excess = [own.growth], []
    for other, flow in _neighbours(window, place, flows):
        growths.append(other.growth)
        unlike = _difference(own.both, flow.warp(other.both), flow.weight)
        excess.append(unlike - _difference(own.first, flow.warp(other.first), flow.weight))
    return median(growths) + INSTABILITY * (fmean(excess) if excess else 0.0) > THRESHOLD


def _without_rejected(window: list[FramePasses], place: int) -> CoarseFrame:
    own = window[place]
    first = own.passes.first
    flows: Flows = {}
    rejected = own.passes.second is not None and is_rejected(window, place, flows)
    grid = own.coarse.shape[0], own.coarse.shape[1]
    coarse = _blended(first, None, own.size, grid) if rejected else own.coarse
    return CoarseFrame(own.size, own.guide, first, coarse, flows)


def _neighbours(window: list[FramePasses], place: int, flows: Flows) -> Iterator[tuple[FramePasses, Flow]]:
    """Yield the other frames of the same shot, each with the flow to it."""
    return ((other, flow) for other, flow in _flows(window, place, flows) if flow.weight.mean() > SAME_SHOT)


def _flows(window: list[Compared], place: int, flows: Flows) -> Iterator[tuple[Compared, Flow]]:
    """Yield the other frames of the same size, each with the flow to it, which is computed where `flows` lacks it."""
    own = window[place]
    for number, other in enumerate(window):
        if number == place or other.guide.shape != own.guide.shape:
            continue
        if number - place not in flows:
            flows[number - place] = flow_between(own.guide, other.guide)
        yield other, flows[number - place]


def _difference(alpha: Alpha, other: Alpha, weight: Alpha) -> float:
    """Return 1 less the soft, weighted IoU of two alphas, (h, w) each."""
    common = float((weight * np.minimum(alpha, other)).sum())
    return 1 - (common + 1) / (float((weight * np.maximum(alpha, other)).sum()) + 1)


def mean(window: list[CoarseFrame], place: int) -> Alpha:
    """Return the mean of a frame's coarse alpha and of its neighbours', warped to it, by how well colours match."""
    own = window[place]
    size = own.coarse.shape[0], own.coarse.shape[1]
    total, weights = own.coarse.copy(), np.ones(size, dtype=np.float32)
    for other, small in _flows(window, place, own.flows):
        flow = small.enlarged(size)
        total += flow.weight * flow.warp(other.coarse)
        weights += flow.weight
    return total / weights


def _blended(first: Alpha, second: SecondPass | None, size: Size, grid: Size) -> Alpha:
    """Return the coarse alpha of both passes of a frame of `size`, at the size `grid`."""
    alpha = np.clip(resize(first, grid, "bicubic"), 0, 1)
    if second is None:
        return alpha
    crop, down, along = second.box, grid[0] / size[0], grid[1] / size[1]
    box = Box(ceil(crop.top * down), ceil(crop.left * along), floor(crop.bottom * down), floor(crop.right * along))
    if min(box.size) > 0:
        blend(alpha, _resampled(second, box, (down, along)), box)
    return alpha


def _resampled(second: SecondPass, box: Box, scale: tuple[float, float]) -> Alpha:
    """Return a second pass's alpha in a box of a picture that is scaled down and along: exactly there, not nearly."""
    crop, alpha = second.box, PillowImage.fromarray(second.alpha)
    rows = [(edge / scale[0] - crop.top) / crop.size[0] * alpha.height for edge in (box.top, box.bottom)]
    columns = [(edge / scale[1] - crop.left) / crop.size[1] * alpha.width for edge in (box.left, box.right)]
    part = max(columns[0], 0), max(rows[0], 0), min(columns[1], alpha.width), min(rows[1], alpha.height)
    resized = alpha.resize(box.size[::-1], PillowImage.Resampling.BICUBIC, box=part)
    return np.clip(np.asarray(resized, dtype=np.float32), 0, 1)
