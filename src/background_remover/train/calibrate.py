"""The calibration of a model file's confidence: measured against the IoU, and written into the file."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from background_remover.arrays.resample import resize
from background_remover.errors import OptionError
from background_remover.evaluation import metrics
from background_remover.evaluation.datasets import Pair, read_pair
from background_remover.imaging.atomic import check_name, write_whole
from background_remover.imaging.reader import decode
from background_remover.segmentation.checksum import CHECKSUM, stamped
from background_remover.segmentation.confidence import Curve, agreement, to_text
from background_remover.segmentation.network import Network
from background_remover.segmentation.traces import remove_traces

SUBJECTS_REFUSED, EMPTIES_REFUSED = 0.005, 0.95  # shares; the threshold lies in the middle between the two
SUBJECTS_UNSURE = 0.05  # share, of those refused too
PLOTS = (".png", ".svg")
"""The suffixes of a plot's name."""
_BINS = 8


@dataclass(frozen=True)
class Observations:
    """The agreements of a network's alphas of pictures, and their scores; (N,) each."""

    agreements: NDArray[np.float64]
    scores: NDArray[np.float64]  # IoU, border ignored; 0 where there is no subject
    subjects: NDArray[np.bool_]  # whether there is one

    def every_other(self, first: int) -> "Observations":
        """Return one half of them, from `first`, 0 or 1, on: one half is for fitting, the other for measuring."""
        part = slice(first, None, 2)
        return Observations(self.agreements[part], self.scores[part], self.subjects[part])


