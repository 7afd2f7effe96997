"""Where it looks again, and that two answers become one without an edge."""

import numpy as np
import pytest

from background_remover.arrays.box import Box
from background_remover.segmentation import second_pass as module
from background_remover.segmentation.second_pass import MARGIN, SMALL, averaged, blend, crop_for, is_small, part_of


def spot(top: int, left: int, height: int, width: int, size: tuple[int, int] = (64, 96)) -> np.ndarray:
    alpha = np.zeros(size, np.float32)
    alpha[top : top + height, left : left + width] = 1
    return alpha


def test_it_looks_at_the_subject_with_a_margin():
    box = crop_for(spot(20, 30, 10, 20), (640, 960))
    assert box == Box(180, 280, 320, 520)  # 10 % of 200 pixels around


def test_the_margin_ends_with_the_picture():
    assert crop_for(spot(0, 0, 10, 20), (640, 960)) == Box(0, 0, 120, 220)


@pytest.mark.parametrize("alpha", [np.zeros((64, 96), np.float32), np.full((64, 96), 0.19, np.float32)])
def test_it_does_not_look_at_nothing(alpha):
    assert crop_for(alpha, (640, 960)) is None


@pytest.mark.parametrize("alpha", [spot(0, 0, 64, 96), spot(2, 2, 60, 92)])
def test_it_looks_at_the_whole_picture_where_the_subject_fills_it(alpha):
    box = crop_for(alpha, (640, 960))
    assert box == Box(0, 0, 640, 960)
    assert not is_small(box, (640, 960))


def test_the_mean_over_the_whole_picture_is_a_plain_one():
    first, again = np.random.default_rng(0).random((2, 64, 96), dtype=np.float32)
    np.testing.assert_allclose(averaged(first, again, Box(0, 0, 640, 960), (640, 960)), (first + again) / 2, atol=1e-6)


@pytest.mark.parametrize(
    ("alpha", "small"), [(spot(20, 30, 10, 20), True), (spot(4, 4, 30, 50), True), (spot(4, 4, 30, 60), False)]
)
def test_a_crop_of_more_than_seven_tenths_is_not_small(alpha, small):
    size = 640, 960
    box = crop_for(alpha, size)
    assert box is not None
    assert is_small(box, size) == small


@pytest.mark.parametrize("size", [(640, 960), (61, 97), (1203, 1999), (64, 96)])
def test_the_mean_is_of_the_same_places_in_the_picture(size):
    """Both alphas are ramps over the picture, seen whole and in a crop: their mean is the ramp again."""
    down, along = (np.linspace(0.5, count - 0.5, count, dtype=np.float32) / count for count in (64, 96))
    first = 0.5 * down[:, None] + 0.5 * along
    box = Box(size[0] // 9, size[1] // 7, size[0], size[1] * 6 // 7)
    rows = (box.top + (np.arange(32) + 0.5) * box.size[0] / 32) / size[0]
    columns = (box.left + (np.arange(64) + 0.5) * box.size[1] / 64) / size[1]
    again = (0.5 * rows[:, None] + 0.5 * columns).astype(np.float32)
    result = averaged(first, again, box, size)
    assert np.abs(result - first)[8:-1, 16:-16].max() < 0.002  # a rim of half a pixel of the crop's is continued


def test_the_mean_holds_inside_and_the_first_outside():
    first, again, size = np.zeros((64, 96), np.float32), np.ones((64, 96), np.float32), (640, 960)
    box = Box(100, 100, 640, 860)
    result = averaged(first, again, box, size)
    assert (result[20:, 20:76] == 0.5).all()
    outside = np.ones(first.shape, bool)
    outside[10:, 10:86] = False
    assert (result[outside] == 0).all()
    assert not first.any()


@pytest.mark.parametrize(("side", "enlarged"), [(64, True), (65, False), (96, False), (960, False)])
def test_it_looks_at_the_whole_of_what_it_saw_enlarged(side, enlarged):
    size = side * 2 // 3, side
    assert (crop_for(spot(20, 30, 10, 20), size) == Box(0, 0, *size)) == enlarged


def test_haze_does_not_widen_the_box():
    alpha = np.maximum(spot(20, 30, 10, 20), 0.15)
    assert crop_for(alpha, (640, 960)) == Box(180, 280, 320, 520)


def test_what_is_doubtful_is_not_cut_off():
    alpha = np.maximum(spot(20, 30, 10, 20), spot(10, 30, 10, 20) * 0.3)
    assert crop_for(alpha, (640, 960)) == Box(80, 280, 320, 520)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (3000, 4000)])
def test_a_box_lies_in_the_picture_and_holds_a_pixel(size):
    rng = np.random.default_rng(0)
    for _ in range(50):
        alpha = spot(*rng.integers(0, 60, 2), *rng.integers(1, 30, 2))
        box = crop_for(alpha, size)
        if box is not None:
            assert 0 <= box.top < box.bottom <= size[0]
            assert 0 <= box.left < box.right <= size[1]
            assert is_small(box, size) == (max(box.size) <= SMALL * max(size))


def test_the_second_answer_holds_inside_and_the_first_outside():
    rng = np.random.default_rng(1)
    first, again = rng.random((300, 400)).astype(np.float32), rng.random((120, 100)).astype(np.float32)
    box, result = Box(60, 80, 180, 180), first.copy()
    blend(result, again, box)
    outside = np.ones(first.shape, bool)
    part_of(outside, box)[:] = False
    assert np.array_equal(result[outside], first[outside])
    ramp = int(np.ceil(MARGIN / (1 + 2 * MARGIN) * 120))
    assert np.array_equal(part_of(result, box)[ramp:-ramp, ramp:-ramp], again[ramp:-ramp, ramp:-ramp])
    assert ((part_of(result, box) - again) * (part_of(result, box) - part_of(first, box)) <= 0).all()  # between the two


def test_there_is_no_seam():
    """Of two answers that differ everywhere, even: no step is longer than the ramp's own."""
    result, box = np.full((300, 400), 0.2, np.float32), Box(60, 80, 180, 180)
    blend(result, np.full(box.size, 0.9, np.float32), box)
    step = 0.7 / (MARGIN / (1 + 2 * MARGIN) * 120)
    for axis in (0, 1):
        assert np.abs(np.diff(result, axis=axis)).max() <= step * 1.01


def test_it_does_not_fade_where_the_picture_ends():
    result = np.zeros((100, 100), np.float32)
    blend(result, np.ones((50, 50), np.float32), Box(0, 50, 50, 100))
    assert result[0, 99] == 1
    assert result[49, 50] < 0.5


def test_what_both_are_sure_of_stays_exact():
    for level in (0, 1):
        result = np.full((90, 110), level, np.float32)
        blend(result, np.full((37, 53), level, np.float32), Box(11, 13, 48, 66))
        assert (result == level).all()


@pytest.mark.parametrize("side", [7, 999])
def test_parts_are_as_the_whole(monkeypatch, side):
    rng = np.random.default_rng(2)
    first, again = rng.random((90, 80)).astype(np.float32), rng.random((60, 50)).astype(np.float32)
    wanted, result = first.copy(), first.copy()
    blend(wanted, again, Box(10, 20, 70, 70))
    monkeypatch.setattr(module, "TILE", side)
    blend(result, again, Box(10, 20, 70, 70))
    assert np.array_equal(result, wanted)
