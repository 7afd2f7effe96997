"""Closed-form matting in tiles; PyMatting is an extra, and without it these are left out."""

import numpy as np
import pytest

from background_remover import closed_form as module
from background_remover.closed_form import GUESSED, closed_form
from background_remover.pixels import resize
from test_refine import blob, coarse_of, error

pytest.importorskip("pymatting")


def test_edges_come_back_and_sure_pixels_stay():
    image, truth = blob(200, 260)
    stretched = np.clip(resize(coarse_of(truth, 40), truth.shape, "bilinear"), 0, 1)
    result = closed_form(image, stretched, GUESSED)
    assert error(result, truth) < 0.2 * error(stretched, truth)
    assert np.array_equal(result[:8], stretched[:8])
    assert 0 <= result.min() <= result.max() <= 1


def test_tiles_agree_with_the_whole(monkeypatch):
    image, truth = blob(200, 260)
    stretched = resize(coarse_of(truth, 40), truth.shape, "bilinear")
    whole = closed_form(image, stretched)
    monkeypatch.setattr(module, "TILE", 70)
    assert np.abs(closed_form(image, stretched) - whole).max() < 0.05


@pytest.mark.parametrize("level", [0, 1])
def test_where_nothing_is_in_doubt_nothing_is_solved(level):
    image, _ = blob(50, 60)
    alpha = np.full((50, 60), level, np.float32)
    assert np.array_equal(closed_form(image, alpha), alpha)