@dataclass(frozen=True)
class Calibration:
    """The curve and the thresholds that go into the model file."""

    curve: Curve
    empty_below: float
    unsure_below: float = 0.0

    def confidences(self, agreements: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the confidences, (N,), of agreements, (N,)."""
        x, y = zip(*self.curve, strict=True)
        return np.asarray(np.interp(agreements, x, y))


@dataclass(frozen=True)
class Summary:
    """The errors of a calibration on pictures."""

    pictures: int
    empties: int
    error: float  # mean difference of confidence and IoU over the bins, weighted by their pictures
    subjects_refused: float  # share of the pictures with a subject that count as empty
    subjects_unsure: float  # share of them that count as unsure
    empties_refused: float  # share of the empty pictures that count as empty

    def __str__(self) -> str:
        return (
            f"{self.pictures} pictures with a subject, {self.empties} without: calibration error {self.error:.3f}; of "
            f"those with a subject {self.subjects_refused:.1%} refused and {self.subjects_unsure:.1%} unsure, of those "
            f"without {self.empties_refused:.1%} refused"
        )


def observe(network: Network, pairs: Sequence[Pair], empties: Sequence[Path]) -> Observations:
    """Run the network on pictures with truth and on pictures without a subject, and return what it says of each."""
    agreements, scores = [], []
    for pair in pairs:
        image, truth, known = read_pair(pair)
        coarse = network.coarse(image)
        agreements.append(agreement(coarse))
        scores.append(metrics.iou(resize(coarse, image.shape[:2], "bicubic"), truth, known))
    agreements += [agreement(network.coarse(decode(path).image)) for path in empties]
    scores += [0.0] * len(empties)
    return Observations(np.array(agreements), np.array(scores), np.arange(len(scores)) < len(pairs))


def fit_curve(agreements: NDArray[np.float64], scores: NDArray[np.float64], points: int = 8) -> Curve:
    """Return the rising curve with the least squared error: isotonic regression (Barlow et al. 1972).

    `agreements` and `scores` are (N,) in [0, 1], in any order. The regression is thinned to `points` quantiles of the
    agreements, and the curve is brought to both ends of [0, 1].
    """
    order = np.argsort(agreements)
    fitted = isotonic_regression(scores[order]).x
    quantiles = np.unique(np.linspace(0, len(order) - 1, points).round().astype(int))
    inner = {round(float(agreements[order[i]]), 4): round(float(fitted[i]), 4) for i in quantiles}
    return tuple(sorted({0.0: 0.0, 1.0: max(inner.values()), **inner}.items()))


def calibrate(seen: Observations, least_seen: Observations | None = None) -> Calibration:
    """Return the curve from agreement to IoU, fitted on `seen`, and the two thresholds.

    The thresholds are fitted on the subjects of `least_seen`, pictures of the sources with the smallest shares of the
    training: on the others the network is surer than on pictures that it has never seen. Below `empty_below` lie
    nearly all empty pictures and hardly any subject; where these are apart it is in the middle of the gap. Below
    `unsure_below` lie some subjects more. Raises `OptionError` where there are no subjects, or no empty pictures.
    """
    if not seen.subjects.any() or seen.subjects.all():
        raise OptionError("calibration needs pictures with a subject and without; give --data and --backgrounds")
    curve = Calibration(fit_curve(seen.agreements, seen.scores), 0.0)
    doubted = least_seen or seen
    subjects = curve.confidences(doubted.agreements[doubted.subjects])
    empties = curve.confidences(seen.agreements[~seen.subjects])
    few, most = float(np.quantile(subjects, SUBJECTS_REFUSED)), float(np.quantile(empties, EMPTIES_REFUSED))
    empty_below = _down(min(few, (few + most) / 2))
    return Calibration(curve.curve, empty_below, max(empty_below, _down(float(np.quantile(subjects, SUBJECTS_UNSURE)))))


def _down(threshold: float) -> float:
    """Return it rounded down to four digits: rounded up, one picture more might lie below it."""
    return math.floor(threshold * 1e4) / 1e4


def measure(calibration: Calibration, seen: Observations) -> Summary:
    """Return the calibration error (Guo et al. 2017, arXiv 1706.04599, equation 3) and the two rates of refusal."""
    confidences = calibration.confidences(seen.agreements)
    bins = np.minimum((confidences * _BINS).astype(int), _BINS - 1)
    gaps = [abs(float((confidences - seen.scores)[bins == i].sum())) for i in range(_BINS)]
    refused = confidences < calibration.empty_below
    unsure = (confidences < calibration.unsure_below) & ~refused
    return Summary(
        pictures=int(seen.subjects.sum()),
        empties=int((~seen.subjects).sum()),
        error=sum(gaps) / len(confidences),
        subjects_refused=float(refused[seen.subjects].mean()),
        subjects_unsure=float(unsure[seen.subjects].mean()),
        empties_refused=float(refused[~seen.subjects].mean()),
    )


def write(path: Path, calibration: Calibration) -> None:
    """Write the calibration into a model file, whole or not at all; `ImageError` where it can't be written."""
    model = onnx.load(path)
    metadata = {entry.key: entry.value for entry in model.metadata_props if entry.key != CHECKSUM}
    thresholds = {"empty_below": calibration.empty_below, "unsure_below": calibration.unsure_below}
    metadata |= {"confidence": to_text(calibration.curve)} | {name: str(value) for name, value in thresholds.items()}
    onnx.helper.set_model_props(model, metadata)
    remove_traces(model)  # of the machine that an older version exported it on
    write_whole(path, stamped(model.SerializeToString()))


def check_plot(path: Path) -> None:
    """Refuse a name that isn't a plot's (`OptionError`) and a place where nothing can be written (`ImageError`)."""
    check_name(path, "a plot", PLOTS)


def draw(calibration: Calibration, seen: Observations, path: Path) -> None:
    """Draw the reliability plot: IoU over confidence, a point for each picture, a line through the means of the bins.

    Raises `OptionError` and `ImageError` as `check_plot` does, and `ImageError` where the file can't be written.
    """
    check_plot(path)
    confidences = calibration.confidences(seen.agreements)
    figure = Figure(figsize=(6, 5.5), layout="constrained")
    axes = figure.subplots()
    for subject, label in ((True, "with a subject"), (False, "without")):
        chosen = seen.subjects == subject
        axes.plot(confidences[chosen], seen.scores[chosen], ".", markersize=3, alpha=0.5, label=label)
    bins = np.minimum((confidences * _BINS).astype(int), _BINS - 1)
    filled = [i for i in range(_BINS) if (bins == i).any()]
    means = [float(seen.scores[bins == i].mean()) for i in filled]
    axes.plot([(i + 0.5) / _BINS for i in filled], means, "o-", color="black", label="mean of the bin")
    axes.plot([0, 1], [0, 1], "--", color="grey", label="perfect")
    axes.axvline(calibration.empty_below, color="red", linewidth=1, label="no subject below")
    axes.axvline(calibration.unsure_below, color="orange", linewidth=1, label="unsure below")
    axes.set(xlabel="confidence", ylabel="IoU", xlim=(0, 1), ylim=(0, 1))
    axes.legend(fontsize="small")
    drawn = io.BytesIO()
    figure.savefig(drawn, format=path.suffix.removeprefix("."), dpi=100)
    write_whole(path, drawn.getvalue())
