"""The statistics of a report against analysis, and its table."""

import numpy as np
import pytest

from background_remover.errors import Error, OptionError
from background_remover.evaluation import metrics, saliency
from background_remover.evaluation.report import MEASURES, SALIENCY, Report, Score
from background_remover.evaluation.verdicts import Verdict


def score(name: str, *, iou: float = 0.5, intersection: int = 1, union: int = 2, seconds: float = 0.1) -> Score:
    values = dict.fromkeys(MEASURES, 0.25) | {"iou": iou, "intersection": intersection, "union": union}
    verdict = Verdict(name, "here", True, seconds, 0.9, blank=False, refused=False, unsure=False)
    return Score(verdict, unknown=0, ignored=values, subject=values, saliency={})


def test_the_interval_agrees_with_the_analytic_one_of_a_mean():
    values = np.random.default_rng(1).beta(8, 2, size=400)
    report = Report(tuple(score(str(number), iou=value) for number, value in enumerate(values)))
    error = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    assert report.mean("iou") == pytest.approx(values.mean())
    assert report.interval("iou") == pytest.approx((values.mean() - error, values.mean() + error), abs=error * 0.1)


def test_the_interval_of_dataset_iou_agrees_with_the_ratio_estimator():
    rng = np.random.default_rng(2)
    unions = rng.integers(100, 2000, size=400)
    hits = rng.binomial(unions, rng.beta(8, 2, size=400))
    report = Report(
        tuple(score(str(n), intersection=int(hits[n]), union=int(unions[n])) for n in range(400)),
    )
    ratio = hits.sum() / unions.sum()
    # The variance of a ratio of means by linearisation (Cochran, Sampling Techniques, 1977, eq. 2.39).
    error = 1.96 * (hits - ratio * unions).std(ddof=1) / np.sqrt(400) / unions.mean()
    assert report.mean("dataset_iou") == pytest.approx(ratio)
    assert report.interval("dataset_iou") == pytest.approx((ratio - error, ratio + error), abs=error * 0.1)


def test_the_interval_is_the_same_at_every_call_and_of_width_0_for_one_picture():
    report = Report(tuple(score(str(number), iou=number / 10) for number in range(10)))
    assert report.interval("iou") == report.interval("iou")
    assert Report(report.scores[:1]).interval("iou") == (0, 0)


def test_seconds_are_the_median_so_a_slow_start_does_not_count():
    assert Report((score("a", seconds=9), score("b", seconds=0.1), score("c", seconds=0.2))).seconds == 0.2


def test_unknown_names_are_refused_with_the_known_ones():
    report = Report((score("a"),))
    with pytest.raises(OptionError, match="unknown measure 'jaccard'; known: iou, dataset_iou, dice"):
        report.mean("jaccard")
    with pytest.raises(OptionError, match="unknown border 'kept'; known: ignored, subject"):
        report.interval("iou", "kept")


def test_the_table_of_grey_masks_has_one_column_of_numbers():
    lines = Report((score("a", iou=0.5), score("b", iou=0.5))).table().splitlines()
    assert lines[3] == "| measure        |           all pixels |"
    assert lines[5] == "| iou            | 0.500 [0.500, 0.500] |"


def test_an_unwritable_csv_is_an_error_that_leaves_nothing_behind(tmp_path):
    report = Report((score("a"),))
    with pytest.raises(Error, match=r"scores\.csv: can't be written"):
        report.write_csv(tmp_path / "nowhere" / "scores.csv")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Error, match="folder: can't be written"):
        report.write_csv(tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_names_of_the_measures_are_those_of_their_functions():
    for module, measures in ((metrics, MEASURES), (saliency, SALIENCY)):
        for name, measure in measures.items():
            assert measure is getattr(module, name)
