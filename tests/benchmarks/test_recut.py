"""The table about cutouts that are cut again: its rows, and the corners it rounds."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as PillowImage

import recut


@pytest.fixture
def pairs(tmp_path, scene):
    """Twelve pictures of a bright disc, so that two are held out."""
    truth = (scene.mean(2) > 127).astype(np.uint8) * 255
    for place, pixels in (("image", scene), ("mask", truth)):
        (tmp_path / "pairs" / place).mkdir(parents=True)
        for number in range(12):
            PillowImage.fromarray(pixels).save(tmp_path / "pairs" / place / f"{number}.png")
    return tmp_path / "pairs"


def test_a_disc_stays_what_it_is_in_every_way(pairs, bright):
    ran = CliRunner().invoke(recut.main, [str(pairs), "--model", str(bright)])
    assert ran.exit_code == 0, ran.output
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in ran.output.splitlines()[2:]]
    assert [row[:2] for row in rows] == [["2 of pairs", way] for way in recut.WAYS]
    assert [row[3] for row in rows] == ["2 of 2"] * 2
    assert rows[1][2:5] == ["1.000", "2 of 2", "0.00"]
    assert all(float(row[6]) > 0.95 for row in rows)


def test_corners_are_rounded_alike_and_the_rest_is_opaque():
    opacity = recut.corners((80, 120))
    assert opacity[0, 0] == 0
    assert np.array_equal(opacity, opacity[::-1, ::-1])
    assert opacity[:, 10:-10].min() == opacity[10:-10].min() == 1
    assert abs((1 - opacity).sum() - (4 - np.pi) * 10**2) < 4
