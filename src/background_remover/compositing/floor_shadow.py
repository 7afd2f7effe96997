"""Shadows on the floor as layers: the contact shadow of a standing subject, and that of a floating one."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import white
from background_remover.arrays.box_filter import blur
from background_remover.compositing.floor import Floor, floor_below
from background_remover.types import Cutout, Levels

FLATNESS = 0.14
"""The height of an ellipse on the floor as a share of its width, as seen from 8 degrees above the floor."""
FLOATING = 0.75
"""The width of a floating subject's shadow, as a share of the subject's."""
WIDE, CORE = 0.85, 0.4
"""How dark the wide part of a contact shadow is, and how tall and how much blurred its core is, as shares."""
IN_GAPS = 0.5
"""How dark the wide part is where the subject is far above the floor, as between legs, as a share."""
KEPT = 0.5  # of the blur's radius: added to the height, or a narrow shadow would be blurred away
FADE = 0.5
"""The distance over which a contact shadow fades towards where the subject is cut, as a share of its half width."""
STEPS = 17  # ellipses along the offset, of which the wide part is the union


def contact_shadow(alpha: Levels, offset: tuple[float, float], radius: float, opacity: float) -> Cutout:
    """Return the black shadow of a subject of an alpha (H, W) that stands on a floor: (H, W, 4) in its bit depth.

    It is an ellipse as wide as what stands on the floor, bent as the subject's lower edge is, with a dark core where
    the subject touches the floor. Where the picture's lower edge cuts the subject no floor is visible, so the shadow
    fades out instead of ending at the edge. It is stretched by `offset` pixels (right, down), blurred by a
    Gaussian with a standard deviation of `radius` pixels, and multiplied by `opacity` in [0, 1].
    """
    floor = floor_below(alpha)
    if floor is None:
        return np.zeros((*alpha.shape, 4), dtype=alpha.dtype)
    half = (floor.stands[1] - floor.stands[0]) / 2
    touching = 1 / (1 + floor.gaps / (half * FLATNESS))
    tall = half * FLATNESS + radius * KEPT
    seen = _smoothstep(floor.from_cut / (half * FADE))
    core = _ellipse(floor, (0, 0), tall * CORE, seen * touching**2)
    wide = _Band.nothing(alpha.shape[1])
    for share in np.linspace(0, 1, STEPS):
        moved = offset[0] * share, offset[1] * share
        wide = wide.joined(_ellipse(floor, moved, tall, seen * WIDE * (IN_GAPS + (1 - IN_GAPS) * touching)))
    return _layer([(core, radius * CORE), (wide, radius)], alpha, opacity)


def floating_shadow(alpha: Levels, offset: tuple[float, float], radius: float, opacity: float) -> Cutout:
    """Return the black shadow of a subject of an alpha (H, W) that floats above a floor: (H, W, 4) in its bit depth.

    It is an ellipse below the subject's middle, narrower than the subject, whose upper end is `offset` pixels (right,
    down) from the subject's lowest pixel; `radius` and `opacity` are as of `contact_shadow`.
    """
    floor = floor_below(alpha)
    if floor is None:
        return np.zeros((*alpha.shape, 4), dtype=alpha.dtype)
    left, right = floor.subject
    half = FLOATING * (right - left) / 2
    columns = np.arange(alpha.shape[1]) + 0.5
    tall = half * FLATNESS + radius * KEPT
    height = tall * _arch(columns, (left + right) / 2 + offset[0], half)
    row = floor.lowest + offset[1] + tall
    return _layer([(_Band(row - height, row + height, np.ones(len(columns))), radius)], alpha, opacity)


@dataclass(frozen=True, eq=False)
class _Band:
    """A shape of one piece in each column: its upper and its lower end in pixels, and its darkness in [0, 1]."""

    top: NDArray[np.float64]
    bottom: NDArray[np.float64]
    dark: NDArray[np.float64]

    @classmethod
    def nothing(cls, width: int) -> "_Band":
        """Return a band without height."""
        return cls(np.full(width, math.inf), np.full(width, -math.inf), np.zeros(width))

    def joined(self, other: "_Band") -> "_Band":
        """Return the least band that holds both, as dark as the darker one."""
        there = other.bottom > other.top
        return _Band(
            np.minimum(self.top, other.top, out=self.top.copy(), where=there),
            np.maximum(self.bottom, other.bottom, out=self.bottom.copy(), where=there),
            np.maximum(self.dark, other.dark, out=self.dark.copy(), where=there),
        )

    def blurred(self, radius: float, height: int) -> tuple[slice, NDArray[np.float32]]:
        """Return the rows of a picture of that height that the blurred band reaches, and its darkness in them."""
        there = self.bottom > self.top
        reach = math.ceil(4 * radius) + 8  # beyond it no border changes what the blur's three box filters give
        highest, lowest = np.min(self.top, where=there, initial=height), np.max(self.bottom, where=there, initial=0)
        first = max(math.floor(highest) - reach, 0)
        last = max(min(math.ceil(lowest) + reach, height), first)
        rows = np.arange(first, last, dtype=np.float32)[:, None]
        top, bottom = self.top.astype(np.float32), self.bottom.astype(np.float32)
        covered = np.minimum(rows + 1, bottom) - np.maximum(rows, top)
        dark = np.clip(covered, 0, 1, out=covered) * self.dark.astype(np.float32)
        return slice(first, last), blur(dark, radius) if len(rows) else dark


def _ellipse(floor: Floor, offset: tuple[float, float], tall: float, dark: NDArray[np.float64]) -> _Band:
    """Return an ellipse under the footprint, bent as the floor is, of half height `tall`, moved by `offset`."""
    columns = np.arange(len(floor.line)) + 0.5
    left, right = floor.stands
    height = tall * _arch(columns - offset[0], (left + right) / 2, (right - left) / 2)
    row = np.interp(columns - offset[0], columns, floor.line) + offset[1]
    return _Band(row - height, row + height, np.interp(columns - offset[0], columns, dark))


def _arch(at: NDArray[np.floating], middle: float, half: float) -> NDArray[np.float64]:
    """Return the upper half of a circle over a span: from 0 at its ends to 1 in the middle, and 0 outside."""
    return np.asarray(np.sqrt(np.maximum(1 - ((at - middle) / half) ** 2, 0)))


def _smoothstep(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a smooth rise from 0 at 0 to 1 at 1 and above."""
    share = np.minimum(share, 1)
    return share * share * (3 - 2 * share)


def _layer(bands: list[tuple[_Band, float]], alpha: Levels, opacity: float) -> Cutout:
    """Return black whose alpha, (H, W, 4) in all, is the union of bands, each blurred by its radius.

    Only the rows that the bands reach are held in floating point.
    """
    parts = [band.blurred(radius, len(alpha)) for band, radius in bands]
    first, last = min(rows.start for rows, _ in parts), max(rows.stop for rows, _ in parts)
    light = np.ones((last - first, alpha.shape[1]), dtype=np.float32)
    for rows, dark in parts:
        light[rows.start - first : rows.stop - first] *= 1 - dark
    result = np.zeros((*alpha.shape, 4), dtype=alpha.dtype)
    result[first:last, :, 3] = np.rint(np.clip((1 - light) * (opacity * white(alpha)), 0, white(alpha)))
    return result
