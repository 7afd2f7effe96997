"""The confidence of a cut: its expected IoU, a number in [0, 1], estimated from the coarse alpha alone."""

import itertools
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from background_remover.errors import ModelError
from background_remover.types import Alpha

Curve: TypeAlias = tuple[tuple[float, float], ...]
"""Points (agreement, confidence), rising in both and interpolated linearly."""

IDENTITY: Curve = ((0.0, 0.0), (1.0, 1.0))


@dataclass(frozen=True, eq=False)
class Matte:
    """The alpha of a picture, (H, W) in [0, 1], and its confidence.

    `confidence`, in [0, 1], is the expected IoU. By the thresholds of the model's card the alpha is `empty` (there is
    no subject), `unsure` (there may be none, or another), or neither.
    """

    alpha: Alpha
    confidence: float
    empty: bool
    unsure: bool


def agreement(alpha: Alpha) -> float:
    """Return the expected IoU of the alpha cut at 0.5, if each pixel's alpha is its probability of being subject.

    Expected intersection over expected union: (H, W) in [0, 1] -> a number in [0, 1]; 0 where nothing is above a half.
    """
    found = alpha > 0.5
    intersection = float(alpha[found].sum(dtype=np.float64))
    union = float(np.count_nonzero(found)) + float(alpha[~found].sum(dtype=np.float64))
    return intersection / union if intersection else 0.0


def confidence(alpha: Alpha, curve: Curve) -> float:
    """Return the calibrated confidence: the mean IoU, in [0, 1], of cuts with this agreement on labelled pictures.

    Networks are overconfident, and so is the agreement (Guo et al. 2017, arXiv 1706.04599); the curve calibrates it.
    """
    agreements, confidences = zip(*curve, strict=True)
    return float(np.interp(agreement(alpha), agreements, confidences))


def to_text(curve: Curve) -> str:
    """Return the curve as it is written in a model file's metadata: `0:0 0.5:0.31 1:0.97`."""
    return " ".join(f"{x:g}:{y:g}" for x, y in curve)


def from_text(text: str, file: str) -> Curve:
    """Parse what `to_text` returns; raises `ModelError`, which names `file`, at anything else."""
    try:
        curve = tuple((float(x), float(y)) for x, y in (point.split(":") for point in text.split()))
    except ValueError as error:
        raise ModelError(f"{file}: its confidence {text!r} is no list of points; export it again") from error
    values = [value for point in curve for value in point]
    rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in itertools.pairwise(curve))
    if len(curve) < 2 or not rising or not all(0 <= value <= 1 for value in values):
        raise ModelError(f"{file}: its confidence {text!r} is no rising curve in [0, 1]; export it again")
    return curve
