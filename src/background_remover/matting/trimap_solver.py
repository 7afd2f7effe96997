"""Solving a trimap: the alpha of its unknown pixels from the colours of the known ones."""

from typing import NamedTuple

import numpy as np

from background_remover.arrays.resample import enlarge, enlarge_nearest, resize, shrink, within
from background_remover.arrays.tiles import Part, in_threads, tiles
from background_remover.matting.laplacian import Laplacian
from background_remover.matting.local_linear import apply, centred, of_levels, write
from background_remover.runtime import cancellation
from background_remover.types import Alpha, Image, Mask, Planes


class _Scale(NamedTuple):
    """A scale: the picture's longest side, the steps taken at most, and at which share of the first error to stop."""

    longest: int
    steps: int
    share: float


# What lies far apart is solved at the small scales, where steps are cheap.
SCALES = (_Scale(64, 100, 1e-3), _Scale(128, 100, 1e-3), _Scale(256, 60, 1e-2), _Scale(512, 30, 2e-2))
PULL = 0.2  # the largest weight of a guess from colours alone, relative to a window
TILE = 128  # the side of the squares in which the picture's own pixels are worked out
_SURE = 0.9  # an alpha above it, or below 1 minus it, counts as known in the next scale's guess
_FAR = np.float32(0.05)  # the weight of distant colours in a mean
_ROUNDING = 1e-5  # the mean error of a pixel's alpha that may come from rounding alone, and is not worked on
_APART = 0.02  # the squared distance of subject and background colours at which a guess has half its weight


def solve(image: Image, trimap: Image) -> Alpha:
    """Return the alpha at the picture's own size from a trimap: (H, W, 3) and (h, w) uint8 give (H, W) in [0, 1].

    Where the trimap is 0 (255) the result is exactly 0 (1). The unknown rest minimises the energy of the matting
    Laplacian (Levin, Lischinski and Weiss, "A Closed-Form Solution to Natural Image Matting", TPAMI 2008) with large
    windows (He, Sun and Tang, "Fast Matting Using Large Kernel Matting Laplacian Matrices", CVPR 2010): in each window
    alpha is nearly a linear function of the colour. A weak term pulls each pixel to where its colour lies between those
    of the subject and the background nearby.

    It is solved by conjugate gradients from coarse to fine, where each scale begins with the functions of the one
    before at its own colours; the last scale's functions are enlarged and applied to the picture's own colours, in
    tiles.
    """
    size = image.shape[0], image.shape[1]
    trimap = enlarge_nearest(trimap, size, slice(0, size[0]), slice(0, size[1]))
    unknown: Mask = (trimap > 0) & (trimap < 255)
    result: Alpha = (trimap == 255).astype(np.float32)
    if not unknown.any():
        return result
    functions = of_levels(_functions(image, trimap))

    def fill(tile: Part) -> None:
        if unknown[tile].any():
            write(functions, image, tile, unknown[tile], result)

    in_threads(fill, tiles(size, TILE))
    return result


def _functions(image: Image, trimap: Image) -> Planes:
    """Return the linear functions of the last scale for centred colours, (4, h, w)."""
    size = trimap.shape[0], trimap.shape[1]
    own, behind = (trimap == 255).astype(np.float32), (trimap == 0).astype(np.float32)
    functions: Planes = np.array([0, 0, 0, 0.5], dtype=np.float32)[:, None, None]
    levels = []
    for scale in reversed(SCALES):  # each reduced from the one before
        reduced = within(size, scale.longest)
        image, own, behind = shrink(image, reduced), shrink(own, reduced), shrink(behind, reduced)
        levels.append((image, own, behind, scale))
    for image, own, behind, scale in reversed(levels):
        reduced = own.shape[0], own.shape[1]
        free = ((1 - own - behind) > 0).astype(np.float32)  # where any part is unknown
        guide = centred(image)
        start = apply(enlarge(functions, reduced, slice(0, reduced[0]), slice(0, reduced[1])), guide)
        alpha = np.where(free > 0, start, own)
        laplacian = Laplacian(guide, free > 0)
        guess, pull = _guess(guide, own + free * _above(alpha), behind + free * _above(1 - alpha))
        functions = laplacian.functions(_minimised(laplacian, alpha, free, guess, pull, scale))
    return functions


def _above(alpha: Alpha) -> Alpha:
    return np.asarray(np.clip((alpha - _SURE) / (1 - _SURE), 0, 1), dtype=np.float32)


def _guess(guide: Planes, own: Alpha, behind: Alpha) -> tuple[Alpha, Alpha]:
    """Return where each colour lies between the subject's and the background's mean colours nearby, and its weight.

    `own` and `behind`, (H, W), weight the pixels of those means. The result's weights are 0 where either has none.
    """
    if not (own.any() and behind.any()):
        return np.zeros_like(own), np.zeros_like(own)
    near, far = _means(guide, own), _means(guide, behind)
    apart = near - far
    distance = (apart * apart).sum(axis=0)
    guess: Alpha = np.clip(((guide - far) * apart).sum(axis=0) / (distance + np.float32(1e-4)), 0, 1)
    beside = ((guide - far - guess * apart) ** 2).sum(axis=0)  # the rest that no mixture of the two explains
    return guess, np.asarray(PULL * distance / (distance + _APART + 4 * beside), dtype=np.float32)


def _means(colours: Planes, weight: Alpha) -> Planes:
    """Return the weighted mean colour around every pixel, (3, H, W): of neighbours, or else of pixels further off."""

    def filled(sums: Planes) -> Planes:
        height, width = sums.shape[1:]
        if max(height, width) <= 2:
            mean: Planes = sums[:3] / np.maximum(sums[3], np.float32(1e-6))
            return mean
        half = (height + 1) // 2, (width + 1) // 2
        coarser = filled(np.stack([resize(plane, half, "box") for plane in sums]))
        coarser = enlarge(coarser, (height, width), slice(0, height), slice(0, width))
        coarser *= _FAR
        coarser += sums[:3]
        coarser /= sums[3] + _FAR
        return coarser

    return filled(np.concatenate([colours * weight, weight[None]]))


def _minimised(laplacian: Laplacian, alpha: Alpha, free: Alpha, guess: Alpha, pull: Alpha, scale: _Scale) -> Alpha:
    """Return the alpha of least energy, clipped to [0, 1], where only the free pixels may change.

    By conjugate gradients with the diagonal as preconditioner; the energy is alpha' L alpha + pull (alpha - guess)^2.
    """
    diagonal: Alpha = laplacian.diagonal + pull
    left = free * np.subtract(pull * (guess - alpha), laplacian.times(alpha))
    ahead: Alpha = np.divide(left, diagonal)
    error = _dot(left, ahead)
    enough = max(scale.share**2 * error, _ROUNDING**2 * _dot(free, diagonal))
    for _ in range(scale.steps):
        cancellation.check()
        if error <= enough:
            break
        change = free * (laplacian.times(ahead) + pull * ahead)
        stride = error / _dot(ahead, change)
        alpha = alpha + np.float32(stride) * ahead
        left -= np.float32(stride) * change
        scaled: Alpha = left / diagonal
        error, before = _dot(left, scaled), error
        ahead = scaled + np.float32(error / before) * ahead
    return np.clip(alpha, 0, 1)


def _dot(one: Alpha, other: Alpha) -> float:
    return float((one * other).sum(dtype=np.float64))
