"""The blur against a Gaussian written out in float64."""

import numpy as np
import pytest

from background_remover.arrays import gaussian as module
from background_remover.arrays.gaussian import gaussian


def blurred(levels: np.ndarray, deviation: float) -> np.ndarray:
    result = np.full(levels.shape, np.nan, np.float32)

    def write(rows: slice, strip: np.ndarray) -> None:
        result[rows] = strip

    gaussian(levels, deviation, write)
    return result


def written_out(levels: np.ndarray, deviation: float) -> np.ndarray:
    """Return the means of the pixels inside, weighted by a Gaussian of every pixel's distance."""
    result = levels.astype(np.float64)
    for axis in (0, 1):
        place = np.arange(levels.shape[axis])
        weights = np.exp(-((place[:, None] - place) ** 2) / (2 * deviation**2))
        weights /= weights.sum(axis=1, keepdims=True)
        result = np.moveaxis(np.tensordot(weights, result, (1, axis)), 0, axis)
    return result


def shapes(height: int, width: int) -> np.ndarray:
    """Return hard edges of every direction, some at the border, and a line of one pixel."""
    y, x = np.mgrid[:height, :width]
    disc = (x - 0.4 * width) ** 2 + (y - 0.6 * height) ** 2 < (0.3 * min(height, width)) ** 2
    corner = (x > 0.83 * width) & (y < 0.37 * height)
    line = (x == width // 3) | (x + y == height // 2)
    return np.where(disc | corner | line, 255, 0).astype(np.uint8)


@pytest.mark.parametrize("deviation", [0.3, 1, 2.5, 7, 12.3, 20, 33.7, 60, 400])
@pytest.mark.parametrize("size", [(301, 407), (64, 1001), (1, 90), (130, 1)])
def test_a_blur_is_the_gaussian_within_half_a_level(deviation, size):
    levels = shapes(*size)
    assert np.abs(blurred(levels, deviation) - written_out(levels, deviation)).max() < 0.5


@pytest.mark.parametrize("deviation", [0, 0.01])
def test_a_blur_of_nothing_is_the_picture(deviation):
    levels = shapes(150, 70)
    assert np.array_equal(blurred(levels, deviation), levels)


def test_levels_of_16_bits_are_blurred_as_those_of_8():
    levels = shapes(200, 90)
    np.testing.assert_allclose(blurred(levels * np.uint16(257), 9) / 257, blurred(levels, 9), atol=1e-3)


@pytest.mark.parametrize("strip", [1, 37, 999])
def test_strips_are_as_the_whole(monkeypatch, strip):
    levels = shapes(150, 130)
    wanted = blurred(levels, 13)
    monkeypatch.setattr(module, "STRIP", strip)
    np.testing.assert_allclose(blurred(levels, 13), wanted, atol=1e-3)


def test_an_even_picture_stays_even():
    np.testing.assert_allclose(blurred(np.full((200, 333), 255, np.uint8), 21), 255, atol=1e-3)
