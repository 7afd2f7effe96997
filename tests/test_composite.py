import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from background_remover.composite import cutout, levels


def test_a_cutout_keeps_the_colours_whatever_the_alpha(photo):
    alpha = np.linspace(0, 1, photo[..., 0].size, dtype=np.float32).reshape(photo.shape[:2])
    result = cutout(photo, alpha)
    assert result.shape == (*photo.shape[:2], 4)
    assert result.dtype == np.uint8
    assert np.array_equal(result[..., :3], photo)
    assert (result[0, 0, 3], result[-1, -1, 3]) == (0, 255)


@given(arrays(np.uint8, (3, 5)))
def test_grey_levels_come_back(grey):
    assert np.array_equal(levels(grey.astype(np.float32) / np.float32(255)), grey)


def test_an_alpha_of_another_size_is_refused(photo):
    with pytest.raises(ValueError, match="don't belong together"):
        cutout(photo, np.zeros((5, 5), np.float32))
