"""Doubt is decided, edges stay."""

import numpy as np
import pytest

from background_remover.matting.sharpen import DECISION, REACH, sharpen_uncertain


def naive(coarse: np.ndarray) -> np.ndarray:
    """Pixel by pixel, by the logit."""
    result = np.empty_like(coarse)
    for (y, x), alpha in np.ndenumerate(coarse):
        around = coarse[max(y - REACH, 0) : y + REACH + 1, max(x - REACH, 0) : x + REACH + 1]
        factor = 1 + (DECISION - 1) * (1 - (float(around.max()) - float(around.min())))
        result[y, x] = 1 / (1 + np.exp(-factor * np.log(alpha / (1 - alpha))))
    return result


def test_it_is_the_logit_times_a_factor():
    coarse = np.random.default_rng(0).uniform(0.01, 0.99, (20, 30)).astype(np.float32)
    coarse[:, 15:] = 0.4 + 0.1 * coarse[:, 15:]
    np.testing.assert_allclose(sharpen_uncertain(coarse), naive(coarse), atol=1e-5)


@pytest.mark.parametrize(("doubt", "decided"), [(0.3, 0.0730), (0.7, 0.9270), (0.5, 0.5), (0.0, 0.0), (1.0, 1.0)])
def test_a_veil_is_decided(doubt: float, decided: float):
    coarse = np.full((32, 48), doubt, np.float32)
    np.testing.assert_allclose(sharpen_uncertain(coarse), decided, atol=1e-4)


def test_an_edge_stays():
    steep = (np.arange(64) >= 32).astype(np.float32)[None].repeat(32, axis=0)
    steep[:, 31] = 0.4
    np.testing.assert_array_equal(sharpen_uncertain(steep), steep)


def test_no_pixel_changes_sides_or_leaves_the_range():
    coarse = np.random.default_rng(1).random((40, 40), np.float32)
    answer = sharpen_uncertain(coarse)
    np.testing.assert_array_equal(answer > 0.5, coarse > 0.5)
    assert answer.dtype == np.float32
    assert answer.min() >= 0
    assert answer.max() <= 1
