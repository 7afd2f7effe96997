"""`Verdict`: whether a model refuses a picture, is unsure of it or leaves it blank, and tables of their shares."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias

from background_remover.evaluation import metrics
from background_remover.evaluation.tables import markdown
from background_remover.segmentation.confidence import Matte
from background_remover.types import Image

Predict: TypeAlias = Callable[[Image], Matte]
"""Returns the alpha of a picture at its own size, as `Remover.matte` does."""


@dataclass(frozen=True)
class Verdict:
    """A model's verdict on one picture.

    `source` is the folder that the picture is from, `has_subject` the truth, `seconds` the time of the prediction. With
    `blank` no pixel of the alpha is above one half; with `refused` the command writes nothing, with `unsure` it writes
    the cutout with a warning.
    """

    name: str
    source: str
    has_subject: bool
    seconds: float
    confidence: float
    blank: bool
    refused: bool
    unsure: bool

    @property
    def shows_something(self) -> bool:
        """Whether a cutout is written that shows anything, sure or unsure."""
        return not (self.refused or self.blank)


def timed_verdict(
    predict: Predict, image: Image, name: str, source: str, *, has_subject: bool
) -> tuple[Matte, Verdict]:
    """Return the matte that `predict` gives for a picture, (H, W, 3) uint8, and the verdict with its seconds."""
    start = perf_counter()
    matte = predict(image)
    seconds = perf_counter() - start
    blank = not bool((matte.alpha > metrics.THRESHOLD).any())
    return matte, Verdict(name, source, has_subject, seconds, matte.confidence, blank, matte.empty, matte.unsure)


_OF_SUBJECTS: Mapping[str, Callable[[Verdict], bool]] = {
    "blank": lambda verdict: verdict.blank,
    "refused": lambda verdict: verdict.refused,
    "unsure": lambda verdict: verdict.unsure,
}
_OF_EMPTIES: Mapping[str, Callable[[Verdict], bool]] = {
    "refused": lambda verdict: verdict.refused,
    "unsure": lambda verdict: verdict.unsure,
    "something cut out": lambda verdict: verdict.shows_something,
}


def table(verdicts: Sequence[Verdict]) -> str:
    """Return a Markdown table of blank, refused and unsure pictures by source: those with a subject, those without.

    A kind without pictures has no table. For pictures without a subject the share of false positives, where a cutout
    shows something, replaces that of blank ones.
    """
    kinds = (("with a subject", True, _OF_SUBJECTS), ("without a subject", False, _OF_EMPTIES))
    tables = []
    for title, has_subject, shares in kinds:
        chosen = [verdict for verdict in verdicts if verdict.has_subject is has_subject]
        if chosen:
            tables.append(markdown([title, "pictures", *shares], _rows(chosen, shares)))
    return "\n\n".join(tables)


def _rows(verdicts: Sequence[Verdict], shares: Mapping[str, Callable[[Verdict], bool]]) -> list[list[str]]:
    """Return a row for each source, in their order, and one for all where there are several."""
    sources = {
        source: [v for v in verdicts if v.source == source] for source in dict.fromkeys(v.source for v in verdicts)
    }
    if len(sources) > 1:
        sources["all"] = list(verdicts)
    return [
        [source, f"{len(found):,}", *(f"{sum(map(is_so, found)) / len(found):.1%}" for is_so in shares.values())]
        for source, found in sources.items()
    ]
