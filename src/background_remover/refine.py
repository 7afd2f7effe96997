"""From a network's coarse alpha to one at the picture's own size, with edges where the picture has them."""

import numpy as np
from numpy.typing import NDArray

from background_remover.pixels import Planes, box_sum, enlarge_at, in_threads, nearest, planes, resize, tiles, within
from background_remover.types import Alpha, Image, Mask

# Each look: the longest side of the picture then, and the radius of the windows, in pixels of the coarse alpha. The
# first sets the edges roughly right, the second puts back what the first has lost against the coarse alpha.
LOOKS = ((512, 1.6), (1024, 0.8))
TRIMAP_LOOKS, TRIMAP_ROUNDS, TRIMAP_RADIUS = (32, 64, 128, 256, 512, 1024), 3, 7  # pixels of each look
SHARPENINGS = 4  # of the coarse alpha, before the first look
STIFFNESS = np.float32(1e-5)  # eps of the filter: the variance of colours, in [0, 1], below which a window is even
SURE = 0.02  # a coarse alpha this near 0 or 1 is taken at its word
REACH = 2  # pixels of the coarse alpha around an unsure one in which the edge may lie
TILE = 256  # the side of the squares in which the picture's own pixels are worked out
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
    down, along = nearest(coarse.shape[0], size[0]), nearest(coarse.shape[1], size[1])
    result = subject.astype(np.float32).take(down, axis=0).take(along, axis=1)
    band = ~(subject | ground)
    if not band.any():
        return result
    _apply_in_tiles(_functions(image, coarse, band), image, band.take(down, axis=0).take(along, axis=1), result)
    return result


def solve(image: Image, trimap: Image) -> Alpha:
    """The alpha at the picture's own size from a trimap: (H, W, 3) and (h, w), both uint8, give (H, W) in [0, 1].

    Where the trimap is 0 (255) the answer is exactly 0 (1). The rest is found by the filter of `refine`, from small
    sizes to large ones: however wide the unknown band is, at some size a window reaches across it.
    """
    size = image.shape[0], image.shape[1]
    down, along = nearest(trimap.shape[0], size[0]), nearest(trimap.shape[1], size[1])
    trimap = trimap.take(down, axis=0).take(along, axis=1)
    unknown: Mask = (trimap > 0) & (trimap < 255)
    given: Alpha = np.where(unknown, 0.5, trimap == 255).astype(np.float32)
    if not unknown.any():
        return given
    functions = _functions_of_trimap(image, given, unknown.astype(np.float32))
    _apply_in_tiles(functions, image, unknown, given)
    return given


def _functions_of_trimap(image: Image, given: Alpha, unknown: Alpha) -> NDArray[np.float32]:
    alpha = given
    for longest in TRIMAP_LOOKS:
        look = within((image.shape[0], image.shape[1]), longest)
        guide = planes(resize(image, look, "box"))
        asked = resize(unknown, look, "box") > 0
        alpha = np.where(asked, np.clip(resize(alpha, look, "bicubic"), 0, 1), resize(given, look, "box"))
        for _ in range(TRIMAP_ROUNDS):
            functions = _filter(guide - np.float32(0.5), alpha, asked, TRIMAP_RADIUS)
            alpha = np.where(asked, _apply(functions, guide), alpha)
    return np.ascontiguousarray(functions.transpose(1, 2, 0))


def _apply_in_tiles(functions: NDArray[np.float32], image: Image, unsure: Mask, result: Alpha) -> None:
    """Writes what the functions, (h, w, 4), say of the unsure pixels into the result; all else stays."""
    size = result.shape[0], result.shape[1]

    def apply(tile: tuple[slice, slice]) -> None:
        asked = unsure[tile]
        if asked.any():
            function = enlarge_at(functions, size, *tile, asked).T
            result[tile][asked] = _apply(function, planes(image[tile][None, asked])[:, 0])

    in_threads(apply, tiles(size, TILE))


def _sure(coarse: Alpha) -> tuple[Mask, Mask]:
    """Where the coarse alpha is sure of the subject and of the background, that far around: two masks (h, w)."""
    no_subject = box_sum((coarse < 1 - SURE).astype(np.float32), REACH)
    no_ground = box_sum((coarse > SURE).astype(np.float32), REACH)
    return no_subject == 0, no_ground == 0


