"""The guided filter: from a coarse alpha to one at the picture's own size, with edges where the picture has them."""

import numpy as np

from background_remover.arrays.box_filter import box_sum
from background_remover.arrays.resample import enlarge_nearest, resize, shrink, source_part, within
from background_remover.arrays.tiles import Part, around, in_threads, tiles
from background_remover.matting.local_linear import apply, centred, of_levels, solved, write
from background_remover.types import Alpha, Image, Mask, Planes

# Of each scale the picture's longest side, and the radius of the windows in pixels of the coarse alpha. The first finds
# the edges roughly, the second restores what the first has lost of the coarse alpha.
SCALES = ((512, 1.6), (1024, 0.8))
SHARPENINGS = 4  # back-projections of the coarse alpha before the first scale
STIFFNESS = np.float32(1e-5)  # eps of the filter: the variance of colours, in [0, 1], below which a window is flat
SURE = 0.02  # a coarse alpha this near 0 or 1 is certain
REACH = 2  # pixels of the coarse alpha around an uncertain one in which the edge may lie
TILE = 128  # the side of the squares in which the picture's own pixels are worked out
CELL = 128  # the side of the squares in which the filter works; one fits in a processor's cache
_LEAST_WEIGHT = np.float32(1e-3)  # of an alpha of one half, where 0 and 1 have a weight of 1


def refine(image: Image, coarse: Alpha) -> Alpha:
    """Return the alpha at the picture's own size: (H, W, 3) uint8 and a coarse (h, w) in [0, 1] give (H, W) in [0, 1].

    Where the coarse alpha is within `SURE` of 0 (of 1) for `REACH` pixels around, the result is exactly 0 (1). A
    coarse alpha no smaller than the picture is only resized.

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
    subject, ground = _sure(coarse)
    band = ~(subject | ground)
    functions = of_levels(_functions(image, coarse, band)) if band.any() else None
    sure = subject.astype(np.float32)
    result = np.empty(size, dtype=np.float32)

    def fill(tile: Part) -> None:
        below = source_part(sure, size, *tile)
        if not source_part(band, size, *tile).any() and np.ptp(below) == 0:  # most of a picture
            result[tile] = below[0, 0]
            return
        result[tile] = enlarge_nearest(sure, size, *tile)
        uncertain = enlarge_nearest(band, size, *tile)
        if functions is not None and uncertain.any():
            write(functions, image, tile, uncertain, result)

    in_threads(fill, tiles(size, TILE))
    return result


def _sure(coarse: Alpha) -> tuple[Mask, Mask]:
    """Return where the coarse alpha is certainly subject and certainly background, `REACH` around: two masks (h, w)."""
    no_subject = box_sum((coarse < 1 - SURE).astype(np.float32), REACH)
    no_ground = box_sum((coarse > SURE).astype(np.float32), REACH)
    return no_subject == 0, no_ground == 0


def _functions(image: Image, coarse: Alpha, band: Mask) -> Planes:
    """Return the linear functions of the last scale for centred colours: (4, h, w), the last one b."""
    guides = []
    for longest, _ in reversed(SCALES):  # each reduced from the one before: the picture itself is reduced once
        image = shrink(image, within((image.shape[0], image.shape[1]), longest))
        guides.append(centred(image))
    alpha = coarse
    for guide, (_, radius) in zip(reversed(guides), SCALES, strict=True):
        first = alpha is coarse
        size = guide.shape[1], guide.shape[2]
        alpha = np.clip(resize(alpha, size, "bicubic"), 0, 1)
        for _ in range(SHARPENINGS if first else 1):
            alpha = _back_project(alpha, coarse)
        step = max(1, round(radius * max(size) / max(coarse.shape)))
        wanted = enlarge_nearest(band, size, slice(size[0]), slice(size[1]))
        functions = _filter(guide, alpha, wanted, step)
        alpha = apply(functions, guide)
    return functions


def _back_project(alpha: Alpha, coarse: Alpha) -> Alpha:
    size = alpha.shape[0], alpha.shape[1]
    missing = coarse - resize(alpha, (coarse.shape[0], coarse.shape[1]), "box")
    return np.asarray(np.clip(alpha + resize(missing, size, "bicubic"), 0, 1), dtype=np.float32)


def _filter(guide: Planes, alpha: Alpha, wanted: Mask, radius: int) -> Planes:
    """Return the functions of the `wanted` pixels for a centred guide, (4, H, W); elsewhere constants, the alpha."""
    size = alpha.shape[0], alpha.shape[1]
    result = np.zeros((4, *size), dtype=np.float32)
    result[3] = alpha

    def fit(cell: Part) -> None:
        if wanted[cell].any():
            outer, inner = around(cell, 2 * radius, size)  # twice, as functions are averaged over windows too
            found = _fit(guide[:, outer[0], outer[1]], alpha[outer], radius)
            np.copyto(result[:, cell[0], cell[1]], found[:, inner[0], inner[1]], where=wanted[cell])

    in_threads(fit, tiles(size, CELL))
    return result


def _fit(guide: Planes, alpha: Alpha, radius: int) -> Planes:
    """Return the weighted guided filter of a cell: colours (3, H, W) and alpha (H, W) give mean a and b, (4, H, W)."""
    weight = (2 * alpha - 1) ** 2 + _LEAST_WEIGHT
    weighted = weight * guide
    products = [weighted[i] * guide[j] for i in range(3) for j in range(i, 3)]
    sums = box_sum(np.stack([weight, weight * alpha, *weighted, *(alpha * weighted), *products]), radius)
    total, sums = sums[0], sums[1:] / sums[0]
    mean, means, shared = sums[0], sums[1:4], sums[4:7]
    rr, rg, rb, gg, gb, bb = sums[7:]
    r, g, b = means
    variances = (rr - r * r + STIFFNESS, rg - r * g, rb - r * b, gg - g * g + STIFFNESS, gb - g * b)
    slopes = solved(*variances, bb - b * b + STIFFNESS, shared - mean * means)
    functions = np.concatenate([slopes, (mean - (slopes * means).sum(axis=0))[None]])
    functions = box_sum(np.concatenate([functions * total, total[None]]), radius)  # certain windows weigh more
    return np.asarray(functions[:4] / functions[4], dtype=np.float32)
