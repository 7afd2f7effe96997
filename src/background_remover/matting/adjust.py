"""Adjustments of an alpha on request: threshold, grow, feather. Each takes and returns (H, W) in [0, 1]."""

import numpy as np

from background_remover.arrays.box_filter import blur, box_max
from background_remover.types import Alpha


def threshold(alpha: Alpha, level: float) -> Alpha:
    """Return 1 where the alpha is above the level, 0 elsewhere."""
    return (alpha > level).astype(np.float32)


def grow(alpha: Alpha, pixels: int) -> Alpha:
    """Return the alpha dilated by `pixels` on each side, or eroded where they are negative.

    Every pixel takes the largest (smallest) alpha of a square around it. The picture's border is no edge.
    """
    return box_max(alpha, pixels) if pixels >= 0 else 1 - box_max(1 - alpha, -pixels)


def feather(alpha: Alpha, radius: float) -> Alpha:
    """Return the alpha blurred by a Gaussian with a standard deviation of `radius` pixels."""
    return np.clip(blur(alpha, radius), 0, 1)
