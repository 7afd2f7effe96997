import math

import numpy as np
import pytest

from background_remover.arrays.box_filter import blur
from background_remover.compositing import floor_shadow
from background_remover.compositing.floor_shadow import FLATNESS, FLOATING, contact_shadow, floating_shadow

BOTH = [contact_shadow, floating_shadow]
BOX = (40, 60, 120, 160)  # top, left, bottom, right


def box(kind: type = np.uint8, size: tuple[int, int] = (200, 220)) -> np.ndarray:
    alpha = np.zeros(size, kind)
    alpha[BOX[0] : BOX[2], BOX[1] : BOX[3]] = np.iinfo(kind).max
    return alpha


def ellipse(middle: tuple[float, float], half: tuple[float, float]) -> np.ndarray:
    """How much of each pixel an ellipse covers, by 16 samples: (200, 220)."""
    rows, columns = (np.mgrid[: 200 * 4, : 220 * 4] + 0.5) / 4
    inside = ((rows - middle[0]) / half[0]) ** 2 + ((columns - middle[1]) / half[1]) ** 2 < 1
    return inside.reshape(200, 4, 220, 4).mean(axis=(1, 3))


def test_what_floats_has_an_ellipse_below_its_middle():
    result = floating_shadow(box(), (7, 12), 0, 0.6)
    half = FLOATING * 50
    wanted = 0.6 * 255 * ellipse((120 + 12 + half * FLATNESS, 110 + 7), (half * FLATNESS, half))
    assert not result[..., :3].any()
    assert np.abs(result[..., 3] - wanted).mean() < 0.1
    assert np.abs(result[..., 3] - wanted).max() < 0.6 * 255 * 0.5, "only pixels of the rim differ, by less than a half"


def test_what_stands_has_an_ellipse_around_its_lower_edge():
    result = contact_shadow(box(), (0, 0), 0, 1)[..., 3]
    wide = ellipse((120, 110), (50 * FLATNESS, 50))
    core = ellipse((120, 110), (50 * FLATNESS * floor_shadow.CORE, 50))
    wanted = 255 * (1 - (1 - floor_shadow.WIDE * wide) * (1 - core))
    assert np.abs(result - wanted).mean() < 0.1
    assert np.abs(result - wanted).max() < 128


def test_an_offset_stretches_what_touches_and_moves_what_floats():
    here, there = (contact_shadow(box(), offset, 0, 1)[..., 3].astype(int) for offset in ((0, 0), (30, 20)))
    assert np.all(there >= here)
    wanted = np.max([ellipse((120 + 20 * t, 110 + 30 * t), (50 * FLATNESS, 50)) for t in np.linspace(0, 1, 20)], axis=0)
    inside, outside = wanted > 0.99, wanted < 0.01
    assert np.mean(there[inside] >= floor_shadow.WIDE * 255 - 1) > 0.98
    assert np.mean(there[outside] == 0) > 0.995
    moved = floating_shadow(box(), (30, 20), 0, 1)
    assert np.array_equal(moved[20:, 30:], floating_shadow(box(), (0, 0), 0, 1)[:-20, :-30])


def test_between_legs_it_is_lighter():
    alpha = box()
    alpha[80:120, 80:140] = 0
    result = contact_shadow(alpha, (0, 0), 0, 1)[..., 3].astype(int)
    assert result[121, 110] < result[121, 78] - 50
    assert result[121, 110] > 80


def test_where_the_edge_cuts_the_subject_it_fades():
    alpha = np.zeros((120, 220), np.uint8)
    alpha[40:110, 60:160] = 255
    alpha[110:, 60:70] = 255  # a leg that the edge cuts, and one that ends before
    alpha[110:114, 150:160] = 255
    whole = contact_shadow(np.pad(alpha, ((0, 60), (0, 0))), (0, 0), 0, 1)[:120, :, 3].astype(int)
    result = contact_shadow(alpha, (0, 0), 0, 1)[..., 3].astype(int)
    end = 70 + math.ceil(50 * floor_shadow.FADE)
    assert whole[118, 69] > 200
    assert not result[:, :70].any()
    assert np.array_equal(result[:, end:], whole[:, end:]), "what stands has its shadow"
    shares = result[118, 70:end] / whole[118, 70:end]
    assert np.all(np.diff(shares) > -0.03), "no step on the way"
    assert np.diff(shares).max() < 0.1


def test_a_subject_that_the_edge_cuts_all_along_has_no_shadow_on_it():
    assert contact_shadow(box()[:120], (0, 0), 0, 1)[..., 3].max() == 0
    assert contact_shadow(box()[:121], (0, 0), 0, 1)[..., 3].max() > 200


@pytest.mark.parametrize("shadow", BOTH)
@pytest.mark.parametrize("radius", [0.7, 4, 25])
def test_a_part_of_the_rows_is_blurred_as_the_whole_is(shadow, radius, monkeypatch):
    monkeypatch.setattr(floor_shadow, "KEPT", 0)  # which makes its height depend on the radius
    monkeypatch.setattr(floor_shadow, "WIDE", 0)  # of a contact shadow the core is left
    scale = floor_shadow.CORE if shadow is contact_shadow else 1
    sharp = shadow(box(np.uint16), (0, 3), 0, 1)[..., 3] / np.float32(65535)
    wanted = blur(sharp, radius * scale)
    result = shadow(box(np.uint16), (0, 3), radius, 1)[..., 3] / 65535
    assert np.abs(result - wanted).max() < 1e-4


@pytest.mark.parametrize("shadow", BOTH)
def test_at_16_bits_it_is_the_same(shadow):
    coarse, fine = (shadow(box(kind), (3, 5), 4, 0.7)[..., 3] for kind in (np.uint8, np.uint16))
    assert fine.dtype == np.uint16
    assert np.abs(fine / 257 - coarse).max() <= 0.51


@pytest.mark.parametrize("shadow", BOTH)
@pytest.mark.parametrize("offset", [(0, 0), (1e7, 1e7), (-1e7, -1e7), (0, 70), (0, -150)])
@pytest.mark.parametrize("radius", [0, 5, 1e7])
def test_it_may_leave_the_picture(shadow, offset, radius):
    alpha = box()[:121]  # stands on the picture's lower edge
    result = shadow(alpha, offset, radius, 0.5)
    assert result.shape == (121, 220, 4)
    assert result[..., 3].max() <= 128


@pytest.mark.parametrize("shadow", BOTH)
def test_nothing_has_no_shadow(shadow):
    assert not shadow(np.zeros((20, 30), np.uint8), (0, 0), 2, 1).any()
