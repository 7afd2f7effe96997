"""The scores of many pictures: their means with intervals, a table, and a row for every picture.

The truth may leave a border undecided (see `datasets.read_truth`), so there are two conventions: the border "ignored",
which is what a model is judged by, and the border counted as "subject".
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from background_remover.errors import OptionError
from background_remover.evaluation import metrics, saliency
from background_remover.evaluation.tables import markdown
from background_remover.evaluation.verdicts import Verdict
from background_remover.imaging.atomic import write_whole
from background_remover.types import Alpha, Mask

Border: TypeAlias = Literal["ignored", "subject"]

DATASET_IOU = "dataset_iou"
MEASURES: Mapping[str, Callable[[Alpha, Alpha, Mask], float]] = {
    "iou": metrics.iou,
    "dice": metrics.dice,
    "pixel_accuracy": metrics.pixel_accuracy,
    "mae": metrics.mae,
    "boundary_f": metrics.boundary_f,
}
SALIENCY: Mapping[str, Callable[[Alpha, Alpha], float]] = {  # these know no border: it counts as subject
    "s_measure": saliency.s_measure,
    "weighted_f": saliency.weighted_f,
    "e_measure": saliency.e_measure,
}

RESAMPLES, LEVEL, SEED = 2000, 0.95, 0  # of the bootstrap


@dataclass(frozen=True)
class Score:
    """The scores of one picture.

    `ignored` and `subject` are the two conventions: each has every name of `MEASURES`, and "intersection" and "union"
    in pixels. `saliency` has the names of `SALIENCY`, less those that are undefined for this picture, or none without
    PySODMetrics. `unknown` is the share of the pixels that lie in the border.
    """

    verdict: Verdict
    unknown: float
    ignored: Mapping[str, float]
    subject: Mapping[str, float]
    saliency: Mapping[str, float]


@dataclass(frozen=True)
class Report:
    """The scores of pictures with a truth, and the names of those that could not be read.

    `backgrounds` are the verdicts on pictures without a subject and so without a truth: they have no part in a score.
    """

    scores: tuple[Score, ...]
    skipped: tuple[str, ...] = ()
    backgrounds: tuple[Verdict, ...] = ()

    @classmethod
    def joined(cls, reports: Sequence["Report"]) -> "Report":
        """Return one report of all pictures of several."""
        return cls(
            tuple(score for report in reports for score in report.scores),
            tuple(name for report in reports for name in report.skipped),
            tuple(verdict for report in reports for verdict in report.backgrounds),
        )

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdict on every picture, those without a truth last."""
        return (*(score.verdict for score in self.scores), *self.backgrounds)

    @property
    def measures(self) -> tuple[str, ...]:
        """The names that `mean` and `interval` know, in the order of the table."""
        first, *others = MEASURES
        saliency = [name for name in SALIENCY if any(name in score.saliency for score in self.scores)]
        return (first, DATASET_IOU, *others, *saliency)

    @property
    def seconds(self) -> float:
        """The median time of predicting one picture."""
        return float(np.median([score.verdict.seconds for score in self.scores]))

    def mean(self, name: str, border: Border = "ignored") -> float:
        """Return the mean of a measure over the pictures; for "dataset_iou" all intersections over all unions.

        The saliency measures are the same in both conventions. Raises `OptionError` at an unknown name.
        """
        return float(_ratio(*self._terms(name, border)))

    def interval(self, name: str, border: Border = "ignored") -> tuple[float, float]:
        """Return the 95 % interval of `mean`, always the same: percentile bootstrap over pictures (Efron, 1979)."""
        above, below = self._terms(name, border)
        picks = np.random.default_rng(SEED).integers(len(above), size=(RESAMPLES, len(above)), dtype=np.int32)
        low, high = np.quantile(_ratio(above[picks], below[picks]), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return float(low), float(high)

    def table(self) -> str:
        """Return the means with their intervals, as a Markdown table that reads well in a terminal.

        Where no truth has a border the conventions are one, and the table has one column of numbers.
        """
        columns: dict[str, Border] = {"all pixels": "ignored"}
        if any(score.unknown for score in self.scores):
            columns = {"border ignored": "ignored", "border as subject": "subject"}
        rows = [[name, *(self._cell(name, border, columns) for border in columns.values())] for name in self.measures]
        return "\n".join(
            [
                f"Pictures: {len(self.scores):,} scored at their own size, {len(self.skipped):,} skipped;"
                f" {self.seconds:.3f} s each (median).",
                f"Mean over pictures [{LEVEL:.0%} interval, bootstrap]; higher is better, except for mae.",
                "",
                markdown(["measure", *columns], rows),
            ]
        )

    def write_csv(self, path: Path | str) -> None:
        """Write a CSV of one row for each picture, whole or not at all. Raises `Error` where it can't."""
        rows = [*map(_csv_row, self.scores), *map(_csv_verdict, self.backgrounds)]
        header = list(dict.fromkeys(key for row in rows for key in row))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, header)
        writer.writeheader()
        writer.writerows(rows)
        write_whole(Path(path), text.getvalue().encode())

    def _terms(self, name: str, border: Border) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return two numbers for every picture, (N,) each: a statistic is the ratio of their sums."""
        if name not in self.measures:
            raise OptionError(f"unknown measure {name!r}; known: {', '.join(self.measures)}")
        if border not in get_args(Border):
            raise OptionError(f"unknown border {border!r}; known: {', '.join(get_args(Border))}")
        scores = [score.ignored if border == "ignored" else score.subject for score in self.scores]
        if name == DATASET_IOU:
            return np.array([score["intersection"] for score in scores]), np.array([score["union"] for score in scores])
        if name in SALIENCY:
            scores = [score.saliency for score in self.scores if name in score.saliency]
        return np.array([score[name] for score in scores]), np.ones(len(scores))

    def _cell(self, name: str, border: Border, columns: Mapping[str, Border]) -> str:
        if name in SALIENCY and border == "ignored" and len(columns) > 1:
            return "-"
        low, high = self.interval(name, border)
        return f"{self.mean(name, border):.3f} [{low:.3f}, {high:.3f}]"


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ratio of two sums along the last axis; 1 where there is no union, as in `metrics.iou`."""
    numerator, denominator = above.sum(axis=-1), below.sum(axis=-1)
    return np.where(denominator > 0, numerator / np.maximum(denominator, 1), 1.0)


def _csv_verdict(verdict: Verdict) -> dict[str, str | float]:
    """Return its fields, with 1 for true and 0 for false."""
    return {name: int(value) if isinstance(value, bool) else value for name, value in asdict(verdict).items()}


def _csv_row(score: Score) -> dict[str, str | float]:
    row = _csv_verdict(score.verdict) | {"unknown": score.unknown}
    row |= {f"{name}_border_ignored": value for name, value in score.ignored.items()}
    row |= {f"{name}_border_as_subject": value for name, value in score.subject.items()}
    return {**row, **score.saliency}
