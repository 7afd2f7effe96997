import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw

from background_remover.matting.keying.ground import find_ground, one_colour
from background_remover.matting.keying.unmix import unmix

RED = (200, 16, 32)


def mask(side: int = 200, fine: int = 8) -> np.ndarray:
    """A ring and a slanted stroke with anti-aliased edges: (H, W) in [0, 1]."""
    canvas = PillowImage.new("L", (side * fine, side * fine))
    draw = ImageDraw.Draw(canvas)
    draw.ellipse((20 * fine, 20 * fine, 120 * fine, 120 * fine), fill=255)
    draw.ellipse((50 * fine, 50 * fine, 90 * fine, 90 * fine), fill=0)
    draw.line((30 * fine, 180 * fine, 180 * fine, 100 * fine), fill=255, width=3 * fine)
    return np.asarray(canvas, dtype=np.float32).reshape(side, fine, side, fine).mean(axis=(1, 3)) / 255


def drawn(alpha, colour=RED, ground=(255, 255, 255), kind=np.uint8):
    top = np.iinfo(kind).max / 255
    share = alpha[..., None]
    return np.rint((share * np.float32(colour) + (1 - share) * np.float32(ground)) * top).astype(kind)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("ground", [(255, 255, 255), (30, 60, 90)])
def test_the_shares_that_a_picture_was_drawn_with_are_found(kind, ground):
    alpha = mask()
    image = drawn(alpha, ground=ground, kind=kind)
    found = unmix(image, find_ground(image))
    assert np.abs(found.alpha - alpha).mean() < 0.002
    assert np.abs(found.alpha - alpha).max() < 0.12
    assert found.alpha[70, 70] == 0  # the hole of the ring
    edge = (found.alpha > 0.1) & (found.alpha < 1)
    levels = found.colours[edge] / (np.iinfo(kind).max / 255)
    assert np.abs(levels - RED).mean() < 2


def test_a_cutout_before_its_own_ground_is_the_picture_again():
    image = drawn(mask())
    found = unmix(image, find_ground(image))
    share = found.alpha[..., None]
    again = share * found.colours + (1 - share) * 255
    assert np.abs(again - image).mean() < 0.5


def test_a_picture_of_the_ground_alone_is_transparent():
    image = np.full((50, 70, 3), 200, dtype=np.uint8)
    assert not unmix(image, find_ground(image)).alpha.any()


def test_a_tolerance_takes_what_is_near_the_colour():
    image = np.zeros((60, 60, 3), dtype=np.uint8)
    image[:, :20], image[:, 20:40], image[:, 40:] = (0, 200, 0), (10, 190, 8), (200, 0, 0)
    ground = one_colour((0, 200 / 255, 0))
    near, exact = unmix(image, ground, tolerance=20 / 255).alpha, unmix(image, ground).alpha
    assert not near[:, :38].any()
    assert not exact[:, :18].any()
    assert (exact[:, 24:] == 1).all()
    assert (near[:, 42:] == 1).all()


def test_tiles_leave_no_seams():
    alpha = np.tile(mask(), (3, 3))
    image = drawn(alpha)
    found = unmix(image, one_colour((1, 1, 1)))
    assert np.abs(found.alpha - alpha).max() < 0.12


def test_a_shaded_ground_is_ground():
    shade = np.linspace(0, 0.5, 100, dtype=np.float32)[None] * np.ones((100, 1), dtype=np.float32)
    image = np.rint(255 * (1 - shade))[..., None].repeat(3, axis=2).astype(np.uint8)
    assert not unmix(image, one_colour((1, 1, 1)), shade=shade).alpha.any()
    assert unmix(image, one_colour((1, 1, 1))).alpha[:, 60:].min() > 0.9
