"""A coarse alpha set right around the clicks that it disagrees with."""

import numpy as np

from background_remover.arrays.box import Box, widened
from background_remover.segmentation.crop_cache import Crops, squares, steepness
from background_remover.segmentation.geodesic import distances
from background_remover.segmentation.second_pass import part_of
from background_remover.types import Alpha

REACH = 2.0  # how far a click tells, as a multiple of its distance from the nearest pixel that agrees with it
LEAST = 4.0  # of that distance, in pixels of the grid
FARTHEST = 0.1  # of that distance, as a share of the grid's longer side
EDGE = 20.0  # what a step costs beside its length: for each unit of the colours' gradient
BORDER = 4.0  # for each unit of the alpha's gradient
STRANGE = 20.0  # for each unit of distance from the click's own colour
PUSH = 8.0  # a click's weight in log-odds: twice what the surest alpha has
STEEP = 4.0  # how suddenly it ends
RADIUS = 2  # of a click
FIRM = 0.25  # how far beyond one half an alpha agrees with a click: matting may turn one that hardly does
_SUREST = 0.02  # an alpha nearer to 0 or 1 counts as this near


def log_odds(alpha: Alpha) -> Alpha:
    """The logarithm of alpha / (1 - alpha), of an alpha no nearer than 0.02 to 0 or 1."""
    clipped = np.clip(alpha, _SUREST, 1 - _SUREST)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float32)


def from_log_odds(odds: Alpha) -> Alpha:
    """The alpha of log-odds."""
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)


def corrected(crops: Crops, alpha: Alpha, inside: list[tuple[int, int]], outside: list[tuple[int, int]]) -> Alpha:
    """The alpha on the grid with every click on its own side of one half: `inside` above, `outside` below.

    The middle of what is wrong is about as far from what is right as what is wrong is wide (so people click, and so
    clicks are simulated: Sofiiuk et al. 2021, arXiv 2102.06583). So a click that the alpha disagrees with turns what
    lies within `REACH` times its distance from where the alpha agrees. Distances are geodesic: steps over edges and
    into other colours are long ones. What is nearer to a click of the other kind stays.
    """
    result = alpha.copy()
    for clicks, others, sign in ((inside, outside, 1), (outside, inside, -1)):
        for click in clicks:
            if sign * (result[click] - 0.5) < FIRM:
                _turn(crops, result, click, others, sign)
    return result


def gap(alpha: Alpha, click: tuple[int, int], sign: int) -> float:
    """How far a click is from the nearest pixel on the side of one half that it asks for; infinite without one."""
    rows, columns = np.nonzero((alpha > 0.5) == (sign > 0))
    squared = (rows - click[0]) ** 2 + (columns - click[1]) ** 2
    return float(np.sqrt(squared.min())) if len(squared) else float("inf")


def _turn(crops: Crops, alpha: Alpha, click: tuple[int, int], others: list[tuple[int, int]], sign: int) -> None:
    """Draws the alpha, in place, to 1 (`sign` = 1) or to 0 (-1) around a click."""
    reach = REACH * min(max(gap(alpha, click, sign), LEAST), FARTHEST * max(crops.grid))
    window = widened(Box(click[0], click[1], click[0] + 1, click[1] + 1), 1.6 * reach + RADIUS, crops.grid)
    part = part_of(alpha, window)
    colours = crops.colours[:, window.top : window.bottom, window.left : window.right]
    strange = np.sqrt(((colours - crops.colours[:, click[0], click[1]][:, None, None]) ** 2).sum(axis=0))
    cost = 1 + EDGE * part_of(crops.steepness, window) + BORDER * steepness(part[None]) + STRANGE * strange
    here = distances(part_of(squares(crops.grid, [click], RADIUS), window), cost)
    there = distances(part_of(squares(crops.grid, others, RADIUS), window), cost)
    push = PUSH / (1 + np.exp(np.minimum(STEEP * (here / reach - 1), 50))) * (here < there)
    part[:] = from_log_odds(log_odds(part) + sign * push)
