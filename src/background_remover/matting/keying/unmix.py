"""Unmixing a known ground: the alpha from each colour's distance to it, and the subject's own colours at edges."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import to_levels
from background_remover.arrays.box_filter import box_max
from background_remover.arrays.neighbours import Neighbours
from background_remover.arrays.tiles import Part, around, in_threads, tiles
from background_remover.matting.keying.distance import TILE, GroundDistance, length
from background_remover.matting.keying.edge_colours import EdgeColours
from background_remover.matting.keying.ground import Ground
from background_remover.types import Alpha, Colours, Mask

REACH = 3  # pixels in which an edge's own colour is looked for
_CLIMBS = 6  # further pixels along a stroke that is all soft edge
_MARGIN = 16  # around a tile: the pixels that the steps below depend on
_STEEP = 1.2  # the ratio of neighbours' distances to the ground from which a pixel is on an edge's slope
_SHALLOW = 4  # pixels from the ground within which slopes are looked for
_SAME_HUE = 0.98  # the least cosine of two differences from the ground of one hue
_LOOSE = 30.0  # the penalty of a colour that may itself be mixed, as a squared distance in noise
_SPAN = 2.0  # the noise removed from an alpha near 0 or 1
_LARGEST = 0.2  # the most that is removed


@dataclass(frozen=True, eq=False)
class Unmixed:
    """An alpha (H, W) in [0, 1], and the subject's own colours (H, W, 3) in the picture's levels."""

    alpha: Alpha
    colours: Colours


@dataclass(frozen=True, eq=False)
class _Patch:
    """A part of a picture: differences from the ground (3, n), distances (n,), and masks of ground and subject."""

    away: NDArray[np.float32]
    far: NDArray[np.float32]
    ground: NDArray[np.bool_]
    sure: NDArray[np.bool_]  # certainly subject alone
    shape: tuple[int, int]


def unmix(image: Colours, ground: Ground, *, shade: Alpha | None = None, tolerance: float = 0.0) -> Unmixed:
    """Return the alpha that explains each colour I of a picture (H, W, 3) as alpha F + (1 - alpha) B.

    B is the ground's colour, darkened by `shade`, (h, w) in [0, 1], where that is given. Within the noise of B, or
    within `tolerance` of its levels (in [0, 1]) if that is more, alpha is 0. Elsewhere F is the colour of a nearby
    pixel that is certainly subject and explains I best; for strokes too thin to have one, the colour along them that is
    furthest from B.

    From one B alone alpha and F can't both be known (Smith and Blinn, "Blue Screen Matting", SIGGRAPH 1996); with an F
    from nearby, alpha is the ratio of two distances. Where a JPEG blurred that colour too, see `EdgeColours`.
    """
    distance = GroundDistance(image, ground, shade, tolerance)
    edges = EdgeColours(distance) if distance.noisy else None
    result = Unmixed(np.empty(distance.size, dtype=np.float32), image.copy())
    in_threads(lambda tile: _unmix_tile(distance, edges, tile, result), tiles(distance.size, TILE))
    return result


def _unmix_tile(distance: GroundDistance, edges: EdgeColours | None, tile: Part, result: Unmixed) -> None:
    outer, inner = around(tile, _MARGIN, distance.size)
    colours = distance.colours(outer)
    away = distance.away(outer, colours)
    far = length(away)
    ground = distance.is_ground(far)
    alpha = (~ground).astype(np.float32)
    if ground.any() and not ground.all():
        sure = _sure(away, far, ground)
        patch = _Patch(away.reshape(3, -1), far.ravel(), ground.ravel(), sure.ravel(), (far.shape[0], far.shape[1]))
        places = np.flatnonzero(~(ground | sure))
        source = _sources(patch, places)
        own, theirs = colours.reshape(3, -1)[:, source], patch.away[:, source]
        if edges is not None and len(places):
            own, theirs = edges.from_inside(colours, away, ground, source)
        share = _denoised(_shares(patch.away[:, places], theirs), length(theirs))
        alpha.ravel()[places] = share
        _write(own[:, share < 1], places[share < 1], result, outer, tile)
    result.alpha[tile] = alpha[inner]


def _write(own: NDArray[np.float32], places: NDArray[np.intp], result: Unmixed, outer: Part, tile: Part) -> None:
    """Write colours (3, n) to those `places` of the outer part that lie in the tile."""
    rows, columns = np.divmod(places, outer[1].stop - outer[1].start)
    rows, columns = rows + outer[0].start, columns + outer[1].start
    here = (rows >= tile[0].start) & (rows < tile[0].stop) & (columns >= tile[1].start) & (columns < tile[1].stop)
    result.colours[rows[here], columns[here]] = to_levels(own[:, here], result.colours.dtype).T


def _sure(away: NDArray[np.float32], far: NDArray[np.float32], ground: Mask) -> Mask:
    """Return where a pixel is certainly subject: not beside the ground, and not on the slope of a wide edge."""
    grown = ground.astype(np.float32)
    sure: Mask = box_max(grown, 1) == 0
    shallow = np.flatnonzero(sure & (box_max(grown, _SHALLOW) > 0))
    near = Neighbours(shallow, far.shape)
    flat, distances = away.reshape(3, -1), far.ravel()
    mine, own_far = flat[:, shallow], distances[shallow]
    steep = np.zeros(len(shallow), dtype=np.bool_)
    for shift in product((-2, 0, 2), repeat=2):
        other = near.at(*shift)
        further = distances[other] > _STEEP * own_far + 2
        steep |= further & _alike(flat[:, other], distances[other], mine, own_far)
    sure.ravel()[shallow[steep]] = False
    return sure


def _alike(
    one: NDArray[np.float32], one_far: NDArray[np.float32], other: NDArray[np.float32], other_far: NDArray[np.float32]
) -> Mask:
    """Return whether differences (3, n) of those lengths point one way, as mixtures of the ground and one colour do."""
    return np.asarray((one * other).sum(axis=0) > _SAME_HUE * one_far * other_far, dtype=np.bool_)


def _sources(patch: _Patch, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return, for each of `places`, the pixel whose mixture with the ground explains it best."""
    near, ridge = Neighbours(places, patch.shape), _ridge(patch, places)
    mine = patch.away[:, places]
    best, source = np.full(len(places), np.inf, dtype=np.float32), places.copy()
    for shift in product(range(-REACH, REACH + 1), repeat=2):
        other = near.at(*shift)
        sure, subject = patch.sure[other], ~patch.ground[other]
        other = np.where(sure, other, ridge[other])
        theirs = patch.away[:, other]
        beside = mine - _shares(mine, theirs) * theirs
        cost = (beside * beside).sum(axis=0) + np.float32(math.hypot(*shift))
        cost += np.where(sure, 0, _LOOSE - 0.01 * patch.far[other])
        better = (cost < best) & subject
        best[better], source[better] = cost[better], other[better]
    return source


