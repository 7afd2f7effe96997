import errno
import itertools
import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image as PillowImage

from background_remover.errors import ImageError, OptionError
from background_remover.evaluation.datasets import find_pairs
from background_remover.segmentation.checksum import CHECKSUM, check
from background_remover.segmentation.network import Network
from background_remover.train import calibrate
from background_remover.train.calibrate import Calibration, Observations, fit_curve
from tests.train.conftest import pair_folder, plain, save


def observations(count: int = 4000, empties: int = 400) -> Observations:
    """Agreements that promise more than the scores keep (the square), and empties that agree on little."""
    random = np.random.default_rng(0)
    agreements = random.uniform(0.4, 1, count)
    scores = np.clip(agreements**2 + random.normal(0, 0.03, count), 0, 1)
    return Observations(
        np.concatenate([agreements, random.uniform(0, 0.3, empties)]),
        np.concatenate([scores, np.zeros(empties)]),
        np.arange(count + empties) < count,
    )


def test_the_fit_removes_the_error_on_pictures_it_has_not_seen():
    seen = observations()
    raw = calibrate.measure(Calibration(((0.0, 0.0), (1.0, 1.0)), 0.0), seen.every_other(1))
    fitted = calibrate.measure(calibrate.calibrate(seen.every_other(0)), seen.every_other(1))
    assert raw.error > 0.1
    assert fitted.error < 0.03


def test_the_fitted_curve_rises_and_removes_the_bias():
    random = np.random.default_rng(1)
    x = random.random(4000)
    y = np.clip(x**2 + random.normal(0, 0.05, x.size), 0, 1)
    xs, ys = zip(*fit_curve(x, y, points=20), strict=True)
    assert all(a <= b for a, b in itertools.pairwise(ys))
    assert np.abs(np.interp(x, xs, ys) - x**2).mean() < 0.02


def max_min(scores: np.ndarray) -> list[float]:
    """Isotonic regression by its max-min formula (Robertson, Wright and Dykstra 1988, theorem 1.4.4), (N,)."""
    means = {
        (first, last): scores[first : last + 1].mean()
        for first, last in itertools.combinations_with_replacement(range(len(scores)), 2)
    }
    return [
        max(min(means[first, last] for last in range(place, len(scores))) for first in range(place + 1))
        for place in range(len(scores))
    ]


@pytest.mark.parametrize("seed", range(8))
def test_the_curve_is_the_isotonic_regression_of_all_scores(seed):
    """With a point for every picture, the curve is the regression itself, between its two ends."""
    random = np.random.default_rng(seed)
    agreements = random.permutation(np.linspace(0.1, 0.9, 40))
    scores = np.clip(agreements + random.normal(0, 0.3, 40), 0, 1).round(1)  # some are equal
    expected = max_min(scores[np.argsort(agreements)])
    _, *curve, end = fit_curve(agreements, scores, points=40)
    assert [y for _, y in curve] == pytest.approx(expected, abs=1e-4)
    assert [x for x, _ in curve] == pytest.approx(sorted(agreements), abs=1e-4)
    assert end == (1, curve[-1][1])


def test_a_falling_relation_gives_a_flat_curve():
    ys = [y for x, y in fit_curve(np.array([0.1, 0.5, 0.9]), np.array([0.9, 0.5, 0.1])) if 0 < x < 1]
    assert ys == pytest.approx([0.5] * len(ys))


def test_the_threshold_parts_subjects_from_empties():
    outcome = calibrate.measure(calibrate.calibrate(observations().every_other(0)), observations().every_other(1))
    assert outcome.subjects_refused <= 0.02
    assert outcome.empties_refused >= 0.95
    assert (outcome.pictures, outcome.empties) == (2000, 200)


def test_the_threshold_of_no_subject_lies_in_the_middle_of_a_gap():
    seen = observations()
    empties = np.quantile(seen.agreements[~seen.subjects], calibrate.EMPTIES_REFUSED)
    subjects = np.quantile(seen.agreements[seen.subjects], calibrate.SUBJECTS_REFUSED)
    curve = Calibration(fitted := calibrate.calibrate(seen).curve, 0.0)
    middle = curve.confidences(np.array([empties, subjects])).mean()
    assert calibrate.calibrate(seen).empty_below == pytest.approx(middle, abs=2e-4)
    assert fitted[0] == (0, 0)


def test_where_there_is_no_gap_few_subjects_are_refused():
    seen = observations(empties=4000)
    seen.agreements[4000:] += 0.4  # up to 0.7
    assert calibrate.measure(calibrate.calibrate(seen), seen).subjects_refused <= calibrate.SUBJECTS_REFUSED


