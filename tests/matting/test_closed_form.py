"""Closed-form matting in tiles; PyMatting is an extra, and without it these are left out."""

import numpy as np
import pytest

from background_remover import Options, Remover
from background_remover.arrays.resample import resize
from background_remover.matting import closed_form as module
from background_remover.matting.closed_form import GUESSED, closed_form
from tests.matting.test_guided_filter import blob, coarse_of, error

pytest.importorskip("pymatting", reason="PyMatting is an extra, `matting`, and isn't installed")


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


@pytest.mark.parametrize("deep", [False, True])
def test_a_pictures_own_transparency_is_kept(bright, deep):
    """What is hidden changes nothing, what is visible keeps its colours, and the file's alpha is a bound."""
    _, truth = blob(120, 160)
    image = np.rint(np.repeat((20 + 220 * truth)[..., None], 3, axis=2)).astype(np.uint8)
    opacity = np.where(np.arange(160) < 90, 1, np.where(np.arange(160) < 110, 0.5, 0)) * np.ones((120, 1))
    opacity[np.random.default_rng(2).random(opacity.shape) < 0.02] = 0
    full = 65535 if deep else 255
    given = np.dstack([image * np.uint16(257 if deep else 1), np.rint(opacity * full)]).astype(
        np.uint16 if deep else np.uint8
    )
    opacity = given[..., 3] / full
    remover, options = Remover(bright, threads=1), Options(matting="closed-form", allow_empty=True)
    cuts = []
    for hidden in (0, full):
        one = given.copy()
        one[opacity == 0, :3] = hidden
        cuts.append(remover.cut(one, options))
    assert np.array_equal(cuts[0].alpha, cuts[1].alpha)
    assert cuts[0].encode() == cuts[1].encode()
    assert (cuts[0].alpha <= opacity + 1e-3).all()
    assert error(cuts[0].alpha, (truth * opacity).astype(np.float32)) < 0.02
