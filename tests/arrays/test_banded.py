import numpy as np
import pytest

from background_remover.arrays import banded
from background_remover.arrays.banded import Cut, product_parts, resampled
from background_remover.arrays.resample import resize

SIZES = [(1, 1), (1, 17), (13, 11), (40, 7), (61, 90), (334, 320), (300, 2)]


@pytest.mark.parametrize("kernel", ["box", "bilinear", "bicubic"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", SIZES)
def test_it_resizes_as_pillow_does(shape, size, kernel):
    """The border of a box may fall on a pixel's middle, as of 334 to 320: whose it is depends on the order of sums."""
    array = np.random.default_rng(0).random((2, *shape)).astype(np.float32)
    result = resampled(array, size, kernel)
    assert (result.shape, result.dtype) == ((2, *size), np.float32)
    for plane, found in zip(array, result, strict=True):
        np.testing.assert_allclose(found, resize(plane, size, kernel), atol=1e-6)


@pytest.mark.parametrize("kernel", ["box", "bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(90, 70), (7, 9)])
def test_a_part_is_that_of_the_whole(size, kernel, monkeypatch):
    monkeypatch.setattr(banded, "_PRODUCT", 500)  # so that there are several strips
    array = np.random.default_rng(1).random((3, 31, 40)).astype(np.float32)
    whole = resampled(array, size, kernel)
    for part in [(slice(0, 1), slice(0, 1)), (slice(2, 7), slice(3, 9)), (slice(5, size[0]), slice(1, size[1]))]:
        np.testing.assert_allclose(resampled(array, size, kernel, part), whole[:, part[0], part[1]], atol=1e-6)


@pytest.mark.parametrize("kernel", ["box", "bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(90, 70), (7, 9), (31, 40)])
def test_an_array_that_is_cut_from_a_larger_one_gives_a_part_of_what_that_gives(size, kernel):
    array = np.random.default_rng(1).random((3, 31, 40)).astype(np.float32)
    part = tuple(slice(full // 2, full // 2 + max(full // 8, 1)) for full in size)
    cut, where = array[:, 4:28, 6:38], Cut((31, 40), (slice(4, 28), slice(6, 38)))
    found = resampled(cut, size, kernel, part, where)
    np.testing.assert_allclose(found, resampled(array, size, kernel)[:, part[0], part[1]], atol=1e-6)
    with pytest.raises(ValueError, match="aren't all"):
        resampled(cut, size, kernel, (part[0], slice(0, size[1])), where)


@pytest.mark.parametrize(("length", "each"), [(1, 1), (3000, 225), (256, 1280), (7, 10**6)])
def test_products_are_in_parts_that_blas_makes_in_one_thread(length, each):
    parts = product_parts(length, each)
    assert np.concatenate([np.arange(length)[part] for part in parts]).tolist() == list(range(length))
    assert all((part.stop - part.start) * each <= 2**18 or part.stop - part.start == 1 for part in parts)
