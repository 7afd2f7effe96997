import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as PillowImage

import moving_scenes
import video
from background_remover import Remover
from tests.benchmarks.conftest import cells


@pytest.fixture
def data(tmp_path, photo):
    """Cutouts of a disc, and backgrounds of dark noise, enough of them that some are held out for both halves."""
    random = np.random.default_rng(0)
    for place in ("cutouts", "backgrounds"):
        (tmp_path / place).mkdir()
    for number in range(24):
        alpha = (photo.mean(2) > 127).astype(np.uint8) * 255
        PillowImage.fromarray(np.dstack([photo, alpha])).save(tmp_path / "cutouts" / f"{number}.png")
        ground = random.integers(0, 90, (90, 160, 3)).astype(np.uint8)
        PillowImage.fromarray(ground).save(tmp_path / "backgrounds" / f"ground {number}.png")
    return tmp_path


def test_scores_of_alphas_worked_out_by_hand():
    truths = np.zeros((3, 2, 4), np.float32)
    truths[:, 0] = 1
    perfect = video.scores(truths, truths)
    assert perfect == (1, 1, 0, 0)
    alphas = truths.copy()
    alphas[1, 1, :2] = 1  # two pixels of eight come and go
    found = video.scores(alphas, truths)
    assert found == pytest.approx(((1 + 4 / 6 + 1) / 3, 4 / 6, 25, 50))


def test_clips_are_the_same_every_time_and_halves_share_nothing(data):
    halves = {half: moving_scenes.half_of(data / "cutouts", half) for half in ("tuning", "report")}
    assert halves["tuning"]
    assert halves["report"]
    assert not set(halves["tuning"]) & set(halves["report"])
    first, second = (list(moving_scenes.clips([data / "cutouts"], data / "backgrounds", "report", 3)) for _ in range(2))
    assert len(first) == len(moving_scenes.MOTIONS)
    for one, other in zip(first, second, strict=True):
        assert all((a == b).all() for a, b in zip(one.frames, other.frames, strict=True))
        assert all(truth.max() > 0.9 for truth in one.truths)
        assert one.frames[0].shape == (*moving_scenes.SIZE, 3)


def test_every_clip_has_a_row_and_every_way_a_number(data, bright, monkeypatch):
    monkeypatch.setattr(video, "Remover", lambda: Remover(bright))
    monkeypatch.setattr(moving_scenes, "SIZE", (90, 160))
    monkeypatch.setattr(moving_scenes, "MOTIONS", moving_scenes.MOTIONS[-2:])
    order = ["quality", str(data / "cutouts"), "--backgrounds", str(data / "backgrounds"), "--frames", "3"]
    ran = CliRunner().invoke(video.main, order)
    assert ran.exit_code == 0, ran.output
    rows = cells(ran.output)
    assert [row[0] for row in rows] == ["clip", "cutouts cut", "cutouts fade", "**mean**"]
    assert all(len(cell.split(" / ")) == 3 for row in rows[1:] for cell in row[1:])
    assert "below the better of the two" in ran.output


def test_memory_is_measured_by_lengths(data, bright, monkeypatch):
    peaks = iter([video.Cost(9.0, 160.0, 400.0), video.Cost(8.0, 170.0, 411.0)])
    frames = []

    def convert(frames_, size, seconds, ways, model, rate):
        frames.append((size, seconds * rate, tuple(ways), model))
        return [next(peaks)]

    monkeypatch.setattr(video, "measured", convert)
    monkeypatch.setattr(moving_scenes, "SIZE", (90, 160))
    order = ["memory", str(data / "cutouts"), "--backgrounds", str(data / "backgrounds"), "--model", str(bright)]
    ran = CliRunner().invoke(video.main, order)
    assert ran.exit_code == 0, ran.output
    assert frames == [((90, 160), 40, ("on",), str(bright)), ((90, 160), 2400, ("on",), str(bright))]
    assert cells(ran.output)[1:] == [["10", "40", "9.0", "400"], ["600", "2400", "8.0", "411"]]
    assert ran.output.endswith("+11 MB\n")


def test_a_clip_that_is_written_has_its_length_and_is_cut_out(tmp_path, photo, bright):
    video.write_clip(tmp_path / "in.mp4", [photo, photo[::-1], photo], (90, 120), 0.2)
    cost = video.convert(tmp_path / "in.mp4", "on", str(bright))
    assert cost.rate > 0
    assert cost.processor > 0
    assert cost.peak > 10
    with video.av.open(str(tmp_path / "out.mp4")) as found:
        assert sum(1 for _ in found.decode(video=0)) == 5
