import numpy as np
import pytest

from background_remover.compositing.drop_shadow import cast_shadow, drop_shadow
from tests.arrays.test_gaussian import shapes, written_out


def alpha_of(seed: int) -> np.ndarray:
    """Levels of an alpha of every sort, many of them 0 and 255: (30, 40)."""
    return np.clip(np.random.default_rng(seed).normal(127, 150, (30, 40)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("offset", [(0, 0), (7, -4), (-3, 9), (200, 0)])
def test_a_shadow_is_the_subject_moved(offset):
    alpha = alpha_of(2)
    result = drop_shadow(alpha, offset, 0.01, 1)
    wanted = np.zeros_like(alpha)
    for row in range(30):
        for column in range(40):
            source = row - offset[1], column - offset[0]
            if 0 <= source[0] < 30 and 0 <= source[1] < 40:
                wanted[row, column] = alpha[source]
    assert not result[..., :3].any()
    assert np.abs(result[..., 3].astype(int) - wanted).max() <= 1


def test_a_shadow_is_soft_and_as_dark_as_asked():
    alpha = np.zeros((100, 100), np.uint8)
    alpha[30:70, 30:70] = 255
    result = drop_shadow(alpha, (0, 0), 3, 0.4)[..., 3]
    assert result[50, 50] == pytest.approx(0.4 * 255, abs=1)
    assert 0.1 * 255 < result[30, 50] < 0.3 * 255
    assert result[0, 0] == 0


def test_at_16_bits_a_shadow_is_the_same():
    alpha = alpha_of(0)
    coarse, fine = (drop_shadow(levels, (3, -2), 2, 0.7) for levels in (alpha, alpha * np.uint16(257)))
    assert fine.dtype == np.uint16
    assert np.abs(fine / 257 - coarse).max() <= 0.51


@pytest.mark.parametrize("radius", [2, 9, 31])
@pytest.mark.parametrize("offset", [(0, 0), (13, -7), (-200, 5)])
def test_a_shadow_is_the_gaussian_within_a_level(radius, offset):
    alpha, moved = shapes(211, 307), np.zeros((211, 307))
    for row in range(max(offset[1], 0), 211 + min(offset[1], 0)):
        columns = slice(max(offset[0], 0), 307 + min(offset[0], 0))
        moved[row, columns] = alpha[row - offset[1], columns.start - offset[0] : columns.stop - offset[0]]
    result = drop_shadow(alpha, offset, radius, 0.6)[..., 3]
    assert np.abs(result - 0.6 * written_out(moved, radius)).max() <= 1


def test_the_shadow_of_an_even_area_is_even():
    shadow = drop_shadow(np.full((200, 333), 255, np.uint8), (0, 0), 21, 0.5)[..., 3]  # 127.5 before it is rounded
    assert np.all(shadow == 128)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_cast_shadow_is_black_and_as_opaque_as_its_shade(kind):
    result = cast_shadow(np.full((2, 3), 0.5, np.float32), np.ones((130, 7, 4), kind))
    assert result.shape == (130, 7, 4)
    assert not result[..., :3].any()
    assert np.all(result[..., 3] == round(np.iinfo(kind).max / 2))
