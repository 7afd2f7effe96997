"""The guided filter: from a coarse alpha to one at the picture's own size, with edges where the picture has them."""

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

import numpy as np

from background_remover.arrays.banded import Cut, resampled
from background_remover.arrays.box_filter import box_any, flat_sum, rows_of
from background_remover.arrays.resample import enlarge_nearest, enlarged_boxes, resize, shrink, within
from background_remover.arrays.tiles import (
    Part,
    around,
    boxes,
    counterpart,
    extent,
    in_threads,
    inside,
    one_by_one,
    surrounded,
    tiles,
)
from background_remover.matting.local_linear import apply, centred, of_levels, solved, write
from background_remover.types import Alpha, Image, Mask, Planes

# Of each scale the picture's longest side, and the radius of the windows in pixels of the coarse alpha. The first finds
# the edges roughly, the second restores what the first has lost of the coarse alpha.
SCALES = ((512, 1.6), (1024, 0.8))
# Of each scale how far around the band anything is worked out, in pixels of the coarse alpha, or of the first scale
# where those are larger. A back-projection reaches 3 pixels, the filter 4, interpolation between the scales 3: of what
# is left out nothing reaches the band.
MARGINS = (26, 12)
SHARPENINGS = 4  # back-projections of the coarse alpha before the first scale
STIFFNESS = np.float32(1e-5)  # eps of the filter: the variance of colours, in [0, 1], below which a window is flat
SURE = 0.02  # a coarse alpha this near 0 or 1 is certain
REACH = 2  # pixels of the coarse alpha around an uncertain one in which the edge may lie
STRIP = 512  # the side of the squares that begin as certain
TILE = 128  # the side of the squares in which the picture's own pixels are worked out
CELL = 128  # the side of the squares in which the filter works; one fits in a processor's cache
_LEAST_WEIGHT = np.float32(1e-3)  # of an alpha of one half, where 0 and 1 have a weight of 1


def refine(image: Image, coarse: Alpha, reduced: Callable[[], Image] | None = None) -> Alpha:
    """Return the alpha at the picture's own size: (H, W, 3) uint8 and a coarse (h, w) in [0, 1] give (H, W) in [0, 1].

    Where the coarse alpha is within `SURE` of 0 (of 1) for `REACH` pixels around, the result is exactly 0 (1). A
    coarse alpha no smaller than the picture is only resized. `reduced` gives the picture at the size of the last of
    `SCALES`, where the caller has it.

    The edges come from a guided filter (He, Sun and Tang, "Guided Image Filtering", TPAMI 2013) with the colours as
    its guide: in every window alpha is a linear function a . I + b of the colour. Pixels are weighted by the certainty
    of their alpha, so that an uncertain band follows the certain pixels beside it (Liba et al., arXiv 2006.10172). The
    functions are fitted at a reduced size and enlarged in place of the alpha itself (He and Sun, "Fast Guided Filter",
    arXiv 1505.00996), then applied to the picture's own colours, in tiles and in the uncertain band alone.

    Before each scale the alpha is corrected so that, reduced to the coarse alpha's size, it equals that again
    (back-projection; Irani and Peleg, "Improving resolution by image registration", 1991).
    """
    size = image.shape[0], image.shape[1]
    if coarse.shape[0] >= size[0] and coarse.shape[1] >= size[1]:
        return np.clip(resize(coarse, size, "bicubic"), 0, 1)
    # First of all, in the memory that was freed when the picture was decoded: nothing else would fit as well.
    result = np.empty(size, dtype=np.float32)
    subject, ground = _sure(coarse)
    band = ~(subject | ground)
    uncertain = extent(band)
    filtered = None
    if uncertain is not None:
        filtered = _scales(image if reduced is None else reduced(), coarse, band, uncertain)
    sure = subject.astype(np.float32)

    def begin(tile: Part) -> None:
        result[tile] = enlarge_nearest(sure, size, *tile)

    in_threads(begin, tiles(size, STRIP))
    if filtered is not None:
        _write_band(image, band, filtered, result)
    return result


class _Filtered(NamedTuple):
    """The alpha, (h, w), and its linear functions of levels, (4, h, w), b last, of a scale near the band."""

    cut: Cut
    alpha: Alpha
    functions: Planes


def _write_band(image: Image, band: Mask, filtered: _Filtered, result: Alpha) -> None:
    """Write the alpha of the last scale, or of its functions at the picture's own size, where the band is."""
    size, cut = (result.shape[0], result.shape[1]), filtered.cut

    def fill(tile: Part) -> None:
        uncertain = enlarge_nearest(band, size, *tile)
        if cut.size == size:
            np.copyto(result[tile], filtered.alpha[inside(tile, cut.part)], where=uncertain)
        else:
            write(filtered.functions, image, tile, uncertain, result, cut)

    one_by_one(fill, enlarged_boxes(band, size, TILE))


def _sure(coarse: Alpha) -> tuple[Mask, Mask]:
    """Return where the coarse alpha is certainly subject and certainly background, `REACH` around: two masks (h, w)."""
    return ~box_any(coarse < 1 - SURE, REACH), ~box_any(coarse > SURE, REACH)


