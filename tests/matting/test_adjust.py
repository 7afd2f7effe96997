import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageFilter

from background_remover.matting.adjust import feather, grow, threshold


def square() -> np.ndarray:
    alpha = np.zeros((40, 50), np.float32)
    alpha[10:30, 15:35] = 1
    return alpha


def test_the_threshold_is_strict():
    alpha = np.array([[0, 0.3, 0.5, 0.51, 1]], np.float32)
    assert threshold(alpha, 0.5).tolist() == [[0, 0, 0, 1, 1]]


@pytest.mark.parametrize("pixels", [0, 1, 4, 9])
def test_growing_and_shrinking_are_pillows(pixels):
    grey = np.random.default_rng(0).integers(0, 256, (30, 41), dtype=np.uint8)
    picture = PillowImage.fromarray(grey)
    for filter_, signed in ((ImageFilter.MaxFilter, pixels), (ImageFilter.MinFilter, -pixels)):
        wanted = np.asarray(picture.filter(filter_(2 * pixels + 1)))
        # Pillow's filters leave the frame's own pixels out in their own way
        inner = (slice(pixels, 30 - pixels), slice(pixels, 41 - pixels))
        result = grow(grey / np.float32(255), signed)
        np.testing.assert_allclose(result[inner], wanted[inner] / 255, atol=1e-6)


def test_the_frame_is_no_edge():
    everything = np.ones((20, 30), np.float32)
    assert np.array_equal(grow(everything, -5), everything)
    np.testing.assert_allclose(feather(everything, 4), 1, atol=1e-6)


@pytest.mark.parametrize("radius", [0.4, 1, 2.5, 4])
def test_feathering_is_a_bell_curve(radius):
    step = np.zeros((60, 81), np.float32)
    step[:, 40] = 1  # its answer is the curve itself
    result = feather(step, radius)
    offsets = np.arange(81) - 40
    line = result[30].astype(np.float64)
    assert line.sum() == pytest.approx(1, abs=1e-4)
    assert (line * offsets**2).sum() == pytest.approx(radius**2, rel=1e-3)
    bell = np.exp(-(offsets**2) / (2 * radius**2))
    if radius >= 1:  # below that the samples of a bell curve are none themselves
        assert np.abs(line - bell / bell.sum()).max() < 0.03


def test_a_feather_keeps_half_at_a_straight_edge():
    result = feather(square(), 2)
    assert result[20, 14] + result[20, 15] == pytest.approx(1, abs=1e-5)
    assert 0 <= result.min() <= result.max() <= 1
