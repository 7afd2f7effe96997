"""The subject's colours against known ones and against PyMatting; parts against the whole."""

import numpy as np
import pytest

from background_remover.matting import foreground as module
from background_remover.matting.foreground import foreground
from background_remover.types import Alpha, Image
from tests.matting import reference


def disc(height: int, width: int, radius: float, soft: float) -> Alpha:
    """A disc whose alpha falls from 1 to 0 over `soft` pixels."""
    y, x = np.ogrid[:height, :width]
    distance = np.hypot(y - height / 2, x - width / 2)
    return np.clip((radius - distance) / soft + 0.5, 0, 1).astype(np.float32)


def shades(height: int, width: int, first: tuple[int, int, int], last: tuple[int, int, int]) -> np.ndarray:
    """Colours that change evenly from the left to the right: (H, W, 3) float64."""
    along = np.linspace(0, 1, width)[None, :, None]
    return np.broadcast_to(np.array(first) * (1 - along) + np.array(last) * along, (height, width, 3))


def over(colours: np.ndarray, alpha: Alpha, background: np.ndarray, kind: type = np.uint8) -> Image:
    share = alpha[..., None].astype(np.float64)
    return np.rint(share * colours + (1 - share) * background).astype(kind)


def case(height: int = 180, width: int = 240) -> tuple[np.ndarray, Alpha, Image]:
    """The subject's true colours, its alpha, and the picture of it before a green ground."""
    own = shades(height, width, (200, 60, 40), (240, 140, 90))
    behind = shades(height, width, (20, 90, 30), (60, 160, 60))
    alpha = disc(height, width, height * 0.3, height * 0.12)
    return own, alpha, over(own, alpha, behind)


def error(colours: np.ndarray, own: np.ndarray, alpha: Alpha) -> float:
    """The mean difference seen over a new background, in levels of 255, where the alpha is between 0 and 1."""
    band = (alpha > 0) & (alpha < 1)
    return float((alpha[..., None] * np.abs(colours - own))[band].mean())


@pytest.mark.parametrize("kind", ["star", "random"])
@pytest.mark.parametrize("size", reference.SIZES)
def test_it_agrees_with_one_written_out_over_the_whole_picture(size, kind):
    image, alpha = reference.scene(size, kind)
    wanted = reference.foreground(image, alpha)
    assert np.abs(foreground(image, alpha) - wanted).max() < 0.51  # of a level: it is rounded
    fine = image * np.uint16(257)
    assert np.abs(foreground(fine, alpha) - reference.foreground(fine, alpha)).max() < 2


@pytest.mark.parametrize(("top", "left"), [(0, 0), (60, 90), (109, 149), (0, 149)])
def test_a_small_subject_anywhere_has_the_colours_that_it_has_in_the_whole(top, left):
    image, _ = reference.scene((130, 170), "random")
    alpha = np.zeros((130, 170), np.float32)
    alpha[top : top + 21, left : left + 21] = disc(21, 21, 8, 5)
    assert np.abs(foreground(image, alpha) - reference.foreground(image, alpha)).max() < 0.51
    alpha = 1 - alpha
    assert np.abs(foreground(image, alpha) - reference.foreground(image, alpha)).max() < 0.51


def test_the_old_background_leaves_the_edge():
    own, alpha, image = case()
    assert error(image, own, alpha) > 10
    assert error(foreground(image, alpha), own, alpha) < 1


def test_it_is_no_worse_than_the_published_estimate():
    pymatting = pytest.importorskip("pymatting")
    own, alpha, image = case()
    theirs = pymatting.estimate_foreground_ml(image / 255, alpha.astype(np.float64)) * 255
    assert error(foreground(image, alpha), own, alpha) < 1.15 * error(theirs, own, alpha)


def test_sure_pixels_keep_their_colours():
    _, alpha, image = case()
    result = foreground(image, alpha)
    assert result.dtype == np.uint8
    assert np.array_equal(result[alpha == 1], image[alpha == 1])
    assert np.array_equal(result[:9], image[:9])  # transparent and far from the subject


def test_transparent_pixels_beside_the_subject_take_its_colour():
    """Or whoever scales the cutout without heed to its alpha brings the old background back."""
    own = np.broadcast_to(np.float64([250, 10, 10]), (60, 80, 3))
    alpha = np.zeros((60, 80), np.float32)
    alpha[20:40, 30:50] = 1
    image = over(own, alpha, np.zeros((60, 80, 3)))
    assert np.array_equal(foreground(image, alpha)[19:41, 29:51], own[19:41, 29:51])


@pytest.mark.parametrize("level", [0, 1])
def test_all_subject_and_all_background_stay_as_they_are(level):
    image = np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)
    assert np.array_equal(foreground(image, np.full((50, 70), level, np.float32)), image)


def test_an_even_picture_stays_even():
    image = np.full((90, 120, 3), (10, 120, 250), np.uint8)
    assert np.array_equal(foreground(image, disc(90, 120, 30, 20)), image)


@pytest.mark.parametrize("side", [7, 64, 1000])
def test_parts_are_as_the_whole(monkeypatch, side):
    _, alpha, image = case()
    wanted = foreground(image, alpha)
    monkeypatch.setattr(module, "TILE", side)
    assert np.array_equal(foreground(image, alpha), wanted)


def test_beyond_the_last_level_it_is_almost_as_good(monkeypatch):
    own, alpha, image = case()
    monkeypatch.setattr(module, "LEVELS", ((32, 10), (64, 10)))
    assert error(foreground(image, alpha), own, alpha) < 1.5


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (3, 900)])
def test_any_size(size):
    image = np.full((*size, 3), 90, np.uint8)
    assert np.array_equal(foreground(image, np.full(size, 0.5, np.float32)), image)


def test_neither_argument_is_changed():
    _, alpha, image = case()
    before = image.copy(), alpha.copy()
    foreground(image, alpha)
    assert np.array_equal(image, before[0])
    assert np.array_equal(alpha, before[1])


def test_an_alpha_of_another_size_is_refused():
    with pytest.raises(ValueError, match="don't belong together"):
        foreground(np.zeros((4, 5, 3), np.uint8), np.zeros((5, 4), np.float32))


def test_colours_of_16_bits_are_kept_where_sure_and_else_estimated_as_well():
    own, alpha, image = case()
    fine = over(own * 257, alpha, shades(180, 240, (20, 90, 30), (60, 160, 60)) * 257, np.uint16)
    result = foreground(fine, alpha)
    assert result.dtype == np.uint16
    assert np.array_equal(result[alpha == 1], fine[alpha == 1])
    assert error(result / 257, own, alpha) < 1.05 * error(foreground(image, alpha), own, alpha)
