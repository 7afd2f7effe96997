import numpy as np
import pytest

from background_remover.arrays.box import Box, subject_box, widened
from background_remover.compositing.layout import on_canvas, place


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