def test_the_thresholds_are_of_the_sources_that_it_learnt_from_least():
    seen, random = observations(), np.random.default_rng(1)
    strange = Observations(random.uniform(0.3, 0.9, 4000), random.uniform(0, 1, 4000), np.full(4000, True))
    alike, others = calibrate.calibrate(seen), calibrate.calibrate(seen, strange)
    assert others.curve == alike.curve
    assert others.unsure_below < alike.unsure_below
    unsure = others.confidences(strange.agreements) < others.unsure_below
    assert unsure.mean() == pytest.approx(calibrate.SUBJECTS_UNSURE, abs=0.005)


def test_both_kinds_of_picture_are_needed():
    for part in (slice(0, 4000), slice(4000, None)):
        seen = observations()
        with pytest.raises(OptionError, match="with a subject and without"):
            calibrate.calibrate(Observations(seen.agreements[part], seen.scores[part], seen.subjects[part]))


def test_a_model_file_keeps_its_calibration_and_the_rest(make_model):
    model = make_model()
    before = Network(model).card
    calibrate.write(model, Calibration(((0.0, 0.0), (0.5, 0.25), (1.0, 0.9)), 0.125, 0.25))
    card = Network(model).card
    assert card.curve == ((0, 0), (0.5, 0.25), (1, 0.9))
    assert (card.empty_below, card.unsure_below) == (0.125, 0.25)
    assert (card.name, card.parameters, card.data) == (before.name, before.parameters, before.data)


def test_observing_runs_the_network_on_both_kinds(bright, tmp_path):
    """The tiny model takes what is bright for the subject: it finds the bright squares and nothing in the dark."""
    pairs = find_pairs(pair_folder(tmp_path / "pairs", ["a", "b"], size=64))
    empty = save(tmp_path / "empty.png", plain((0, 0, 0)))
    seen = calibrate.observe(Network(bright), pairs, [empty])
    assert seen.subjects.tolist() == [True, True, False]
    assert (seen.scores[:2] > 0.8).all()
    assert seen.agreements[2] == seen.scores[2] == 0


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_plot_is_a_picture(suffix, tmp_path):
    path = tmp_path / f"plot{suffix}"
    calibrate.draw(calibrate.calibrate(observations()), observations(), path)
    if suffix == ".png":
        with PillowImage.open(path) as plot:
            assert plot.width > 300
    else:
        assert "<svg" in path.read_text(encoding="utf-8")


def test_a_plot_that_cannot_be_written_is_told_of_the_file(tmp_path):
    with pytest.raises(OptionError, match=r"plot\.xyz: a plot ends in \.png or \.svg; choose another name"):
        calibrate.check_plot(tmp_path / "plot.xyz")
    with pytest.raises(ImageError, match=r"none/plot\.png: there is no folder"):
        calibrate.check_plot(tmp_path / "none" / "plot.png")


def test_a_full_disk_leaves_the_model_file_as_it_was(bright, monkeypatch):
    def refuse(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before, files = bright.read_bytes(), sorted(bright.parent.iterdir())
    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(ImageError, match=r"bright\.onnx: can't be written \(No space left on device\)"):
        calibrate.write(bright, Calibration(((0.0, 0.0), (1.0, 0.9)), 0.125, 0.5))
    assert bright.read_bytes() == before
    assert sorted(bright.parent.iterdir()) == files


def test_a_calibrated_file_has_one_checksum_and_its_own(bright, tmp_path):
    path = tmp_path / "copy.onnx"
    path.write_bytes(bright.read_bytes())
    for threshold in (0.125, 0.25):
        calibrate.write(path, Calibration(((0.0, 0.0), (1.0, 0.9)), threshold, 0.5))
        assert [entry.key for entry in onnx.load(path).metadata_props].count(CHECKSUM) == 1
        check(path)


def test_a_calibrated_file_keeps_no_traces_of_the_machine_that_exported_it(bright, tmp_path):
    model = onnx.load(bright)
    model.graph.node[0].metadata_props.add(key="stack", value="/home/somebody/export.py, line 1")
    model.graph.node[0].doc_string = "/home/somebody/export.py"
    onnx.save(model, tmp_path / "traced.onnx")
    calibrate.write(tmp_path / "traced.onnx", Calibration(((0.0, 0.0), (1.0, 0.9)), 0.125, 0.5))
    assert b"/home/somebody" not in (tmp_path / "traced.onnx").read_bytes()