def _functions(image: Image, coarse: Alpha, band: Mask) -> NDArray[np.float32]:
    """The linear functions of the last look: (h, w, 4), the last one b, for colours that are 0 at mid-grey."""
    guides = []
    for longest, _ in reversed(LOOKS):  # each of the one above it: the picture itself is reduced once
        image = resize(image, within((image.shape[0], image.shape[1]), longest), "box")
        guides.append(planes(image))
    alpha = coarse
    for guide, (_, radius) in zip(reversed(guides), LOOKS, strict=True):
        first = alpha is coarse
        look = guide.shape[1], guide.shape[2]
        alpha = np.clip(resize(alpha, look, "bicubic"), 0, 1)
        for _ in range(SHARPENINGS if first else 1):
            alpha = _set_right(alpha, coarse)
        step = max(1, round(radius * max(look) / max(coarse.shape)))
        wanted = band[np.ix_(nearest(band.shape[0], look[0]), nearest(band.shape[1], look[1]))]
        functions = _filter(guide - np.float32(0.5), alpha, wanted, step)
        alpha = _apply(functions, guide)
    return np.ascontiguousarray(functions.transpose(1, 2, 0))


def _set_right(alpha: Alpha, coarse: Alpha) -> Alpha:
    size = alpha.shape[0], alpha.shape[1]
    missing = coarse - resize(alpha, (coarse.shape[0], coarse.shape[1]), "box")
    return np.asarray(np.clip(alpha + resize(missing, size, "bicubic"), 0, 1), dtype=np.float32)


def _filter(guide: Planes, alpha: Alpha, wanted: Mask, radius: int) -> Planes:
    """The functions of the wanted pixels, (4, H, W); those of the others give the alpha itself."""
    result = np.zeros((4, *alpha.shape), dtype=np.float32)
    result[3] = alpha
    margin = 2 * radius  # a pixel's function is a mean over windows that reach as far again
    for rows, columns in tiles((alpha.shape[0], alpha.shape[1]), CELL):
        asked = wanted[rows, columns]
        if not asked.any():
            continue
        top, left = max(rows.start - margin, 0), max(columns.start - margin, 0)
        around = slice(top, rows.stop + margin), slice(left, columns.stop + margin)
        found = _fit(guide[:, around[0], around[1]], alpha[around], radius)
        inner = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
        result[:, rows, columns][:, asked] = found[:, inner[0], inner[1]][:, asked]
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
    slopes = _solve(*variances, bb - b * b + STIFFNESS, shared - mean * means)
    functions = np.concatenate([slopes, (mean - (slopes * means).sum(axis=0))[None]])
    functions = box_sum(np.concatenate([functions * total, total[None]]), radius)  # sure windows weigh more
    return np.asarray(functions[:4] / functions[4], dtype=np.float32)


def _solve(xx: Alpha, xy: Alpha, xz: Alpha, yy: Alpha, yz: Alpha, zz: Alpha, right: Planes) -> Planes:
    """The solutions of symmetric 3x3 systems, one in each pixel, by elimination.

    The inverse from cofactors costs as much and loses in float32 what an even window's small variances say.
    """
    y_of_x, z_of_x = xy / xx, xz / xx
    yy, yz, zz = yy - y_of_x * xy, yz - z_of_x * xy, zz - z_of_x * xz
    z_of_y = yz / yy
    first = right[0]
    second = right[1] - y_of_x * first
    third = (right[2] - z_of_x * first - z_of_y * second) / (zz - z_of_y * yz)
    second = second / yy - z_of_y * third
    return np.stack([first / xx - y_of_x * second - z_of_x * third, second, third])


def _apply(functions: Planes, colours: Planes) -> Alpha:
    """The alpha that functions (4, ...) give colours (3, ...) in [0, 1]: clipped to [0, 1]."""
    half = np.float32(0.5)
    r, g, b = colours
    alpha = functions[0] * (r - half) + functions[1] * (g - half) + functions[2] * (b - half) + functions[3]
    return np.asarray(np.clip(alpha, 0, 1), dtype=np.float32)
