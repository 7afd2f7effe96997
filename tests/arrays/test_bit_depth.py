import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image as PillowImage

from background_remover.arrays.bit_depth import as_pillow, at_depth_of, eight_bits, resize_levels, to_levels, white


def test_every_deep_level_becomes_the_nearest():
    deep = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(eight_bits(deep), np.rint(deep / 257))


def test_levels_of_8_bits_stay_themselves():
    levels = np.arange(256, dtype=np.uint8)
    assert eight_bits(levels) is levels
    assert np.array_equal(eight_bits(at_depth_of(levels, np.zeros(1, np.uint16))), levels)
    assert at_depth_of(levels, levels) is levels
    assert (white(levels), white(at_depth_of(levels, np.zeros(1, np.uint16)))) == (255, 65535)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_shares_come_back(kind):
    levels = np.arange(np.iinfo(kind).max + 1).astype(kind)
    assert np.array_equal(to_levels(levels / np.float32(white(levels)), levels.dtype), levels)


@given(arrays(np.uint8, (9, 7, 3), elements=st.integers(80, 170)))
def test_deep_colours_are_resized_as_others(levels):
    wanted = resize_levels(levels, (5, 13)).astype(int)
    found = resize_levels(levels * np.uint16(257), (5, 13))
    assert found.dtype == np.uint16
    assert np.abs(found / 257 - wanted).max() < 2  # Pillow rounds to 8 bits between columns and rows


def test_clear_pixels_do_not_bleed_at_any_depth():
    cutout = np.zeros((20, 20, 4), np.uint8)
    cutout[..., 1] = 255  # clear green around
    cutout[5:15, 5:15] = (255, 0, 0, 255)
    for levels in (cutout, cutout * np.uint16(257)):
        result = resize_levels(levels, (40, 40)) / white(levels)
        assert result[..., 3].max() == 1
        assert result[result[..., 3] > 0.04][:, 1].max() == 0
        assert result[result[..., 3] > 0.04][:, 0].min() > 0.9


def test_a_part_is_enlarged():
    levels = np.zeros((10, 10, 3), np.uint16)
    levels[:, 5:] = 60000
    assert np.array_equal(resize_levels(levels, (4, 4), box=(6, 0, 10, 4)), np.full((4, 4, 3), 60000))


@pytest.mark.parametrize("shape", [(9, 12), (9, 12, 3), (9, 12, 4)])
def test_pillow_gets_the_pixels_of_a_part_in_one_piece(shape, monkeypatch):
    given = []
    known = PillowImage.fromarray
    monkeypatch.setattr(PillowImage, "fromarray", lambda array: given.append(array) or known(array))
    whole = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    for part in (whole, whole[2:7], whole[:, 3:8], whole[::-1, ::-1]):
        assert np.array_equal(np.asarray(as_pillow(part)), part)
    assert given[0] is whole
    assert all(array.flags.c_contiguous for array in given)
