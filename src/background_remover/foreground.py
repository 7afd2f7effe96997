"""The subject's own colours, without the old background in them."""

import numpy as np
from numpy.typing import NDArray

from background_remover.levels import eight_bits, to_levels
from background_remover.pixels import Planes, box_sum, enlarge_at, in_threads, nearest, planes, resize, tiles, within
from background_remover.types import Alpha, Colours, Image, Mask

# The longest side of each level, and the rounds of means and fusion there: many where they cost nothing, for a wide
# band is filled from its edges, a pixel further in each round.
LEVELS = ((32, 10), (64, 10), (128, 4), (256, 4), (512, 2), (1024, 1))
STIFFNESS = 0.02  # what it costs to leave the means, against what it costs not to make up the pixel's own colour
TILE = 256  # the side of the squares in which the picture's own pixels are worked out
_NONE = 1e-4  # of a mean weight: below it there is nothing to take a mean of


def foreground(image: Colours, alpha: Alpha) -> Colours:
    """The subject's own colours at every pixel: (H, W, 3), from the picture and an alpha (H, W) in [0, 1].

    Pixels of alpha 1 keep their colours, and so do clear ones away from the subject; all others lose the share of the
    background. Raises `ValueError` at unequal sizes.

    It is blur fusion (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021) from coarse to fine, as
    Germer et al. do with another estimate (arXiv 2006.14970). F' and B' are the means of the subject's and the
    background's colours around a pixel of colour I, weighted by alpha and 1 - alpha. Of all F and B this one pixel
    takes those which minimise

        |alpha F + (1 - alpha) B - I|^2 + STIFFNESS (|F - F'|^2 + |B - B'|^2).

    The next means are taken of these. Forte's two passes have large squares instead of levels, leave B at its mean,
    and lack the denominator that the minimum has. At 1024 pixels the levels end: the means are smooth, so that at the
    picture's own size only the minimum is left to be worked out, in tiles and where it changes anything. For the means
    8 bits are enough.
    """
    if image.shape[:2] != alpha.shape:
        raise ValueError(f"a picture of {image.shape[:2]} and an alpha of {alpha.shape} don't belong together")
    size = alpha.shape[0], alpha.shape[1]
    means, near = _means(eight_bits(image), alpha)
    result = image.copy()
    down, along = nearest(near.shape[0], size[0]), nearest(near.shape[1], size[1])

    def fill(tile: tuple[slice, slice]) -> None:
        rows, columns = tile
        share = alpha[tile]
        changed = share < 1
        if not changed.any():
            return
        changed &= near[down[rows]][:, along[columns]]
        if changed.any():
            mean = enlarge_at(means, size, rows, columns, changed).T
            own, _ = _fuse(planes(image[tile][None, changed])[:, 0], share[changed], mean[:3], mean[3:])
            result[tile][changed] = to_levels(own.T, image.dtype)

    in_threads(fill, tiles(size, TILE))
    return result


def _means(image: Image, alpha: Alpha) -> tuple[NDArray[np.float32], Mask]:
    """F' and B' at the last level as (h, w, 6) in [0, 1], and where there is subject to take a mean of, (h, w)."""
    pyramid = _pyramid(image, alpha)
    own = behind = planes(pyramid[0][0])
    near = np.zeros(own.shape[1:], dtype=np.bool_)
    for small, share, rounds in pyramid:
        seen, level = planes(small), (share.shape[0], share.shape[1])
        own, behind = _enlarged(own, level), _enlarged(behind, level)
        for _ in range(rounds):
            own, behind = _fuse(seen, share, own, behind)
            own, near = _mean(own, share, seen)
            behind, _ = _mean(behind, 1 - share, seen)
    return np.ascontiguousarray(np.concatenate([own, behind]).transpose(1, 2, 0)), near


def _pyramid(image: Image, alpha: Alpha) -> list[tuple[Image, Alpha, int]]:
    """The picture, its alpha and the rounds at every level, the smallest first; each is made of the one above it."""
    levels = []
    for longest, rounds in reversed(LEVELS):
        level = within((alpha.shape[0], alpha.shape[1]), longest)
        image, alpha = resize(image, level, "box"), resize(alpha, level, "box")
        levels.append((image, alpha, rounds))
    return levels[::-1]


def _fuse(seen: Planes, share: Alpha, own: Planes, behind: Planes) -> tuple[Planes, Planes]:
    """F and B at the minimum: three planes each, from I, alpha, F' and B'; any shape after the planes."""
    rest = 1 - share
    missing = seen - share * own
    missing -= rest * behind
    missing /= share**2 + rest**2 + np.float32(STIFFNESS)
    own, behind = own + share * missing, behind + rest * missing
    return np.clip(own, 0, 1, out=own), np.clip(behind, 0, 1, out=behind)


def _mean(colours: Planes, weight: Alpha, otherwise: Planes) -> tuple[Planes, Mask]:
    """The mean colour of the nine pixels around each, and where they have any weight; elsewhere it is `otherwise`."""
    sums = box_sum(np.concatenate([colours * weight, weight[None]]), 1)
    found = sums[3] > 9 * _NONE
    mean = np.divide(sums[:3], sums[3], out=otherwise.copy(), where=found)
    return mean, found


def _enlarged(colours: Planes, size: tuple[int, int]) -> Planes:
    return np.stack([resize(plane, size, "bilinear") for plane in colours])
