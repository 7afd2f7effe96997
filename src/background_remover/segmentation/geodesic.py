"""Geodesic distances: the cheapest paths over a picture's pixels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from background_remover.runtime import cancellation
from background_remover.types import Mask

SWEEPS = 2  # over rows and columns, both ways: paths with more turns are rare, and get too long a distance
_DIAGONAL = np.float32(2**0.5)
_HALF = np.float32(0.5)


class _Steps(NamedTuple):
    """The costs of steps from each row to the next one, and along rows: (H, W), (H - 1, W) or (H - 1, W - 1)."""

    totals: NDArray[np.float32]  # of the path along each row from its first pixel
    straight: NDArray[np.float32]  # down, or back up
    right: NDArray[np.float32]  # down and to the right, or back
    left: NDArray[np.float32]  # down and to the left, or back

    def upwards(self) -> "_Steps":
        """Return the steps of the rows in reverse order."""
        return _Steps(self.totals[::-1], self.straight[::-1], self.left[::-1], self.right[::-1])


def distances(sources: Mask, cost: NDArray[np.float32], sweeps: int = SWEEPS) -> NDArray[np.float32]:
    """Return the cost of the cheapest path to each pixel from any source; infinite without sources.

    `sources` is (H, W), or (N, H, W) for N distances at once, which cost little more time than one; the result has its
    shape. A step from one pixel to one of its eight neighbours costs the mean of their costs, (H, W) and not negative,
    times its length. Rows are swept down and up, then columns (raster scans; Toivanen, "New geodesic distance
    transforms for gray-scale images", Pattern Recognition Letters 1996); along a row the cheapest paths are found all
    at once.
    """
    result = np.where(sources, np.float32(0), np.float32(np.inf))
    ways = [_steps(cost), _steps(np.ascontiguousarray(cost.T))]
    for _ in range(sweeps if sources.any() else 0):
        cancellation.check()
        before = result
        for steps in ways:
            result = result.copy()
            _sweep(result, steps)
            _sweep(result[..., ::-1, :], steps.upwards())
            result = np.ascontiguousarray(np.swapaxes(result, -1, -2))
        if np.array_equal(before, result):
            break
    return result


def _steps(cost: NDArray[np.float32]) -> _Steps:
    totals = np.zeros_like(cost)
    np.cumsum(_HALF * (cost[:, 1:] + cost[:, :-1]), axis=1, out=totals[:, 1:])
    above, below = cost[:-1], cost[1:]
    right, left = below[:, 1:] + above[:, :-1], below[:, :-1] + above[:, 1:]
    return _Steps(totals, _HALF * (below + above), _HALF * (_DIAGONAL * right), _HALF * (_DIAGONAL * left))


def _sweep(result: NDArray[np.float32], steps: _Steps) -> None:
    """Lower distances, (..., H, W), row by row, in place."""
    for row in range(result.shape[-2]):
        here, total = result[..., row, :], steps.totals[row]
        if row:
            above = result[..., row - 1, :]
            np.minimum(here, above + steps.straight[row - 1], out=here)
            np.minimum(here[..., 1:], above[..., :-1] + steps.right[row - 1], out=here[..., 1:])
            np.minimum(here[..., :-1], above[..., 1:] + steps.left[row - 1], out=here[..., :-1])
        right = total + np.minimum.accumulate(here - total, axis=-1)
        left = np.minimum.accumulate((here + total)[..., ::-1], axis=-1)[..., ::-1] - total
        np.minimum(here, np.maximum(np.minimum(right, left), 0), out=here)  # rounding may fall below 0
