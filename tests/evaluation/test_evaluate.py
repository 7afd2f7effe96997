"""Whole evaluations on small folders, and what their reports write."""

import csv
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.errors import ImageError, OptionError
from background_remover.evaluation.datasets import Pair, find_pairs
from background_remover.evaluation.evaluate import evaluate, evaluate_backgrounds, thin
from background_remover.evaluation.report import SALIENCY, Report
from background_remover.segmentation.confidence import Matte
from background_remover.types import Image
from tests.evaluation.test_report import score

SIZE = (24, 32)
BORDER = 3  # of a trimap


def red(image: Image) -> Matte:
    """A predictor for these tests: the picture's red channel is its alpha, and its highest level the confidence."""
    alpha = image[..., 0].astype(np.float32) / 255
    sure = float(alpha.max())
    return Matte(alpha, sure, empty=sure < 0.1, unsure=0.1 <= sure < 0.9)


def add_pair(folder: Path, name: str, alpha: np.ndarray, truth: np.ndarray) -> Pair:
    """A picture for which `red` gives `alpha` (in 1/255), beside its truth: a trimap, or a grey mask."""
    trimap = truth.max() <= BORDER
    pair = Pair(name, folder / "image" / f"{name}.png", folder / "mask" / f"{name}.png", trimap=trimap)
    for path, pixels in ((pair.image, np.stack([alpha] * 3, axis=-1)), (pair.truth, truth)):
        path.parent.mkdir(exist_ok=True)
        PillowImage.fromarray(pixels.astype(np.uint8)).save(path)
    return pair


def box(left: int, right: int, value: int = 255) -> np.ndarray:
    pixels = np.zeros(SIZE, dtype=np.uint8)
    pixels[6:18, left:right] = value
    return pixels


def trimap(left: int, right: int, band: int) -> np.ndarray:
    pixels = np.full(SIZE, 2, dtype=np.uint8)
    pixels[6 - band : 18 + band, left - band : right + band] = BORDER
    pixels[6:18, left:right] = 1
    return pixels


@pytest.fixture
def without_saliency(monkeypatch):
    monkeypatch.setitem(sys.modules, "py_sod_metrics", None)


def test_a_perfect_predictor_scores_perfectly_in_both_conventions(tmp_path):
    pytest.importorskip("py_sod_metrics")
    pairs = [add_pair(tmp_path, str(left), box(left, left + 10), box(left, left + 10)) for left in (4, 8, 12)]
    report = evaluate(red, pairs)
    assert [score.verdict.name for score in report.scores] == ["4", "8", "12"]
    for name in ("iou", "dataset_iou", "dice", "pixel_accuracy", "boundary_f"):
        assert (report.mean(name), report.mean(name, "subject")) == (1, 1)
        assert report.interval(name) == (1, 1)
    assert report.mean("mae") == 0
    for name in SALIENCY:
        assert report.mean(name) == pytest.approx(1, abs=5e-3)


def test_the_border_is_ignored_or_counted_as_subject(tmp_path, without_saliency):
    # The prediction is the sure subject, 12 x 10; the border makes it 16 x 14, all but the first is missed.
    report = evaluate(red, [add_pair(tmp_path, "a", box(10, 20), trimap(10, 20, band=2))])
    assert (report.mean("iou"), report.mean("pixel_accuracy"), report.mean("mae")) == (1, 1, 0)
    assert report.mean("iou", "subject") == pytest.approx(120 / 224)
    assert report.mean("mae", "subject") == pytest.approx(104 / (24 * 32))
    assert report.scores[0].unknown == pytest.approx(104 / (24 * 32))


def test_the_alpha_is_scored_as_it_is_never_stretched(tmp_path):
    pytest.importorskip("py_sod_metrics")
    report = evaluate(red, [add_pair(tmp_path, "a", box(10, 20, value=100), box(10, 20))])
    assert report.mean("iou") == 0  # 100 of 255 is below the threshold; stretched, it would be 1
    assert report.mean("mae") == pytest.approx(120 * 155 / 255 / (24 * 32))
    assert all(report.mean(name) < 0.95 for name in SALIENCY)


def test_dataset_iou_weighs_pixels_and_iou_weighs_pictures(tmp_path, without_saliency):
    pairs = [add_pair(tmp_path, "small", box(0, 1), box(0, 2)), add_pair(tmp_path, "large", box(0, 20), box(0, 20))]
    report = evaluate(red, pairs)
    assert report.mean("iou") == pytest.approx((1 / 2 + 1) / 2)
    assert report.mean("dataset_iou") == pytest.approx(21 / 22)


def test_pictures_without_subject_answered_rightly_are_perfect(tmp_path, without_saliency):
    report = evaluate(red, [add_pair(tmp_path, name, box(0, 0), box(0, 0)) for name in "ab"])
    assert (report.mean("iou"), report.mean("dataset_iou")) == (1, 1)
    assert report.interval("dataset_iou") == (1, 1)


