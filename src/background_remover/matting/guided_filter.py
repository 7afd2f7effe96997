"""From a network's coarse alpha to one at the picture's own size, with edges where the picture has them."""

import numpy as np

from background_remover.arrays.box_filter import box_sum
from background_remover.arrays.resample import beneath, magnify, resize, shrink, within
from background_remover.arrays.tiles import Part, around, in_threads, tiles
from background_remover.matting.local_linear import apply, centred, of_levels, solved, write
from background_remover.types import Alpha, Image, Mask, Planes

# Each look: the longest side of the picture then, and the radius of the windows, in pixels of the coarse alpha. The
# first sets the edges roughly right, the second puts back what the first has lost against the coarse alpha.
SCALES = ((512, 1.6), (1024, 0.8))
SHARPENINGS = 4  # of the coarse alpha, before the first look
STIFFNESS = np.float32(1e-5)  # eps of the filter: the variance of colours, in [0, 1], below which a window is even
SURE = 0.02  # a coarse alpha this near 0 or 1 is taken at its word
REACH = 2  # pixels of the coarse alpha around an unsure one in which the edge may lie
TILE = 128  # the side of the squares in which the picture's own pixels are worked out
CELL = 128  # the side of the squares in which the filter works; one fits in a processor's cache
_DOUBT = np.float32(1e-3)  # the confidence in an alpha of one half, where that in 0 and in 1 is 1


def refine(image: Image, coarse: Alpha) -> Alpha:
    """The alpha at the picture's own size: (H, W, 3) uint8 and a coarse (h, w) in [0, 1] give (H, W) in [0, 1].

    Where the coarse alpha is within `SURE` of 0 (of 1) for `REACH` pixels around, the answer is exactly 0 (1). A
    coarse alpha no smaller than the picture is only brought to its size.

    The edges come from a guided filter (He, Sun and Tang, "Guided Image Filtering", TPAMI 2013) with colours for a
    guide: in every window alpha is a linear function a . I + b of the colour. Windows weigh their pixels by how sure
    the alpha is there, so that a doubtful band follows what is sure beside it (Liba et al., arXiv 2006.10172). The
    functions are found at a reduced size and enlarged in place of the alpha itself (He and Sun, "Fast Guided Filter",
    arXiv 1505.00996), to be applied to the picture's own colours, in tiles and in the unsure band alone.

    Before each look the alpha is set right against the coarse one: reduced to the same size it must say the same
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
        below = beneath(sure, size, *tile)
        if not beneath(band, size, *tile).any() and np.ptp(below) == 0:  # most of a picture
            result[tile] = below[0, 0]
            return
        result[tile] = magnify(sure, size, *tile)
        unsure = magnify(band, size, *tile)
        if functions is not None and unsure.any():
            write(functions, image, tile, unsure, result)

    in_threads(fill, tiles(size, TILE))
    return result


def _sure(coarse: Alpha) -> tuple[Mask, Mask]:
    """Where the coarse alpha is sure of the subject and of the background, that far around: two masks (h, w)."""
    no_subject = box_sum((coarse < 1 - SURE).astype(np.float32), REACH)
    no_ground = box_sum((coarse > SURE).astype(np.float32), REACH)
    return no_subject == 0, no_ground == 0


def _functions(image: Image, coarse: Alpha, band: Mask) -> Planes:
    """The linear functions of the last look: (4, h, w), the last one b, for centred colours."""
    guides = []
    for longest, _ in reversed(SCALES):  # each of the one above it: the picture itself is reduced once
        image = shrink(image, within((image.shape[0], image.shape[1]), longest))
        guides.append(centred(image))
    alpha = coarse
    for guide, (_, radius) in zip(reversed(guides), SCALES, strict=True):
        first = alpha is coarse
        look = guide.shape[1], guide.shape[2]
        alpha = np.clip(resize(alpha, look, "bicubic"), 0, 1)
        for _ in range(SHARPENINGS if first else 1):
            alpha = _set_right(alpha, coarse)
        step = max(1, round(radius * max(look) / max(coarse.shape)))
        wanted = magnify(band, look, slice(look[0]), slice(look[1]))
        functions = _filter(guide, alpha, wanted, step)
        alpha = apply(functions, guide)
    return functions


def _set_right(alpha: Alpha, coarse: Alpha) -> Alpha:
    size = alpha.shape[0], alpha.shape[1]
    missing = coarse - resize(alpha, (coarse.shape[0], coarse.shape[1]), "box")
    return np.asarray(np.clip(alpha + resize(missing, size, "bicubic"), 0, 1), dtype=np.float32)


def _filter(guide: Planes, alpha: Alpha, wanted: Mask, radius: int) -> Planes:
    """The functions of the wanted pixels, (4, H, W), for a centred guide; those of the others give the alpha itself."""
    size = alpha.shape[0], alpha.shape[1]
    result = np.zeros((4, *size), dtype=np.float32)
    result[3] = alpha

    def fit(cell: Part) -> None:
        if wanted[cell].any():
            outer, inner = around(cell, 2 * radius, size)  # a function is a mean over windows that reach as far again
            found = _fit(guide[:, outer[0], outer[1]], alpha[outer], radius)
            np.copyto(result[:, cell[0], cell[1]], found[:, inner[0], inner[1]], where=wanted[cell])

    in_threads(fit, tiles(size, CELL))
    return result


def _fit(guide: Planes, alpha: Alpha, radius: int) -> Planes:
    """The weighted guided filter of one piece: colours (3, H, W) and alpha (H, W) -> mean a and b, (4, H, W)."""
    weight = (2 * alpha - 1) ** 2 + _DOUBT
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
    functions = box_sum(np.concatenate([functions * total, total[None]]), radius)  # sure windows weigh more
    return np.asarray(functions[:4] / functions[4], dtype=np.float32)
