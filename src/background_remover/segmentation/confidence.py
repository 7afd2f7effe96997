"""How sure a cut is: one number in [0, 1], from the coarse alpha alone."""

import itertools
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from background_remover.errors import ModelError
from background_remover.types import Alpha

Curve: TypeAlias = tuple[tuple[float, float], ...]
"""Points (agreement, confidence), rising in both; between two points a straight line."""

IDENTITY: Curve = ((0.0, 0.0), (1.0, 1.0))


@dataclass(frozen=True, eq=False)
class Matte:
    """The alpha of a picture, (H, W) in [0, 1], and how sure it is.

    `confidence`, in [0, 1], is the IoU to expect. By the thresholds of the model's card it is `empty`, where there is
    no subject, or `unsure`, where there may be none or another, or neither.
    """

    alpha: Alpha
    confidence: float
    empty: bool
    unsure: bool


def agreement(alpha: Alpha) -> float:
    """The IoU to expect of the cut at one half, if every pixel's alpha is the probability that it is subject.

    Expected intersection over expected union: (H, W) in [0, 1] -> a number in [0, 1]; 0 where nothing is above a half.
    """
    found = alpha > 0.5
    intersection = float(alpha[found].sum(dtype=np.float64))
    union = float(np.count_nonzero(found)) + float(alpha[~found].sum(dtype=np.float64))
    return intersection / union if intersection else 0.0


def confidence(alpha: Alpha, curve: Curve) -> float:
    """The IoU that cuts of such an agreement had on pictures with known truth, in [0, 1].

    An expected IoU is too sure of itself, as networks are (Guo et al. 2017, arXiv 1706.04599); the curve corrects it.
    """
    agreements, confidences = zip(*curve, strict=True)
    return float(np.interp(agreement(alpha), agreements, confidences))


def to_text(curve: Curve) -> str:
    """The curve as a model file's metadata hold it: `0:0 0.5:0.31 1:0.97`."""
    return " ".join(f"{x:g}:{y:g}" for x, y in curve)


def from_text(text: str, file: str) -> Curve:
    """The curve that `to_text` wrote; raises `ModelError`, which names `file`, where it isn't one."""
    try:
        curve = tuple((float(x), float(y)) for x, y in (point.split(":") for point in text.split()))
    except ValueError as error:
        raise ModelError(f"{file}: its confidence {text!r} is no list of points; export it again") from error
    values = [value for point in curve for value in point]
    rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in itertools.pairwise(curve))
    if len(curve) < 2 or not rising or not all(0 <= value <= 1 for value in values):
        raise ModelError(f"{file}: its confidence {text!r} is no rising curve in [0, 1]; export it again")
    return curve