def test_what_can_not_be_scored_is_named_skipped_and_counted(tmp_path, without_saliency, caplog):
    pairs = [add_pair(tmp_path, name, box(0, 9), box(0, 9)) for name in ("broken", "gone", "good", "masked", "sized")]
    pairs[0].image.write_bytes(pairs[0].image.read_bytes()[:60])
    pairs[1].image.unlink()
    pairs[3].truth.write_bytes(b"no mask")
    PillowImage.new("L", (5, 4)).save(pairs[4].truth)
    seen: list[tuple[int, int]] = []
    with caplog.at_level(logging.WARNING):
        report = evaluate(red, pairs, progress=lambda done, total: seen.append((done, total)))
    assert [score.verdict.name for score in report.scores] == ["good"]
    assert report.skipped == ("broken", "gone", "masked", "sized")
    assert seen == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    for file in ("broken.png", "gone.png", "masked.png", "sized.png: is 32x24 and its truth 5x4"):
        assert file in caplog.text
    assert "Pictures: 1 scored at their own size, 4 skipped" in report.table()


def test_no_pairs_and_no_readable_pair_are_errors(tmp_path, without_saliency):
    with pytest.raises(OptionError, match="no pairs"):
        evaluate(red, [])
    with pytest.raises(ImageError, match="none of the 1 pairs"):
        evaluate(red, [Pair("a", tmp_path / "a.jpg", tmp_path / "a.png", trimap=False)])


def test_a_predictor_of_another_size_is_refused(tmp_path, without_saliency):
    pair = add_pair(tmp_path, "a", box(0, 9), box(0, 9))
    with pytest.raises(OptionError, match="must share one"):
        evaluate(lambda image: red(image[::2]), [pair])


def test_without_pysodmetrics_the_rest_is_scored_and_one_line_says_so(tmp_path, without_saliency, caplog):
    with caplog.at_level(logging.WARNING):
        report = evaluate(red, [add_pair(tmp_path, "a", box(0, 9), box(0, 9))])
    (warning,) = caplog.messages
    assert warning.startswith("s_measure, weighted_f, e_measure, left out")
    assert "pip install 'background-remover[evaluate]'" in warning
    assert report.measures == ("iou", "dataset_iou", "dice", "pixel_accuracy", "mae", "boundary_f")
    assert "s_measure" not in report.table()


def test_a_measure_that_is_undefined_for_a_picture_leaves_that_picture_out(tmp_path):
    pytest.importorskip("py_sod_metrics")
    edge = np.zeros(SIZE, dtype=np.uint8)
    edge[:, -1] = 255
    both = evaluate(red, [add_pair(tmp_path, "edge", edge, edge), add_pair(tmp_path, "box", box(4, 9), box(5, 9))])
    alone = evaluate(red, [add_pair(tmp_path, "box", box(4, 9), box(5, 9))])
    assert "s_measure" not in both.scores[0].saliency
    assert both.mean("s_measure") == alone.mean("s_measure")


def test_a_real_folder_layout_end_to_end(tmp_path, without_saliency):
    for name in "ba":
        add_pair(tmp_path, name, box(0, 9), box(0, 9))
    assert [score.verdict.name for score in evaluate(red, find_pairs(tmp_path)).scores] == ["a", "b"]


def test_the_table_of_two_conventions(tmp_path):
    pytest.importorskip("py_sod_metrics")
    pairs = [add_pair(tmp_path, "a", box(10, 20), trimap(10, 20, band=2))]
    lines = evaluate(red, pairs).table().splitlines()
    assert lines[0].startswith("Pictures: 1 scored at their own size, 0 skipped; ")
    assert lines[3] == "| measure        |       border ignored |    border as subject |"
    assert lines[4] == "| -------------- | -------------------: | -------------------: |"
    assert lines[5] == "| iou            | 1.000 [1.000, 1.000] | 0.536 [0.536, 0.536] |"
    assert lines[11].startswith("| s_measure      |                    - | 0.")
    assert len({len(line) for line in lines[3:]}) == 1


def test_the_csv_has_one_row_for_each_picture(tmp_path):
    pytest.importorskip("py_sod_metrics")
    edge = np.zeros(SIZE, dtype=np.uint8)
    edge[:, -1] = 255
    pairs = [
        add_pair(tmp_path, "edge", edge, edge),
        add_pair(tmp_path, "band", box(10, 20), trimap(10, 20, band=2)),
    ]
    target = tmp_path / "scores.csv"
    target.write_text("an older file, to be replaced", encoding="utf-8")
    evaluate(red, pairs).write_csv(target)
    with target.open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["name"], second["name"]) == ("edge", "band")
    assert float(second["iou_border_ignored"]) == 1
    assert float(second["iou_border_as_subject"]) == pytest.approx(120 / 224)
    assert second["union_border_as_subject"] == "224"
    assert (first["s_measure"], float(second["s_measure"]) > 0) == ("", True)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["scores.csv"]


