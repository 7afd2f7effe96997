"""Changes to an alpha that somebody asks for: threshold, grow, feather. Each takes and gives (H, W) in [0, 1]."""

import numpy as np

from background_remover.arrays.box_filter import blur, box_max
from background_remover.types import Alpha


def threshold(alpha: Alpha, level: float) -> Alpha:
    """1 where the alpha is above the level, 0 elsewhere."""
    return (alpha > level).astype(np.float32)


def grow(alpha: Alpha, pixels: int) -> Alpha:
    """The subject wider by so many pixels on each side, or narrower where they are negative.

    Every pixel takes the largest (smallest) alpha of a square around it. The frame is no edge.
    """
    return box_max(alpha, pixels) if pixels >= 0 else 1 - box_max(1 - alpha, -pixels)


def feather(alpha: Alpha, radius: float) -> Alpha:
    """The alpha under a bell curve whose standard deviation is `radius` pixels."""
    return np.clip(blur(alpha, radius), 0, 1)
