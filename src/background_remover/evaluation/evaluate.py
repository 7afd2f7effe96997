"""The scores of any `predict(image) -> Matte` over pairs of pictures and truth, and over pictures without a subject."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np

from background_remover.errors import Error, ImageError, OptionError
from background_remover.evaluation import metrics
from background_remover.evaluation.datasets import Pair, read_pair
from background_remover.evaluation.report import MEASURES, SALIENCY, Report, Score
from background_remover.evaluation.saliency import load_pysodmetrics
from background_remover.evaluation.verdicts import Predict, Verdict, timed_verdict
from background_remover.imaging.reader import decode
from background_remover.types import Alpha, Image, Mask

LOG = logging.getLogger(__name__)

Progress: TypeAlias = Callable[[int, int], None]
"""A callback after every picture: the number done, the number in all."""
_T = TypeVar("_T")


def evaluate(predict: Predict, pairs: Sequence[Pair], *, source: str = "", progress: Progress | None = None) -> Report:
    """Return the scores of `predict` on every pair, at the picture's own size.

    `predict` takes (H, W, 3) uint8, and its alpha, (H, W) float32 in [0, 1], is scored as it is. `source` is what the
    verdicts call the pairs' folder. A pair whose files can't be read, or differ in size, is named in a warning and
    skipped. Without PySODMetrics the saliency measures are left out, with a warning. Raises `OptionError` where there
    are no pairs and `ImageError` where none can be read.
    """
    if not pairs:
        raise OptionError("no pairs to score; choose another folder or part")
    saliency = _saliency()
    scores: list[Score] = []
    skipped: list[str] = []
    for done, pair in enumerate(pairs, start=1):
        sample = _read(pair)
        if sample is None:
            skipped.append(pair.name)
        else:
            image, truth, known = sample
            has_subject = bool((truth > metrics.THRESHOLD).any())
            matte, verdict = timed_verdict(predict, image, pair.name, source, has_subject=has_subject)
            scores.append(_score(verdict, matte.alpha, truth, known, saliency))
        if progress is not None:
            progress(done, len(pairs))
    if not scores:
        raise ImageError(f"none of the {len(pairs)} pairs could be read, the first is {pairs[0].image}")
    return Report(tuple(scores), tuple(skipped))


def evaluate_backgrounds(
    predict: Predict, paths: Sequence[Path], *, source: str = "", progress: Progress | None = None
) -> Report:
    """Return the verdicts on pictures without a subject; one that can't be read is named in a warning and skipped.

    Raises `OptionError` where there are no pictures and `ImageError` where none can be read.
    """
    if not paths:
        raise OptionError(f"{source}: no pictures to judge; choose another folder or part")
    found: list[Verdict] = []
    skipped: list[str] = []
    for done, path in enumerate(paths, start=1):
        try:
            image = decode(path).image
        except ImageError as error:
            LOG.warning("skipped: %s", error)
            skipped.append(path.name)
        else:
            found.append(timed_verdict(predict, image, path.name, source, has_subject=False)[1])
        if progress is not None:
            progress(done, len(paths))
    if not found:
        raise ImageError(f"none of the {len(paths)} pictures could be read, the first is {paths[0]}")
    return Report((), tuple(skipped), tuple(found))


def thin(pairs: Sequence[_T], count: int) -> list[_T]:
    """Return at most `count` of the pairs, spread evenly over their order. Raises `OptionError` at a count below 1.

    Names often begin with what the picture shows: the first few of the pets, by name, are cats of one breed.
    """
    if count < 1:
        raise OptionError(f"a limit of {count} pairs leaves nothing to score; give 1 or more")
    count = min(count, len(pairs))
    return [pairs[number * len(pairs) // count] for number in range(count)]


def _saliency() -> Mapping[str, Callable[[Alpha, Alpha], float]]:
    """Return the saliency measures that can be computed here: all, or none and a warning."""
    try:
        load_pysodmetrics()
    except Error as error:
        LOG.warning("%s, left out: %s", ", ".join(SALIENCY), error)
        return {}
    return SALIENCY


def _read(pair: Pair) -> tuple[Image, Alpha, Mask] | None:
    """Return a picture, its truth and where it is known, of one size; None, after a warning, if they can't be read."""
    try:
        return read_pair(pair)
    except ImageError as error:
        LOG.warning("skipped: %s", error)
        return None


def _score(
    verdict: Verdict,
    alpha: Alpha,
    truth: Alpha,
    known: Mask,
    saliency: Mapping[str, Callable[[Alpha, Alpha], float]],
) -> Score:
    values = {measure: of(alpha, truth) for measure, of in saliency.items()}
    return Score(
        verdict=verdict,
        unknown=1 - float(known.mean()),
        ignored=_agreement(alpha, truth, known),
        subject=_agreement(alpha, truth, np.ones_like(known)),
        saliency={measure: value for measure, value in values.items() if not np.isnan(value)},
    )


def _agreement(alpha: Alpha, truth: Alpha, known: Mask) -> dict[str, float]:
    intersection, union = metrics.overlap(alpha, truth, known)
    values = {name: measure(alpha, truth, known) for name, measure in MEASURES.items()}
    return values | {"intersection": intersection, "union": union}
