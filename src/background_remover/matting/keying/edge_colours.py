"""Replacing the colours that a JPEG has blurred at the edges of a drawing by those further inside it."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.box_filter import box_max
from background_remover.arrays.neighbours import Neighbours
from background_remover.arrays.tiles import around
from background_remover.matting.keying.distance import GroundDistance, length
from background_remover.types import Mask, Planes

_DEEPEST = 5  # pixels from the ground; further inside, colours are equally good
_TRUST = np.float32(10.0)  # the factor of a colour's weight for each pixel that it lies further inside
_REACH, _STEP = 8, 2  # pixels around an edge from which colours are taken, and between the samples
_ALIKE = 6.0  # the standard deviation of likeness, in noise
_THIN = _TRUST**4  # the total weight below which a stroke is too thin to have an inside
_ENTRIES = 12  # colours of the palette
_RADIUS = 6.0  # of one colour of the palette, in noise
_COVERED = 0.98  # the share of the picture that the palette explains
_OFF = 8.0  # a colour further than this, in noise, from all of the palette stays as it is


class EdgeColours:
    """The source of colours for edges, and the palette of the picture for strokes too thin to have an inside."""

    def __init__(self, distance: GroundDistance) -> None:
        self._palette = _palette(distance)

    def from_inside(
        self, colours: Planes, away: Planes, ground: Mask, places: NDArray[np.intp]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the colours and their differences from the ground, (3, n), of pixels like `places` but further inside.

        Colours are means around a place, weighted by distance from the ground and by likeness (a bilateral filter;
        Tomasi and Manduchi, ICCV 1998). `colours`, `away`, (3, h, w), and `ground`, (h, w), are a part's.
        """
        weights = np.where(ground, 0, _TRUST ** _depth(ground)).astype(np.float32).ravel()
        unique, back = np.unique(places, return_inverse=True)
        near = Neighbours(unique, ground.shape)
        both = np.concatenate([colours.reshape(3, -1), away.reshape(3, -1)])
        mine = both[:, unique]
        total = np.full(len(unique), 1e-3, dtype=np.float32)
        sums = mine * total
        for shift in product(range(-_REACH, _REACH + 1, _STEP), repeat=2):
            other = near.at(*shift)
            theirs = both[:, other]
            apart = ((theirs[3:] - mine[3:]) ** 2).sum(axis=0)
            weight = weights[other] * np.exp(apart * np.float32(-0.5 / _ALIKE**2))
            sums += weight * theirs
            total += weight
        sums /= total
        thin = total < _THIN
        sums[:, thin] = _nearest(sums[:, thin], self._palette)
        return sums[:3, back], sums[3:, back]


def _depth(ground: Mask) -> NDArray[np.float32]:
    """Return each pixel's distance from the ground in pixels, less one, `_DEEPEST` at most: (H, W)."""
    grown = ground.astype(np.float32)
    result = np.zeros(ground.shape, dtype=np.float32)
    for radius in range(1, _DEEPEST + 1):
        result += box_max(grown, radius) == 0
    return result


def _palette(distance: GroundDistance) -> NDArray[np.float32]:
    """Return the main colours of a picture's subject and their differences from the ground: (entries, 6).

    The most common colour is an entry, with all within `_RADIUS` of it; then the next, until little is left.
    """
    samples, depths = _inside(distance)
    common = depths**2
    weights, enough = _TRUST**depths, (1 - _COVERED) * float(common.sum())
    bins = np.asarray(samples[:3] * np.float32(15.99), dtype=np.intp)
    keys = (bins[0] * 16 + bins[1]) * 16 + bins[2]
    entries: list[NDArray[np.float32]] = []
    while len(entries) < _ENTRIES and float(common.sum()) > enough:
        near = keys == np.bincount(keys, common).argmax()
        for _ in range(3):
            middle = (samples[:, near] * weights[near]).sum(axis=1) / weights[near].sum()
            around_it = length(samples[3:] - middle[3:, None]) < _RADIUS
            if not around_it.any():
                break
            near = around_it
        entries.append(middle)
        left = ~near
        samples, common, weights, keys = samples[:, left], common[left], weights[left], keys[left]
    return np.array(entries, dtype=np.float32).reshape(-1, 6)


def _inside(distance: GroundDistance) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return colours and differences, (6, n), of pixels with no ground beside them, and their distances from it."""
    samples, depths = [], []
    for part in distance.samples():
        outer, inner = around(part, _DEEPEST + 1, distance.size)
        colours = distance.colours(outer)
        away = distance.away(outer, colours)
        depth = _depth(distance.is_ground(length(away)))[inner]
        both = np.concatenate([colours, away])[:, inner[0], inner[1]]
        samples.append(both[:, depth > 0])
        depths.append(depth[depth > 0])
    return np.concatenate(samples, axis=1), np.concatenate(depths)


def _nearest(both: NDArray[np.float32], palette: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return, for colours with differences (6, n), the palette's entry that each is a mixture of with the ground.

    A colour that is no such mixture stays. A thin stroke is paler than its ink, so the cost is mainly the distance from
    the line between ink and ground, and a little that from the ink itself.
    """
    if not len(palette) or not both.shape[1]:
        return both
    mine = both[3:]
    costs = []
    for ink in palette[:, 3:, None]:
        share = np.clip((mine * ink).sum(axis=0) / np.maximum((ink * ink).sum(), 1), 0, 1)
        beside, apart = mine - share * ink, mine - ink
        costs.append(0.9 * (beside * beside).sum(axis=0) + 0.1 * (apart * apart).sum(axis=0))
    best = np.argmin(costs, axis=0)
    close = np.min(costs, axis=0) < _OFF**2
    return np.where(close, palette[best].T, both).astype(np.float32)
