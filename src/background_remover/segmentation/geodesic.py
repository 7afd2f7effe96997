"""Geodesic distances: the cheapest paths over a picture's pixels."""

import numpy as np
from numpy.typing import NDArray

from background_remover.runtime import cancellation
from background_remover.types import Mask

SWEEPS = 2  # over rows and columns, both ways: a path with more turns is rare, and its distance only too long
_DIAGONAL = np.float32(2**0.5)


def distances(sources: Mask, cost: NDArray[np.float32], sweeps: int = SWEEPS) -> NDArray[np.float32]:
    """Return the cost of the cheapest path to each pixel from the nearest source: (H, W), infinite without one.

    A step from one pixel to one of its eight neighbours costs the mean of their costs, (H, W) and not negative, times
    its length. Rows are swept down and up, then columns (raster scans; Toivanen, "New geodesic distance transforms for
    gray-scale images", Pattern Recognition Letters 1996); along a row the cheapest paths are found all at once.
    """
    result = np.where(sources, np.float32(0), np.float32(np.inf))
    ways = [(array, _totals(array)) for array in (cost, np.ascontiguousarray(cost.T))]
    for _ in range(sweeps if sources.any() else 0):
        cancellation.check()
        before = result
        for step, along in ways:
            result = result.copy()
            _sweep(result, step, along)
            _sweep(result[::-1], step[::-1], along[::-1])
            result = np.ascontiguousarray(result.T)
        if np.array_equal(before, result):
            break
    return result


def _totals(cost: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cost of the path along each row from its first pixel to every other."""
    result = np.zeros_like(cost)
    np.cumsum((cost[:, 1:] + cost[:, :-1]) / 2, axis=1, out=result[:, 1:])
    return result


def _sweep(result: NDArray[np.float32], cost: NDArray[np.float32], along: NDArray[np.float32]) -> None:
    """Lower distances row by row, in place; `along` are the running totals of each row's costs."""
    for row in range(len(result)):
        here = result[row]
        if row:
            above, step = result[row - 1], (cost[row] + cost[row - 1]) / 2
            np.minimum(here, above + step, out=here)
            slanted = _DIAGONAL * (cost[row, 1:] + cost[row - 1, :-1]) / 2
            np.minimum(here[1:], above[:-1] + slanted, out=here[1:])
            slanted = _DIAGONAL * (cost[row, :-1] + cost[row - 1, 1:]) / 2
            np.minimum(here[:-1], above[1:] + slanted, out=here[:-1])
        total = along[row]
        right = total + np.minimum.accumulate(here - total)
        left = np.minimum.accumulate((here + total)[::-1])[::-1] - total
        np.minimum(here, np.maximum(np.minimum(right, left), 0), out=here)  # rounding may fall below 0
