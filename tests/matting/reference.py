"""Refinement and foreground colours written out over whole pictures, in float64, without parts, bands or tricks."""

import numpy as np

from background_remover.arrays.bit_depth import eight_bits, white
from background_remover.arrays.resample import nearest, resize, shrink, within
from background_remover.matting import foreground as colours
from background_remover.matting import guided_filter as edges
from background_remover.types import Alpha, Image


def sums(array: np.ndarray, radius: int) -> np.ndarray:
    """The sum of the square around every pixel of (..., H, W), zeros outside."""
    wide = np.pad(array, [(0, 0)] * (array.ndim - 2) + [(radius, radius)] * 2)
    side = 2 * radius + 1
    return np.lib.stride_tricks.sliding_window_view(wide, (side, side), axis=(-2, -1)).sum(axis=(-2, -1))


def resized(array: np.ndarray, size: tuple[int, int], kernel: str) -> np.ndarray:
    """Planes (..., H, W), one after another."""
    flat = array.reshape(-1, *array.shape[-2:]).astype(np.float32)
    return (
        np.stack([resize(plane, size, kernel) for plane in flat]).reshape(*array.shape[:-2], *size).astype(np.float64)
    )


def filtered(guide: np.ndarray, alpha: np.ndarray, radius: int) -> np.ndarray:
    """The functions (4, H, W) of the guided filter weighted by certainty, for colours (3, H, W) in [0, 1]."""
    weight = (2 * alpha - 1) ** 2 + float(edges._LEAST_WEIGHT)
    total = sums(weight, radius)
    mean, means = sums(weight * alpha, radius) / total, sums(weight * guide, radius) / total
    shared = sums(weight * alpha * guide, radius) / total - mean * means
    products = sums(weight * guide[:, None] * guide[None], radius) / total - means[:, None] * means[None]
    matrices = products.transpose(2, 3, 0, 1) + float(edges.STIFFNESS) * np.eye(3)
    slopes = np.linalg.solve(matrices, shared.transpose(1, 2, 0)[..., None])[..., 0].transpose(2, 0, 1)
    functions = np.concatenate([slopes, (mean - (slopes * means).sum(axis=0))[None]])
    return sums(functions * total, radius) / sums(total, radius)


def refine(image: Image, coarse: Alpha) -> np.ndarray:
    """What `guided_filter.refine` gives for a coarse alpha that is smaller than the picture."""
    size = image.shape[:2]
    subject = sums((coarse < 1 - edges.SURE).astype(float), edges.REACH) == 0
    band = ~subject & (sums((coarse > edges.SURE).astype(float), edges.REACH) > 0)
    images = []
    for longest, _ in reversed(edges.SCALES):
        larger = images[-1] if images else image
        images.append(shrink(larger, within(larger.shape[:2], longest)))
    alpha = coarse.astype(np.float64)
    for number, (small, (_, radius)) in enumerate(zip(reversed(images), edges.SCALES, strict=True)):
        guide, reduced = small.transpose(2, 0, 1) / 255, small.shape[:2]
        alpha = np.clip(resized(alpha, reduced, "bicubic"), 0, 1)
        for _ in range(1 if number else edges.SHARPENINGS):
            missing = coarse - resized(alpha, coarse.shape, "box")
            alpha = np.clip(alpha + resized(missing, reduced, "bicubic"), 0, 1)
        wanted = enlarged_nearest(band, reduced)
        found = filtered(guide, alpha, max(1, round(radius * max(reduced) / max(coarse.shape))))
        functions = np.where(wanted, found, np.concatenate([np.zeros_like(found[:3]), alpha[None]]))
        alpha = np.clip((functions[:3] * guide).sum(axis=0) + functions[3], 0, 1)
    slopes = resized(functions, size, "bilinear")
    fine = np.clip((slopes[:3] * (image.transpose(2, 0, 1) / 255)).sum(axis=0) + slopes[3], 0, 1)
    return np.where(enlarged_nearest(band, size), fine, enlarged_nearest(subject, size))


def enlarged_nearest(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return mask[np.ix_(nearest(mask.shape[0], size[0]), nearest(mask.shape[1], size[1]))]


def foreground(image: np.ndarray, alpha: Alpha) -> np.ndarray:
    """What `foreground.foreground` gives, in levels that aren't rounded: (H, W, 3)."""
    size, levels = alpha.shape, []
    small, share = eight_bits(image), alpha
    for longest, rounds in reversed(colours.LEVELS):
        reduced = within(share.shape, longest)
        small, share = shrink(small, reduced), shrink(share, reduced)
        levels.append((small.transpose(2, 0, 1) / 255, share.astype(np.float64), rounds))
    own = behind = levels[-1][0]
    for seen, part, rounds in reversed(levels):
        own, behind = (resized(means, part.shape, "bilinear") for means in (own, behind))
        for _ in range(rounds):
            own, behind = fused(seen, part, own, behind)
            own, behind = mean(own, part, seen), mean(behind, 1 - part, seen)
    near = enlarged_nearest(sums(part, 1) > 9 * colours._NONE, size)
    own, behind = (resized(means, size, "bilinear") for means in (own, behind))
    found, _ = fused(image.transpose(2, 0, 1) / white(image), alpha.astype(np.float64), own, behind)
    return np.where(((alpha < 1) & near)[..., None], found.transpose(1, 2, 0) * white(image), image)


def fused(seen: np.ndarray, share: np.ndarray, own: np.ndarray, behind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rest = 1 - share
    missing = (seen - share * own - rest * behind) / (share**2 + rest**2 + colours.STIFFNESS)
    return np.clip(own + share * missing, 0, 1), np.clip(behind + rest * missing, 0, 1)


def mean(means: np.ndarray, weight: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    total = sums(weight, 1)
    return np.where(total > 9 * colours._NONE, sums(means * weight, 1) / np.maximum(total, 1e-9), otherwise)


SIZES = ((1, 1), (1, 40), (41, 1), (5, 901), (901, 7), (61, 83), (263, 351), (301, 1101))


def scene(size: tuple[int, int], kind: str) -> tuple[Image, Alpha]:
    """A picture and an alpha: a "star" with a soft rim on a ground, with noise, or "random" colours and blobs."""
    rng, (height, width) = np.random.default_rng(0), size
    if kind == "random":
        blobs = resize(rng.random((-(-height // 9), -(-width // 9))).astype(np.float32), size, "bilinear")
        return rng.integers(0, 256, (*size, 3), dtype=np.uint8), np.clip(5 * blobs - 2, 0, 1)
    y, x = np.ogrid[:height, :width]
    y, x = y - height / 2, x - width / 2
    radius = min(size) * (0.3 + 0.06 * np.cos(7 * np.arctan2(y, x))) + 1
    alpha = np.clip((radius - np.hypot(y, x)) / 3 + 0.5, 0, 1).astype(np.float32)
    colours = alpha[..., None] * [200, 60, 40] + (1 - alpha[..., None]) * [40, 70, 160] + rng.normal(0, 6, (*size, 3))
    return np.clip(np.rint(colours), 0, 255).astype(np.uint8), alpha
