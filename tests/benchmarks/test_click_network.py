from types import SimpleNamespace

import numpy as np
import pytest

from background_remover.arrays.box import Box
from background_remover.segmentation.crop_cache import Crops
from background_remover.segmentation.prompts import Prompts
from click_network import ClickNetwork, moved


class Stand:
    """Stands for a network of clicks: what is bright and in the box, or anywhere there is a click, is meant."""

    card = SimpleNamespace(multiple=32, longest_side=128)

    def __init__(self) -> None:
        self.prompts: list[np.ndarray] = []

    def predict(self, images: np.ndarray, prompts: np.ndarray) -> np.ndarray:
        self.prompts.append(prompts[0])
        wanted = prompts[..., 2] > 0 if prompts[..., 2].any() else prompts[..., 0].any() * np.ones(images.shape[:3])
        return ((images.mean(-1) > 127) & (wanted > 0)).astype(np.float32) * 0.9 + 0.05


def two_discs() -> np.ndarray:
    """A bright square left and another right, on black: (128, 192, 3)."""
    image = np.zeros((128, 192, 3), np.uint8)
    image[50:80, 20:50] = image[50:80, 140:170] = 255
    return image


def test_a_box_is_shown_to_the_network_and_once_more_from_near():
    network = Stand()
    alpha = ClickNetwork(Crops(two_discs(), network), network).choose(Prompts(box=Box(40, 130, 90, 180)))
    assert (alpha[50:80, 142:168] > 0.5).mean() > 0.9
    assert alpha[:, :100].max() < 0.5
    far, near = network.prompts
    assert far[..., 3].max() == 0  # there was no answer yet
    assert near[..., 3].max() > 200
    assert near.shape[:2] == (256, 256)


def test_the_answer_before_is_seen_with_the_next_click():
    network = Stand()
    chooser = ClickNetwork(Crops(two_discs(), network), network)
    chooser.choose(Prompts(points=((65, 35),)))
    seen = len(network.prompts)
    alpha = chooser.choose(Prompts(points=((65, 35),), not_points=((65, 155),)))
    first, next_one = network.prompts[0], network.prompts[seen]
    assert first[..., 3].max() == 0
    assert next_one[..., 3].max() > 200
    assert next_one[..., 1].any()
    assert alpha[65, 35] > 0.5 > alpha[65, 155]  # set right where the network disagrees


@pytest.mark.parametrize("size", [(50, 40), (100, 80)])
def test_prompts_move_into_a_part_of_the_picture(size):
    by = size[0] // 50
    part = Box(10, 20, 60, 60)
    found = moved(Prompts(((10, 20), (59, 59), (60, 30)), ((30, 10), (30, 40)), Box(0, 30, 40, 70)), part, size)
    assert found.points == ((0, 0), (49 * by, 39 * by))
    assert found.not_points == ((20 * by, 20 * by),)
    assert found.box == Box(0, 10 * by, 30 * by, 40 * by)
