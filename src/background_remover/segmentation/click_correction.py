"""Correcting a coarse alpha around the clicks that it disagrees with."""

import numpy as np

from background_remover.arrays.box import Box, widened
from background_remover.segmentation.crop_cache import Crops, digest, squares, steepness
from background_remover.segmentation.geodesic import distances
from background_remover.segmentation.second_pass import part_of
from background_remover.types import Alpha, Mask, Planes

REACH = 3.0  # the radius that a click changes, as a multiple of its distance to the nearest pixel that agrees
WINDOW = 1.3  # half the side of the square that is changed, as a multiple of that radius
LEAST = 4.0  # of that distance, in pixels of the grid
FARTHEST = 0.1  # of that distance, as a share of the grid's longer side
EDGE = 20.0  # the cost of a step beside its length: for each unit of the colours' gradient
BORDER = 4.0  # for each unit of the alpha's gradient
COLOUR = 20.0  # for each unit of distance from the click's own colour
PUSH = 8.0  # a click's weight in log-odds: twice that of the most certain alpha
STEEP = 4.0  # the slope at which it falls off
RADIUS = 2  # of a click
SIDES = (0, 3), (3, 0), (2, 2), (2, -2)  # rows and columns from a click to what is beside a line through it, and back
LINE = 0.045  # the least distance of the colours there from that of a click on a line
AGREES = 0.25  # the distance from one half at which an alpha agrees with a click: matting may flip a smaller one
_SUREST = 0.02  # alphas are clipped this far from 0 and 1


def log_odds(alpha: Alpha) -> Alpha:
    """Return log(alpha / (1 - alpha)) of an alpha clipped to [0.02, 0.98]."""
    clipped = np.clip(alpha, _SUREST, 1 - _SUREST)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float32)


def from_log_odds(odds: Alpha) -> Alpha:
    """Return the alpha of log-odds: the sigmoid."""
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)


def corrected(crops: Crops, alpha: Alpha, inside: list[tuple[int, int]], outside: list[tuple[int, int]]) -> Alpha:
    """Return the alpha on the grid with every click on its side of one half: `inside` above, `outside` below.

    People click in the middle of a wrong region, so the distance from a click to the nearest right pixel is about the
    region's radius (clicks are simulated like that: Sofiiuk et al. 2021, arXiv 2102.06583). A click that the alpha
    disagrees with therefore changes what lies within `REACH` times that distance. Distances are geodesic: steps over
    edges and into other colours are long ones. What is nearer to a click of the other kind stays. A click on a line,
    as a rope, adds what is next to it alone: the nearest pixel of the subject says nothing about its width.
    """
    result = alpha
    for clicks, others, sign in ((inside, outside, 1), (outside, inside, -1)):
        for click in clicks:
            if disagrees(result, click, sign):
                result = _pulled(crops, result, click, others, sign)
    return result.copy()


def disagrees(alpha: Alpha, click: tuple[int, int], sign: int) -> bool:
    """Return whether the alpha (h, w) isn't surely on a click's side of one half: above it for `sign` = 1."""
    return bool(sign * (alpha[click] - 0.5) < AGREES)


def gap(alpha: Alpha, click: tuple[int, int], sign: int) -> float:
    """Return a click's distance to the nearest pixel on its side of one half, in pixels; infinite without one."""
    rows, columns = np.nonzero((alpha > 0.5) == (sign > 0))
    squared = (rows - click[0]) ** 2 + (columns - click[1]) ** 2
    return float(np.sqrt(squared.min())) if len(squared) else float("inf")


def on_line(colours: Planes, click: tuple[int, int]) -> bool:
    """Return whether the colours, (3, h, w), on both sides of a click differ from its own, in one of four directions.

    Beyond the picture's border there is nothing to differ.
    """
    size, own = colours.shape[1:], colours[:, click[0], click[1]]
    for down, along in SIDES:
        both = [(click[0] + step * down, click[1] + step * along) for step in (1, -1)]
        seen = [colours[:, row, column] for row, column in both if 0 <= row < size[0] and 0 <= column < size[1]]
        if seen and min(float(((side - own) ** 2).sum()) for side in seen) > LINE**2:
            return True
    return False


def _pulled(crops: Crops, alpha: Alpha, click: tuple[int, int], others: list[tuple[int, int]], sign: int) -> Alpha:
    """Return the alpha pulled to 1 (`sign` = 1) or to 0 (-1) around a click."""
    distance = gap(alpha, click, sign)
    if sign > 0 and np.isfinite(distance) and on_line(crops.colours, click):
        distance = LEAST
    reach = REACH * min(max(distance, LEAST), FARTHEST * max(crops.grid))
    window = widened(Box(click[0], click[1], click[0] + 1, click[1] + 1), WINDOW * reach + RADIUS, crops.grid)
    blocked = part_of(squares(crops.grid, others, RADIUS), window)
    result, part = alpha.copy(), part_of(alpha, window)
    key = "pull", digest(part), click, sign, reach, digest(blocked)
    part_of(result, window)[:] = crops.cached(
        key, lambda: _pulled_part(crops, part, window, click, blocked, reach, sign)
    )
    return result


def _pulled_part(
    crops: Crops, part: Alpha, window: Box, click: tuple[int, int], blocked: Mask, reach: float, sign: int
) -> Alpha:
    colours = crops.colours[:, window.top : window.bottom, window.left : window.right]
    apart = np.sqrt(((colours - crops.colours[:, click[0], click[1]][:, None, None]) ** 2).sum(axis=0))
    cost = 1 + EDGE * part_of(crops.steepness, window) + BORDER * steepness(part[None]) + COLOUR * apart
    near = part_of(squares(crops.grid, [click], RADIUS), window)
    here, *there = distances(np.stack([near, blocked] if blocked.any() else [near]), cost)
    push = PUSH / (1 + np.exp(np.minimum(STEEP * (here / reach - 1), 50)))
    if there:
        push *= here < there[0]
    return from_log_odds(log_odds(part) + sign * push)
