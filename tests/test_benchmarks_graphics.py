"""Drawn pictures have the truth they say, and the table its rows."""

import numpy as np
from click.testing import CliRunner

import graphics


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
    assert all(float(row[1]) < 0.01 and float(row[3]) < 4 for row in rows)