def test_every_pair_has_its_verdict(tmp_path, without_saliency):
    pairs = [
        add_pair(tmp_path, "found", box(10, 20), box(10, 20)),
        add_pair(tmp_path, "refused", box(10, 20, value=20), box(10, 20)),
        add_pair(tmp_path, "unsure", box(10, 20, value=200), box(10, 20)),
        add_pair(tmp_path, "unsure and blank", box(10, 20, value=100), box(10, 20)),
        add_pair(tmp_path, "empty", box(0, 0), box(0, 0)),
        add_pair(tmp_path, "trimap", box(10, 20), trimap(10, 20, band=2)),
    ]
    report = evaluate(red, pairs, source="here")
    found = {v.name: (v.has_subject, v.blank, v.refused, v.unsure) for v in report.verdicts}
    assert found == {
        "found": (True, False, False, False),
        "refused": (True, True, True, False),
        "unsure": (True, False, False, True),
        "unsure and blank": (True, True, False, True),
        "empty": (False, True, True, False),
        "trimap": (True, False, False, False),
    }
    assert {v.source for v in report.verdicts} == {"here"}


def test_backgrounds_have_verdicts_and_no_scores(tmp_path, caplog):
    paths = [tmp_path / name for name in ("dark.png", "bright.png", "broken.png")]
    for path, level in zip(paths, (0, 255, 0), strict=True):
        PillowImage.new("RGB", (9, 6), (level, 0, 0)).save(path)
    paths[2].write_bytes(b"no picture")
    seen: list[tuple[int, int]] = []
    report = evaluate_backgrounds(red, paths, source="walls", progress=lambda done, total: seen.append((done, total)))
    assert [(v.name, v.source, v.has_subject, v.refused) for v in report.verdicts] == [
        ("dark.png", "walls", False, True),
        ("bright.png", "walls", False, False),
    ]
    assert (report.scores, report.skipped, seen) == ((), ("broken.png",), [(1, 3), (2, 3), (3, 3)])
    assert "broken.png" in caplog.text
    with pytest.raises(OptionError, match="walls: no pictures to judge"):
        evaluate_backgrounds(red, [], source="walls")
    with pytest.raises(ImageError, match="none of the 1 pictures could be read"):
        evaluate_backgrounds(red, paths[2:])


def test_reports_are_joined_in_their_order(tmp_path):
    PillowImage.new("RGB", (9, 6)).save(tmp_path / "dark.png")
    walls = evaluate_backgrounds(red, [tmp_path / "dark.png"], source="walls")
    whole = Report.joined([walls, Report((score("a", iou=1),), ("lost",)), Report((score("b", iou=0),))])
    assert [verdict.name for verdict in whole.verdicts] == ["a", "b", "dark.png"]
    assert (whole.mean("iou"), whole.skipped) == (0.5, ("lost",))


def test_the_csv_has_the_verdicts_too(tmp_path, without_saliency):
    PillowImage.new("RGB", (9, 6), (150, 0, 0)).save(tmp_path / "fog.png")
    pairs = [add_pair(tmp_path, "a", box(10, 20, value=100), box(10, 20))]
    walls = evaluate_backgrounds(red, [tmp_path / "fog.png"], source="walls")
    Report.joined([evaluate(red, pairs, source="here"), walls]).write_csv(tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        pair, wall = csv.DictReader(file)
    columns = ("name", "source", "has_subject", "blank", "refused", "unsure")
    assert [pair[column] for column in columns] == ["a", "here", "1", "1", "0", "1"]
    assert [wall[column] for column in columns] == ["fog.png", "walls", "0", "0", "0", "1"]
    assert (float(pair["confidence"]), float(wall["confidence"])) == pytest.approx((100 / 255, 150 / 255))
    assert (float(pair["iou_border_ignored"]), wall["iou_border_ignored"]) == (0, "")


@pytest.mark.parametrize(("count", "names"), [(1, "a"), (2, "ad"), (3, "ace"), (6, "abcdef"), (99, "abcdef")])
def test_thin_takes_pairs_evenly_over_their_order(count, names):
    pairs = [Pair(name, Path(), Path(), trimap=False) for name in "abcdef"]
    assert "".join(pair.name for pair in thin(pairs, count)) == names


def test_thin_refuses_a_count_below_1_and_takes_nothing_from_nothing():
    with pytest.raises(OptionError, match="a limit of 0 pairs"):
        thin([], 0)
    assert thin([], 5) == []
