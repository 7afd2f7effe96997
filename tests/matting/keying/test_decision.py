import numpy as np
import pytest

from background_remover.arrays.box_filter import blur
from background_remover.matting.keying.decision import choose, combine, flatness
from background_remover.matting.keying.ground import find_ground
from background_remover.matting.keying.unmix import unmix

SIZE = (200, 200)


def scene(texture: float = 12):
    """A textured box with a white label and a hole, on white: the picture, and the box's alpha with neither."""
    alpha = np.zeros(SIZE, dtype=np.float32)
    alpha[40:160, 50:150] = 1
    rng = np.random.default_rng(0)
    colours = np.clip(np.float32([60, 110, 70]) + rng.normal(0, texture, (*SIZE, 3)), 0, 255)
    image = np.where(alpha[..., None] > 0, colours, 255)
    image[60:80, 70:110] = 255
    image[120:140, 90:110] = 255
    return np.rint(image).astype(np.uint8), alpha


def network(alpha):
    """What a network says: a blurred edge, some pixels off."""
    return np.clip(blur(np.roll(alpha, 1, axis=1), 2), 0, 1).astype(np.float32)


def test_a_product_is_one_where_both_agree_and_a_drawing_a_graphic():
    image, alpha = scene()
    ground = find_ground(image)
    found = unmix(image, ground)
    assert choose(image, ground, found, network(alpha), empty=False) == "product"
    assert choose(image, ground, found, network(np.roll(alpha, 90, axis=0)), empty=False) == "photo"
    flat, _ = scene(texture=0)
    found = unmix(flat, ground)
    assert choose(flat, ground, found, np.zeros_like(alpha), empty=False) == "graphic"


def test_what_the_network_finds_nothing_in_is_a_graphic():
    image, alpha = scene()
    ground = find_ground(image)
    assert choose(image, ground, unmix(image, ground), np.zeros_like(alpha), empty=True) == "graphic"


def test_nothing_on_a_plain_ground_is_no_graphic():
    image = np.full((*SIZE, 3), 250, dtype=np.uint8)
    ground, nothing = find_ground(image), np.zeros(SIZE, dtype=np.float32)
    assert choose(image, ground, unmix(image, ground), nothing, empty=True) == "photo"


def test_a_busy_ground_is_a_photo():
    image = np.random.default_rng(1).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    ground, half = find_ground(image), np.full(SIZE, 0.5, dtype=np.float32)
    assert choose(image, ground, unmix(image, ground), half, empty=True) == "photo"


@pytest.mark.parametrize(("texture", "least", "most"), [(0, 0.95, 1), (12, 0, 0.3)])
def test_flatness_is_of_drawings(texture, least, most):
    image, alpha = scene(texture)
    assert least <= flatness(image, alpha) <= most


def test_colour_gives_the_edge_and_the_network_the_label_and_the_hole():
    image, alpha = scene()
    told = alpha.copy()
    told[118:142, 88:112] = 0  # the network knows the hole, and takes the label for the subject
    found = unmix(image, find_ground(image))
    result = combine(image, found, network(told))
    wanted = alpha.copy()
    wanted[120:140, 90:110] = 0
    inner = np.abs(result.alpha - wanted)
    assert inner.mean() < 0.01
    assert inner.mean() < np.abs(network(told) - wanted).mean() / 2
    assert (result.alpha[65:75, 75:105] > 0.9).all()
    assert not result.alpha[125:135, 95:105].any()


def test_white_before_white_is_the_networks():
    image, alpha = scene()
    image[90:160, 50:150] = 255  # the lower half can't be told from the paper, nor is it closed
    result = combine(image, unmix(image, find_ground(image)), network(alpha))
    assert result.alpha[110:150, 70:130].min() > 0.9


def test_a_speck_that_the_network_does_not_know_goes():
    image, alpha = scene()
    image[180:186, 10:16] = 0
    found = unmix(image, find_ground(image))
    assert found.alpha[182, 12] == 1
    assert combine(image, found, network(alpha)).alpha[182, 12] < 0.05
