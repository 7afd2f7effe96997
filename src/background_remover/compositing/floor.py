"""`Floor`: the ground that the subject of an alpha stands on, found by its lower edge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import white
from background_remover.types import Levels

STEEPEST = 0.5
"""The steepest slope of the lower edge on which the subject stands; what is steeper belongs to its sides."""
NARROWEST = 0.15
"""The least width of the footprint, as a share of the subject's width: a cone may stand on its tip."""


@dataclass(frozen=True, eq=False)
class Floor:
    """The floor below a subject, in pixels from the picture's upper left corner.

    `line` is its row in the middle of each column of the picture, (W,): the lower convex hull of the subject where it
    stands, and level beside that. `gaps`, (W,), is how far the subject's lower edge is above it. `stands` are the left
    and right end of the subject's footprint, `subject` those of the whole subject, and `lowest` is its lower end.
    `from_cut`, (W,), is the distance in columns to the nearest one in which the picture's lower edge cuts the subject.
    """

    line: NDArray[np.float64]
    gaps: NDArray[np.float64]
    stands: tuple[float, float]
    subject: tuple[float, float]
    lowest: float
    from_cut: NDArray[np.float64]


def floor_below(alpha: Levels) -> Floor | None:
    """Return the floor below the pixels of an alpha (H, W) that are at least half opaque; None where there are none."""
    solid = alpha > white(alpha) // 2
    columns = np.flatnonzero(solid.any(axis=0))
    if not len(columns):
        return None
    rows = len(alpha) - solid[::-1].argmax(axis=0)[columns]  # the lower side of each column's lowest pixel
    ends, heights = _standing(_lower_hull(columns, rows))
    middles = np.arange(alpha.shape[1]) + 0.5
    line = np.interp(middles, ends, heights)
    gaps = np.maximum(line - np.interp(middles, columns + 0.5, rows), 0)
    subject = float(columns[0]), float(columns[-1] + 1)
    middle = (ends[0] + ends[-1]) / 2
    half = max(ends[-1] - ends[0], NARROWEST * (subject[1] - subject[0])) / 2
    stands = middle - half, middle + half
    return Floor(line, gaps, stands, subject, float(rows.max()), _columns_to(columns[rows == len(alpha)], len(line)))


def _columns_to(places: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Return the distance from each of `width` columns to the nearest of `places`; infinite where there are none."""
    if not len(places):
        return np.full(width, np.inf)
    columns = np.arange(width)
    after = np.searchsorted(places, columns)
    nearest = places[np.maximum(after - 1, 0)], places[np.minimum(after, len(places) - 1)]
    return np.asarray(np.minimum(*(abs(columns - place) for place in nearest)), dtype=np.float64)


def _lower_hull(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> list[tuple[float, float]]:
    """Return the corners of the lower convex hull of columns of pixels, from left to right.

    (Andrew, "Another efficient algorithm for convex hulls in two dimensions", 1979.)
    """
    corners = [
        (column + side, row) for column, row in zip(columns.tolist(), rows.tolist(), strict=True) for side in (0, 1)
    ]
    hull: list[tuple[float, float]] = []
    for x, y in sorted(corners):  # of two corners at one x the lower one is the last
        while len(hull) > 1 and _is_above(hull[-1], hull[-2], (x, y)):
            hull.pop()
        hull.append((x, y))
    return hull


def _is_above(point: tuple[float, float], left: tuple[float, float], right: tuple[float, float]) -> bool:
    """Return whether a point is on the line through two others, or above it in the picture."""
    return (point[1] - left[1]) * (right[0] - left[0]) <= (right[1] - left[1]) * (point[0] - left[0])


def _standing(hull: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Return the columns and rows of a lower hull's corners around its lowest one, up to slopes of `STEEPEST`."""
    lowest = max(range(len(hull)), key=lambda index: hull[index][1])
    first = last = lowest
    while first > 0 and _rise(hull[first - 1], hull[first]) <= STEEPEST:
        first -= 1
    while last < len(hull) - 1 and _rise(hull[last + 1], hull[last]) <= STEEPEST:
        last += 1
    return [x for x, _ in hull[first : last + 1]], [y for _, y in hull[first : last + 1]]


def _rise(higher: tuple[float, float], lower: tuple[float, float]) -> float:
    away = abs(lower[0] - higher[0])
    return (lower[1] - higher[1]) / away if away else float("inf")
