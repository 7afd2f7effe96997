import numpy as np
import pytest

from background_remover.arrays.box import Box, subject_box, widened
from background_remover.compositing.layout import on_canvas, place, rotated_onto_canvas


def alpha_with(box: Box, height: int = 60, width: int = 80, level: float = 1) -> np.ndarray:
    alpha = np.zeros((height, width), np.float32)
    alpha[box.top : box.bottom, box.left : box.right] = level
    return alpha


@pytest.mark.parametrize("box", [Box(10, 20, 30, 50), Box(0, 0, 60, 80), Box(59, 79, 60, 80), Box(0, 5, 1, 6)])
def test_the_box_is_around_the_subject(box):
    assert subject_box(alpha_with(box)) == box


def test_haze_makes_no_box():
    alpha = alpha_with(Box(10, 20, 30, 50))
    alpha[0, 0] = 0.05
    assert subject_box(alpha) == Box(10, 20, 30, 50)
    assert subject_box(np.full((60, 80), 0.05, np.float32)) == Box(0, 0, 60, 80)


def test_a_margin_ends_at_the_picture():
    assert widened(Box(10, 20, 30, 50), 5, (60, 80)) == Box(5, 15, 35, 55)
    assert widened(Box(10, 20, 30, 50), 25.4, (60, 80)) == Box(0, 0, 55, 75)


@pytest.mark.parametrize(
    ("position", "wanted"),
    [((0.5, 0.5), Box(30, 20, 90, 140)), ((0, 0), Box(0, 0, 60, 120)), ((1, 1), Box(60, 40, 120, 160))],
)
def test_a_place_keeps_the_shape_and_fills_the_share(position, wanted):
    assert place((20, 40), (120, 160), 0.75, position) == wanted


def test_clear_pixels_do_not_bleed_into_the_edge():
    cutout = np.zeros((20, 20, 4), np.uint8)
    cutout[..., 1] = 255  # clear green around
    cutout[5:15, 5:15] = (255, 0, 0, 255)
    result = on_canvas(cutout, (50, 60), Box(5, 10, 45, 50))
    deep = on_canvas(cutout * np.uint16(257), (50, 60), Box(5, 10, 45, 50))
    assert np.abs(deep / 257 - result)[result[..., 3] > 250].max() < 3
    assert result.shape == (50, 60, 4)
    assert result[..., 3].max() == 255
    assert result[result[..., 3] > 8][:, 1].max() == 0
    assert not result[:5].any()
    assert not result[:, 50:].any()


def subject(depth: type = np.uint8) -> np.ndarray:
    """A subject of (20, 30) with soft corners, its transparent pixels green."""
    cutout = np.zeros((20, 30, 4), depth)
    white = np.iinfo(depth).max
    cutout[...] = 0, white, 0, 0
    cutout[3:17, 4:26] = white, 0, white // 2, white
    cutout[3:17, 4] = white, 0, white // 2, white // 2
    return cutout


def test_a_quarter_and_a_half_turn_move_every_pixel():
    cutout = subject()
    for turns in range(4):
        wanted = np.zeros((40, 40, 4), np.uint8)
        turned = np.rot90(cutout, -turns)  # NumPy turns anticlockwise
        top, left = (40 - turned.shape[0]) // 2, (40 - turned.shape[1]) // 2
        wanted[top : top + turned.shape[0], left : left + turned.shape[1]] = turned
        given = rotated_onto_canvas(cutout, (40, 40), (20, 20), 1, 90 * turns)
        assert np.abs(given[..., 3].astype(int) - wanted[..., 3]).max() <= 1
        seen = wanted[..., 3] > 0
        assert np.abs(given[seen].astype(int) - wanted[seen]).max() <= 2


@pytest.mark.parametrize("angle", [0, 17, -200])
def test_the_middle_is_where_it_was_asked_for_and_the_area_grows_with_the_scale(angle):
    alpha = rotated_onto_canvas(subject(), (200, 300), (80, 190), 3, angle)[..., 3] / 255
    rows, columns = np.indices(alpha.shape) + 0.5
    assert (rows * alpha).sum() / alpha.sum() == pytest.approx(80, abs=0.6)
    assert (columns * alpha).sum() / alpha.sum() == pytest.approx(190, abs=1.2)  # its left side is softer
    assert alpha.sum() == pytest.approx(9 * (14 * 21 + 14 / 2), rel=0.02)


@pytest.mark.parametrize("angle", [0, 33])
def test_no_colour_of_transparent_pixels_bleeds_in_and_both_bit_depths_agree(angle):
    small = rotated_onto_canvas(subject(), (60, 60), (30, 30), 1.5, angle)
    deep = rotated_onto_canvas(subject(np.uint16), (60, 60), (30, 30), 1.5, angle)
    assert small[small[..., 3] > 8][:, 1].max() <= 2
    assert deep.dtype == np.uint16
    difference = np.abs(deep / 257 - small)[small[..., 3] > 100]  # of 8 bits Pillow rounds and clips between its passes
    assert difference.max() <= 10
    assert difference.mean() < 0.5


@pytest.mark.parametrize("centre", [(-5, -5), (62, 10), (30, 59), (500, 500), (-400, 30)])
@pytest.mark.parametrize("angle", [0, 45])
def test_what_lies_beyond_the_canvas_is_cut_off(centre, angle):
    whole = rotated_onto_canvas(subject(), (1260, 1260), (centre[0] + 600, centre[1] + 600), 1, angle)
    part = rotated_onto_canvas(subject(), (60, 60), centre, 1, angle)
    assert np.abs(part[..., 3].astype(int) - whole[600:660, 600:660, 3]).max() <= 1
