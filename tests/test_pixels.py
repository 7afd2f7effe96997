import numpy as np
import pytest

from background_remover.pixels import resize


def triangle(line: np.ndarray, length: int) -> np.ndarray:
    """The bilinear kernel stretched to the step between samples, written out for one line."""
    step = len(line) / length
    support = max(step, 1)
    result = np.zeros(length)
    for index in range(length):
        centre = (index + 0.5) * step
        weights = np.array([max(0, 1 - abs(pixel + 0.5 - centre) / support) for pixel in range(len(line))])
        result[index] = (weights * line).sum() / weights.sum()
    return result


@pytest.mark.parametrize("size", [(4, 5), (16, 3), (2, 40), (33, 21), (1, 1)])
def test_bilinear_agrees_with_the_kernel_written_out(size):
    array = np.random.default_rng(0).random((13, 11)).astype(np.float32)
    wide = np.array([triangle(row, size[1]) for row in array])
    wanted = np.array([triangle(column, size[0]) for column in wide.T]).T
    result = resize(array, size, "bilinear")
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, wanted, atol=1e-5)


def test_box_gives_the_means_of_blocks():
    array = np.random.default_rng(1).integers(0, 256, (8, 12, 3), dtype=np.uint8)
    result = resize(array, (4, 3), "box")
    wanted = array.reshape(4, 2, 3, 4, 3).mean(axis=(1, 3))
    assert result.dtype == np.uint8
    assert np.abs(result - wanted).max() <= 1


@pytest.mark.parametrize("kernel", ["box", "bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(1, 1), (7, 90), (300, 2)])
def test_an_even_array_stays_even_and_the_size_is_height_by_width(kernel, size):
    assert np.array_equal(resize(np.full((20, 30, 3), 77, np.uint8), size, kernel), np.full((*size, 3), 77, np.uint8))
    np.testing.assert_allclose(resize(np.full((20, 30), 0.3, np.float32), size, kernel), 0.3, atol=1e-6)


def test_the_same_size_gives_a_copy():
    array = np.zeros((3, 4), np.float32)
    result = resize(array, (3, 4), "bicubic")
    result[:] = 1
    assert array.max() == 0
