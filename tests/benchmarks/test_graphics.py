"""Drawn pictures have the truth they say, and the table its rows."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as PillowImage

import graphics
from tests.benchmarks.conftest import cells


def test_a_drawn_picture_is_a_mixture_of_its_colours_and_a_ground():
    picture = next(graphics.drawn())
    assert picture.image.shape == (graphics.SIDE, graphics.SIDE, 3)
    assert (picture.image[picture.alpha == 0] == 255).all()
    inside = picture.alpha == 1
    assert np.abs(picture.image[inside] - picture.colours[inside]).max() < 1
    assert 0.01 < ((picture.alpha > 0) & (picture.alpha < 1)).mean() < 0.2


def test_every_kind_has_a_row_within_the_limits(monkeypatch):
    monkeypatch.setattr(graphics, "SUBJECTS", {"icons": graphics.icons})
    ran = CliRunner().invoke(graphics.main, ["drawn"])
    assert ran.exit_code == 0, ran.output
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in ran.output.splitlines()[2:]]
    assert [row[0] for row in rows] == ["4 of icons", "4 of icons, JPEG", "8 of all"]
    assert all(float(row[2]) < 0.01 for row in rows)
    assert [float(row[3]) < most for row, most in zip(rows, (1, 8, 5), strict=True)] == [True] * 3


@pytest.fixture
def pairs(tmp_path, photo):
    """Twelve pairs, of which two are held out."""
    (tmp_path / "image").mkdir()
    (tmp_path / "mask").mkdir()
    for number in range(12):
        PillowImage.fromarray(photo).save(tmp_path / "image" / f"{number}.png")
        PillowImage.fromarray(((photo.mean(2) > 127) * 255).astype(np.uint8)).save(tmp_path / "mask" / f"{number}.png")
    return tmp_path


def test_a_product_throws_its_shadow_on_white(photo):
    truth = (photo.mean(2) > 127).astype(np.float32)
    made = graphics.product(photo, truth)
    outside = made.alpha == 0
    wanted = np.rint(255 * (1 - made.shade[outside]))[:, None]
    assert np.abs(made.image[outside] - wanted).max() <= 1
    assert 0.1 < made.shade.max() <= graphics.SHADE


@pytest.mark.parametrize("command", ["products", "choice"])
def test_both_ways_have_a_row(pairs, bright, command):
    ran = CliRunner().invoke(graphics.main, [command, str(pairs), "--model", str(bright)])
    assert ran.exit_code == 0, ran.output
    assert [row[0] for row in cells(ran.output)] == ["", "the network", "**`auto`**"]
