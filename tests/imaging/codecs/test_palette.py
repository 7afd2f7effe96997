import numpy as np
import pytest

from background_remover.imaging.codecs.palette import paletted


@pytest.mark.parametrize("colours", [1, 2, 100, 255])
def test_few_colours_are_exact(colours):
    rng = np.random.default_rng(colours)
    table = rng.integers(0, 256, (colours, 3), dtype=np.uint8)
    levels = np.dstack([table[rng.integers(0, colours, (30, 40))], rng.choice([0, 255], (30, 40)).astype(np.uint8)])
    solid = levels[..., 3] == 255
    found = np.asarray(paletted(levels).convert("RGBA"))
    assert np.array_equal(found[..., 3], levels[..., 3])
    assert np.array_equal(found[solid], levels[solid])


def test_many_colours_are_near_and_the_hidden_ones_cost_nothing():
    levels = np.zeros((120, 160, 4), np.uint8)
    levels[20:100, 20:140, 0] = np.linspace(60, 255, 120)
    levels[20:100, 20:140, 1] = np.linspace(100, 200, 80)[:, None]
    levels[20:100, 20:140, 2:] = (90, 255)
    solid = levels[..., 3] == 255
    found = np.asarray(paletted(levels).convert("RGBA"))
    assert np.array_equal(found[..., 3], levels[..., 3])
    difference = found[solid].astype(int) - levels[solid]
    assert np.abs(difference).mean() < 6
    assert np.abs(difference.mean(axis=0)).max() < 2  # dithered: the mean is right
    levels[~solid, :3] = (255, 0, 255)
    assert np.abs(np.asarray(paletted(levels).convert("RGBA"))[solid].astype(int) - levels[solid]).mean() < 6


def test_half_an_alpha_is_there():
    levels = np.uint8([[[9, 9, 9, 127], [9, 9, 9, 128]]])
    assert np.asarray(paletted(levels).convert("RGBA"))[0, :, 3].tolist() == [0, 255]


@pytest.mark.parametrize("levels", [np.full((3, 4), 77, np.uint8), np.full((3, 4, 3), 77 * 257, np.uint16)])
def test_without_an_alpha_nothing_is_clear(levels):
    image = paletted(levels)
    assert "transparency" not in image.info
    assert np.array_equal(np.asarray(image.convert("RGB")), np.full((3, 4, 3), 77))


def test_a_clear_picture_is_clear():
    assert not np.asarray(paletted(np.zeros((3, 4, 4), np.uint8)).convert("RGBA"))[..., 3].any()
