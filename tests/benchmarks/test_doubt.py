"""The table about doubt: its rows, and the composites it makes."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as PillowImage

import doubt
from background_remover.evaluation.datasets import find_pictures


@pytest.fixture
def data(tmp_path, photo):
    """Pairs, cutouts and backgrounds, twelve of each, so that two of each are held out."""
    for place in ("pairs/image", "pairs/mask", "cutouts", "backgrounds"):
        (tmp_path / place).mkdir(parents=True)
    mask = (photo.mean(2) > 127).astype(np.uint8) * 255
    soft = np.where(mask, 255, 0).astype(np.uint8)
    soft[:, : soft.shape[1] // 2] //= 2
    for number in range(12):
        PillowImage.fromarray(photo).save(tmp_path / "pairs" / "image" / f"{number}.png")
        PillowImage.fromarray(mask).save(tmp_path / "pairs" / "mask" / f"{number}.png")
        PillowImage.fromarray(np.dstack([photo, soft])).save(tmp_path / "cutouts" / f"{number}.png")
        PillowImage.fromarray(np.full((30, 40, 3), number, np.uint8)).save(tmp_path / "backgrounds" / f"{number}.png")
    return tmp_path


def test_every_source_has_a_row_for_each_way(data, bright):
    order = [str(data / "pairs"), "--cutouts", str(data / "cutouts"), "--backgrounds", str(data / "backgrounds")]
    ran = CliRunner().invoke(doubt.main, [*order, "--model", str(bright)])
    assert ran.exit_code == 0, ran.output
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in ran.output.splitlines()[2:]]
    assert [row[:2] for row in rows] == [
        [f"2 of {name}", way] for name in ("pairs", "cutouts of cutouts") for way in doubt.WAYS
    ]
    assert all(0.5 < float(row[2]) <= 1 for row in rows)
    assert [row[4] != "" for row in rows] == [False] * 3 + [True] * 3


def test_a_composite_has_the_background_where_the_cutout_is_transparent(data):
    for known in doubt.composites(data / "cutouts", data / "backgrounds", 2):
        ground = np.unique(known.image[known.truth == 0])
        assert len(ground) == 1
        half = (known.truth > 0.4) & (known.truth < 0.6)
        assert half.any()
        assert (known.image[half].astype(int) > ground[0]).any()
    assert len(find_pictures(data / "cutouts", "validation")) == 2


def test_cutouts_want_backgrounds(data):
    ran = CliRunner().invoke(doubt.main, ["--cutouts", str(data / "cutouts")])
    assert ran.exit_code == 2
    assert "give --backgrounds" in ran.output
