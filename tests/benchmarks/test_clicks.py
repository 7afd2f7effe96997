import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as PillowImage

import clicks
import scenes
from background_remover.arrays.box import Box
from background_remover.errors import OptionError
from background_remover.evaluation.metrics import iou
from tests.benchmarks.conftest import cells


@pytest.fixture
def folders(tmp_path, photo):
    """Cutouts of a disc and two backgrounds, enough for some to be held out, and two labelled pictures of it."""
    opacity = (photo.mean(2) > 127).astype(np.uint8) * 255
    for place in ("cutouts", "backgrounds", "data/image", "data/mask"):
        (tmp_path / place).mkdir(parents=True)
    for number in range(24):
        PillowImage.fromarray(np.dstack([photo, opacity])).save(tmp_path / "cutouts" / f"{number}.png")
    for number in range(12):
        PillowImage.fromarray(photo // 4).save(tmp_path / "backgrounds" / f"{number}.png")
        PillowImage.fromarray(photo).save(tmp_path / "data" / "image" / f"{number}.png")
        PillowImage.fromarray(opacity).save(tmp_path / "data" / "mask" / f"{number}.png")
    return tmp_path


def test_a_scene_is_the_same_in_every_run_and_means_one_of_two(folders):
    made = list(scenes.scenes([folders / "cutouts"], folders / "backgrounds", 2))
    again = list(scenes.scenes([folders / "cutouts"], folders / "backgrounds", 2))
    assert len(made) == 2
    for one, other in zip(made, again, strict=True):
        assert np.array_equal(one.image, other.image)
        bright = one.image.mean(2) > 127
        meant = one.truth > 0.5
        assert bright[meant].mean() > 0.95
        assert 0.1 < meant.sum() / bright.sum() < 0.9  # the rest is the other one


def test_labelled_pictures_make_scenes_too(folders):
    (first, *_) = scenes.scenes([folders / "cutouts", folders / "data"], folders / "backgrounds", 1)
    assert first.known.all()


def test_scenes_want_two_subjects_and_a_background(folders):
    (folders / "none").mkdir()
    with pytest.raises(OptionError, match="4 subjects and 0 backgrounds are held out; wanted 2 and 1"):
        list(scenes.scenes([folders / "cutouts"], folders / "none", 1))


def test_the_next_click_is_in_the_middle_of_the_largest_error():
    truth, known = np.zeros((50, 60), dtype=np.float32), np.ones((50, 60), dtype=bool)
    truth[10:31, 10:31] = 1
    assert clicks.next_click(np.zeros_like(truth), truth, known) == ((20, 20), True)
    alpha = truth.copy()
    alpha[35:46, 40:51] = 1
    alpha[10:14] = 0
    assert clicks.next_click(alpha, truth, known) == ((40, 45), False)
    known[35:46, 40:51] = False
    assert clicks.next_click(alpha, truth, known)[1]


def test_a_goal_that_is_not_reached_counts_as_twenty():
    row = clicks.Row(0.1, 0.2, 0.3, [0.5, 0.86, 0.87], [1.0, 2.0, 3.0])
    assert row.to(0.85) == 2
    assert row.to(0.9) == 20
    assert row.after(1) == 0.5
    assert row.after(5) == 0.87


def test_grabcut_finds_the_disc_in_its_box(photo):
    truth = (photo.mean(2) > 127).astype(np.float32)
    assert iou(clicks.grabcut(photo, Box(14, 39, 76, 101)), truth) > 0.95


def test_the_table_has_a_row_for_each_set(folders, bright):
    order = ["--subjects", folders / "cutouts", "--backgrounds", folders / "backgrounds", folders / "data"]
    ran = CliRunner().invoke(clicks.main, [*map(str, order), "--model", str(bright), "--limit", "1"])
    assert ran.exit_code == 0, ran.output
    header, two, data = cells(ran.output)
    assert header[:6] == ["pictures", "no prompt", "GrabCut, box", "box", "1 click", "3 clicks"]
    assert two[0] == "1 of scenes of two"
    assert data[0] == "1 of data"
    assert float(data[4]) > 0.9  # one click on the only subject


@pytest.mark.parametrize("order", [[], ["--subjects", "cutouts"]])
def test_what_is_missing_is_said(folders, monkeypatch, order):
    monkeypatch.chdir(folders)
    ran = CliRunner().invoke(clicks.main, order)
    assert ran.exit_code == 2
    assert "give" in ran.output


def test_no_pixel_is_clicked_twice():
    truth, known = np.zeros((30, 30), dtype=np.float32), np.ones((30, 30), dtype=bool)
    truth[10:21, 10:21] = 1
    nothing = np.zeros_like(truth)
    first, _ = clicks.next_click(nothing, truth, known)
    second, lacks = clicks.next_click(nothing, truth, known, [first])
    assert lacks
    assert first == (15, 15) != second


def test_clicks_end_where_nothing_is_wrong(photo):
    truth, known = (photo.mean(2) > 127).astype(np.float32), np.ones(photo.shape[:2], dtype=bool)
    assert clicks.next_click(truth, truth, known) is None
    ious, times = clicks.by_clicks(scenes.Case("disc", photo, truth, known), lambda _: truth)
    assert ious == [1.0]
    assert len(times) == 1
