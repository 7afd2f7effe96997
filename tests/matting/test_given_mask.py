import numpy as np
import pytest

from background_remover.errors import ImageError
from background_remover.imaging.picture import Picture
from background_remover.matting.given_mask import alpha_of, trimap_of


def grey(levels: np.ndarray) -> Picture:
    return Picture(np.repeat(levels[..., None], 3, axis=2))


def test_grey_levels_are_the_alpha():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_allclose(alpha_of(grey(levels), (160, 160), "m.png") * 255, levels, atol=1e-4)


def test_transparency_is_the_alpha_whatever_the_colours():
    opacity = np.random.default_rng(0).random((6, 8)).astype(np.float32)
    picture = Picture(np.random.default_rng(1).integers(0, 256, (6, 8, 3), dtype=np.uint8), opacity)
    assert np.array_equal(alpha_of(picture, (6, 8), "m.png"), opacity)


def test_a_picture_in_colour_is_refused():
    image = np.zeros((6, 8, 3), np.uint8)
    image[2, 3] = (1, 0, 0)
    with pytest.raises(ImageError, match=r"m\.png: a picture in colour is no mask"):
        alpha_of(Picture(image), (6, 8), "m.png")


@pytest.mark.parametrize("size", [(8, 6), (6, 12), (600, 700)])
def test_a_mask_of_another_shape_is_refused(size):
    with pytest.raises(
        ImageError, match=r"m\.png: a mask of 80x60 is of another shape than the picture, \d+x\d+; give a mask of"
    ):
        alpha_of(grey(np.zeros((60, 80), np.uint8)), size, "m.png")


def test_a_shape_may_be_rounded():
    assert alpha_of(grey(np.zeros((85, 128), np.uint8)), (2667, 4000), "m.png").shape == (85, 128)


@pytest.mark.parametrize(
    ("levels", "trimap"), [([0, 128, 255], True), ([128], True), ([0, 255], False), ([0, 127, 128, 255], False)]
)
def test_a_trimap_has_three_levels(levels, trimap):
    alpha = np.array([levels], np.float32) / np.float32(255)
    found = trimap_of(alpha)
    assert (found is not None) == trimap
    if found is not None:
        assert found.tolist() == [levels]
