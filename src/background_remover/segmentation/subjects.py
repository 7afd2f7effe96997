"""Separate subjects in one alpha: people of a group, products side by side."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.box import Box, subject_box
from background_remover.arrays.components import Labels, regions
from background_remover.segmentation.confidence import IDENTITY, Curve, confidence
from background_remover.segmentation.geodesic import distances
from background_remover.types import Alpha, Size

LEVEL = 0.5  # the alpha above which connected pixels are one subject
SPECK = 0.03  # of the largest subject's area: a smaller region belongs to the nearest subject
EPSILON = 0.05  # a step through a pixel costs 1 / (alpha + EPSILON): paths over the background are long


@dataclass(frozen=True, eq=False)
class Subject:
    """One subject of a picture: its own alpha, (h, w) in [0, 1] and 0 where others are, its box, area and confidence.

    `box` holds all that is visible of it, in pixels of the alpha; `area` is its share of the picture, in [0, 1], and
    `confidence` its expected IoU, in [0, 1].
    """

    alpha: Alpha
    box: Box
    area: float
    confidence: float

    def scaled(self, size: Size) -> "Subject":
        """Return the subject with its box in pixels of a picture of `size`, rounded outwards."""
        down, along = size[0] / self.alpha.shape[0], size[1] / self.alpha.shape[1]
        lower, right = math.ceil(self.box.bottom * down), math.ceil(self.box.right * along)
        box = Box(int(self.box.top * down), int(self.box.left * along), min(lower, size[0]), min(right, size[1]))
        return replace(self, box=box)


def separate(alpha: Alpha, curve: Curve = IDENTITY) -> tuple[Subject, ...]:
    """Return the subjects of an alpha (h, w) in [0, 1], the largest first; none where nothing is above one half.

    Every connected region above one half is a subject, but for specks. All other pixels belong to the nearest subject,
    by geodesic distance through the alpha, so that the subjects' alphas add up to the one given. `curve` is that of
    the network's card, see `confidence.confidence`.
    """
    labels, count = regions(alpha > LEVEL)
    if not count:
        return ()
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    main = np.flatnonzero(areas >= SPECK * areas.max()) + 1
    owners = _owners(alpha, labels, main)
    subjects = [_subject(np.where(owners == number, alpha, np.float32(0)), curve) for number in range(len(main))]
    return tuple(sorted(subjects, key=lambda subject: -subject.area))


def _owners(alpha: Alpha, labels: Labels, main: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the index in `main` of the region that each pixel belongs to: (h, w)."""
    owners = np.zeros(alpha.shape, dtype=np.intp)
    if len(main) == 1:
        return owners
    cost = np.reciprocal(alpha + np.float32(EPSILON))
    nearest = np.full(alpha.shape, np.inf, dtype=np.float32)
    for number, label in enumerate(main):
        away = distances(labels == label, cost)
        owners[away < nearest] = number
        np.minimum(nearest, away, out=nearest)
    return owners


def _subject(alpha: Alpha, curve: Curve) -> Subject:
    return Subject(alpha, subject_box(alpha), float(alpha.mean(dtype=np.float64)), confidence(alpha, curve))


def facts_of(number: int, subject: Subject) -> dict[str, object]:
    """Return a subject as JSON; its box is left, top, width and height."""
    box = subject.box
    edges = [box.left, box.top, box.right - box.left, box.bottom - box.top]
    area, sure = round(subject.area, 4), round(subject.confidence, 4)
    return {"number": number, "box": edges, "area": area, "confidence": sure}
