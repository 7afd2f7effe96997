import subprocess
import sys

import numpy as np
import pytest

from background_remover.arrays.resample import enlarge
from background_remover.matting.keying.ground import _median, find_ground, may_be_plain, one_colour

SIZE = (160, 240)


def across(size=SIZE):
    """A gradient along a slope, in three channels, (H, W, 3) in [0, 255]."""
    y, x = (np.arange(length) / length for length in size)
    return np.stack(
        [90 + 60 * x + 40 * y[:, None], 200 - 50 * x + 0 * y[:, None], 128 + 70 * y[:, None] + 0 * x], axis=2
    )


def at_size(ground, size=SIZE):
    return enlarge(ground.colours, size, slice(0, size[0]), slice(0, size[1])).transpose(1, 2, 0) * 255


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (12, 200, 90)])
def test_one_colour_is_found_as_it_is(colour):
    image = np.full((*SIZE, 3), colour, dtype=np.uint8)
    image[40:100, 60:200] = (200, 30, 40)
    ground = find_ground(image)
    assert ground.plain
    assert ground.noise < 0.1 / 255
    assert np.abs(at_size(ground) - colour).max() < 0.2


def test_a_gradient_is_found_behind_the_subject_too():
    image = np.rint(across()).astype(np.uint8)
    image[30:130, 60:180] = (10, 10, 10)
    ground = find_ground(image)
    assert ground.plain
    assert np.abs(at_size(ground) - across()).max() < 1.2


def test_a_subject_at_the_border_does_not_move_the_ground():
    image = np.rint(across()).astype(np.uint8)
    image[80:, 60:190] = (240, 20, 20)  # 130 of the border's 800 pixels
    ground = find_ground(image)
    assert ground.share == pytest.approx(1 - 130 / 800, abs=0.03)
    assert np.abs(at_size(ground) - across()).max() < 1.5


@pytest.mark.parametrize(("width", "plain"), [(20, True), (130, False)])
def test_a_ground_of_which_much_is_covered_is_not_plain(width, plain):
    image = np.rint(across()).astype(np.uint8)
    image[80:, 60 : 60 + width] = (240, 20, 20)
    assert find_ground(image).plain == plain


@pytest.mark.parametrize("bits", [np.uint8, np.uint16])
def test_noise_is_measured_at_the_pictures_own_size(bits):
    rng = np.random.default_rng(0)
    levels = np.clip(200 + rng.normal(0, 1.5, (600, 900, 3)), 0, 255)
    image = np.rint(levels * (1 if bits is np.uint8 else 257)).astype(bits)
    ground = find_ground(image)
    assert ground.plain
    assert 1 < ground.noise * 255 < 2


@pytest.mark.parametrize("bits", [np.uint8, np.uint16])
@pytest.mark.parametrize("seed", range(8))
def test_no_plain_ground_is_taken_for_an_uneven_one(seed, bits):
    rng = np.random.default_rng(seed)
    size = (300, 400) if seed % 2 else (700, 500)
    y, x = (2 * (np.arange(length) + 0.5) / length - 1 for length in size)
    terms = [y[:, None] ** j * x**i for j in range(5) for i in range(5 - j)]
    surface = 128 + np.tensordot(rng.normal(0, 8, (3, len(terms))), terms, 1).transpose(1, 2, 0)
    surface[size[0] // 2 :, 60 : 60 + 8 * seed] = rng.integers(0, 256, 3)  # a subject that touches up to 4 %
    levels = np.clip(surface + rng.normal(0, 1.3, surface.shape), 0, 255)
    image = np.rint(levels * (1 if bits is np.uint8 else 257)).astype(bits)
    assert find_ground(image).plain
    assert may_be_plain(image)


def test_a_busy_border_is_not_plain():
    busy = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    assert not find_ground(busy).plain
    assert not may_be_plain(busy)


def test_half_a_border_of_another_colour_is_not_plain():
    image = np.full((*SIZE, 3), 255, dtype=np.uint8)
    image[:, :120] = (30, 90, 200)
    assert not find_ground(image).plain


def test_a_ground_of_degree_four_is_found_everywhere():
    y, x = (2 * (np.arange(length) + 0.5) / length - 1 for length in SIZE)
    y = y[:, None]
    planes = 120 + 30 * x * y**3 - 20 * x**4 + 8 * y, 90 + 25 * y**4 - 9 * x**2 * y**2, 60 + 30 * x**3 + 0 * y
    image = np.rint(np.stack(planes, axis=2)).astype(np.uint8)
    assert np.abs(at_size(find_ground(image)) - np.stack(planes, axis=2)).max() < 1.2


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2)])
def test_the_smallest_pictures_have_a_ground(size):
    image = np.full((*size, 3), 77, dtype=np.uint8)
    assert np.abs(find_ground(image).colours * 255 - 77).max() < 0.5
    assert may_be_plain(image)


def test_a_given_colour_is_the_ground_everywhere():
    ground = one_colour((1.0, 0.5, 0.0))
    assert np.allclose(at_size(ground), (255, 127.5, 0))


@pytest.mark.parametrize("length", [1, 2, 7, 100])
def test_the_median_is_numpys(length):
    values = np.random.default_rng(length).random(length, dtype=np.float32)
    assert _median(values) == float(np.median(values))


def test_it_is_found_without_masked_arrays():
    code = "import sys, numpy as np; from background_remover.matting.keying.ground import find_ground\n"
    code += "find_ground(np.zeros((40, 50, 3), np.uint8)); assert 'numpy.ma' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