def _ridge(patch: _Patch, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return, for each pixel of a thin stroke, a pixel of its hue nearby that is furthest from the ground."""
    ridge = np.arange(len(patch.far))
    near = Neighbours(places, patch.shape)
    inside = ~(patch.ground | patch.sure)
    mine, own_far = patch.away[:, places], patch.far[places]
    for _ in range(_CLIMBS):
        now = ridge[places]
        for shift in product((-1, 0, 1), repeat=2):
            other = near.at(*shift)
            other = np.where(inside[other], ridge[other], now)
            further = patch.far[other] > patch.far[now]
            further &= _alike(patch.away[:, other], patch.far[other], mine, own_far)
            now = np.where(further, other, now)
        ridge[places] = now
    return ridge


def _shares(mine: NDArray[np.float32], theirs: NDArray[np.float32]) -> Alpha:
    """Return the alphas at which differences (3, n) from the ground are nearest to multiples of the subject's."""
    squares = np.maximum((theirs * theirs).sum(axis=0), np.float32(1e-6))
    return np.asarray(np.clip((mine * theirs).sum(axis=0) / squares, 0, 1), dtype=np.float32)


def _denoised(share: Alpha, far: NDArray[np.float32]) -> Alpha:
    """Return alphas with the noise near 0 and 1 removed, for subject colours at the distance `far` from the ground."""
    low = np.minimum(_SPAN / np.maximum(far, 1), _LARGEST)
    return np.asarray(np.clip((share - low) / (1 - 2 * low), 0, 1), dtype=np.float32)