def _scales(image: Image, coarse: Alpha, band: Mask, uncertain: Part) -> _Filtered | None:
    """Return what the last scale gives around the band, all of which is in the part `uncertain`."""
    images = []
    for longest, _ in reversed(SCALES):  # each reduced from the one before: the picture itself is reduced once
        reduced = within((image.shape[0], image.shape[1]), longest)
        image = image if image.shape[:2] == reduced else shrink(image, reduced)
        images.append(image)
    found: _Filtered | None = None
    small = images[-1].shape
    pixel = max(1.0, *(old / full for old, full in zip(coarse.shape, small, strict=False)))
    for image, (_, radius), margin in zip(reversed(images), SCALES, MARGINS, strict=True):
        size = image.shape[0], image.shape[1]
        near, _ = around(uncertain, ceil(margin * pixel), (coarse.shape[0], coarse.shape[1]))
        part = counterpart(near, (coarse.shape[0], coarse.shape[1]), size)  # all that `near` is made of by "box"
        alpha, cut = (coarse, None) if found is None else (found.alpha, found.cut)
        alpha = np.clip(resampled(alpha[None], size, "bicubic", part, cut)[0], 0, 1)
        cut = Cut(size, part)
        for _ in range(SHARPENINGS if found is None else 1):
            alpha = _back_project(alpha, cut, coarse, near)
        step = max(1, round(radius * max(size) / max(coarse.shape)))
        found = _Filtered(cut, *_filter(image[part], alpha, enlarge_nearest(band, size, *part), step))
    return found


def _back_project(alpha: Alpha, cut: Cut, coarse: Alpha, near: Part) -> Alpha:
    """Return an alpha, `cut` from a whole scale, corrected by what it lacks of the coarse one in the part `near`."""
    size = coarse.shape[0], coarse.shape[1]
    # As far as the pixels of `counterpart` reach that lie beyond that part.
    reach = max(6 + 4 * old // full for old, full in zip(size, cut.size, strict=True))
    wide, inner = around(near, reach, size)
    missing = np.zeros([side.stop - side.start for side in wide], dtype=np.float32)
    np.subtract(coarse[near], resampled(alpha[None], size, "box", near, cut)[0], out=missing[inner])
    result: Alpha = resampled(missing[None], cut.size, "bicubic", cut.part, Cut(size, wide))[0]
    result += alpha
    return np.clip(result, 0, 1, out=result)


def _filter(image: Image, alpha: Alpha, wanted: Mask, radius: int) -> tuple[Alpha, Planes]:
    """Return the filtered alpha and its functions of levels, (4, H, W), at the `wanted` pixels.

    Elsewhere the alpha stays, and the functions are constants, the alpha.
    """
    size = alpha.shape[0], alpha.shape[1]
    result, functions = alpha.copy(), np.zeros((4, *size), dtype=np.float32)
    functions[3] = alpha
    reach = 2 * radius  # twice, as functions are averaged over windows too

    def fit(part: Part) -> None:
        outer, _ = around(part, reach, size)
        share = alpha[outer]
        terms = np.concatenate([centred(image[outer]), [share, (2 * share - 1) ** 2 + _LEAST_WEIGHT]])
        guide, (share, weight) = np.split(surrounded(terms, part, reach), [3])
        inner = part[0].stop - part[0].start, part[1].stop - part[1].start
        found = rows_of(_fit(guide, share, weight, radius), inner, guide.shape[2])
        seen = guide[:, reach : reach + inner[0], reach : reach + inner[1]]
        np.copyto(result[part], apply(found, seen), where=wanted[part])
        np.copyto(functions[:, part[0], part[1]], of_levels(found), where=wanted[part])

    one_by_one(fit, boxes(wanted, CELL))
    return result, functions


def _fit(guide: Planes, alpha: Alpha, weight: Alpha, radius: int) -> Planes:
    """Return the weighted guided filter of a part, mean a and b of its pixels: (4, M), flattened, see `flat_sum`.

    Colours are (3, H, W), centred, alpha and weight (H, W). A weight of 0 is outside the picture.
    """
    width = alpha.shape[1]
    guide, alpha, weight = guide.reshape(3, -1), alpha.ravel(), weight.ravel()
    terms = np.empty((14, weight.size), dtype=np.float32)
    terms[0] = weight
    np.multiply(weight, alpha, out=terms[1])
    weighted = np.multiply(weight, guide, out=terms[2:5])
    np.multiply(weighted, alpha, out=terms[5:8])
    np.multiply(weighted, guide[0], out=terms[8:11])
    np.multiply(weighted[1:], guide[1], out=terms[11:13])
    np.multiply(weighted[2], guide[2], out=terms[13])
    sums = flat_sum(terms, radius, width)
    total = np.maximum(sums[0], _LEAST_WEIGHT / 2)  # less only in squares that reach over the end of a row
    sums = sums[1:] / total
    mean, means, shared, products = sums[0], sums[1:4], sums[4:7], sums[7:]
    shared -= mean * means
    products[:3] -= means[0] * means
    products[3:5] -= means[1] * means[1:]
    products[5] -= means[2] * means[2]
    rr, rg, rb, gg, gb, bb = products
    found = np.empty((5, total.size), dtype=np.float32)
    found[:3] = slopes = solved(rr + STIFFNESS, rg, rb, gg + STIFFNESS, gb, bb + STIFFNESS, shared)
    np.subtract(mean, (slopes * means).sum(axis=0), out=found[3])
    centre = radius * (width + 1)
    np.multiply(total, weight[centre:-centre] > 0, out=found[4])  # certain windows weigh more
    found[:4] *= found[4]
    sums = flat_sum(found, radius, width)
    sums[:4] /= np.maximum(sums[4], _LEAST_WEIGHT / 2)
    return sums[:4]
