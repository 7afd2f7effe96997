"""When a larger size is asked for, and what becomes of both answers."""

from dataclasses import replace

import numpy as np
import pytest

from background_remover.arrays.resample import resize
from background_remover.pipeline.larger_size import SURE, wants_larger, with_larger
from background_remover.segmentation.network import Card

SMALL = Card("n", "1", "CC0-1.0", "none", "none", 1)
LARGE = replace(SMALL, longest_side=320)


class Stand:
    """A network whose answer is the mean of the picture's channels, at whatever size it is asked."""

    def coarse(self, image: np.ndarray, *, scale: float = 1.0) -> np.ndarray:
        return resize((image.mean(axis=2) / 255).astype(np.float32), (round(32 * scale), round(64 * scale)), "bilinear")


def disc(certainty: float) -> np.ndarray:
    """An alpha whose subject, half of it, is as certain as this."""
    alpha = np.zeros((32, 64), np.float32)
    alpha[:, :32] = certainty
    return alpha


@pytest.mark.parametrize(
    ("coarse", "card", "wanted"),
    [
        (disc(SURE - 0.01), LARGE, True),
        (disc(SURE + 0.01), LARGE, False),
        (disc(0.6), SMALL, False),
        (disc(0.6), replace(LARGE, multiple=320), False),
        (disc(0.6), replace(LARGE, confidence="0:0 0.6:0.9 1:1"), False),
    ],
    ids=["unsure", "sure", "small network", "one size", "sure by the card"],
)
def test_it_is_asked_for_where_the_network_is_unsure_and_takes_it(coarse, card, wanted):
    assert wants_larger(coarse, card) is wanted


def test_the_answer_is_the_mean_of_both_sizes():
    image = np.random.default_rng(0).integers(0, 256, (96, 192, 3), dtype=np.uint8)
    own, larger = Stand().coarse(image), Stand().coarse(image, scale=1.2)
    assert larger.shape == (38, 77)
    np.testing.assert_allclose(with_larger(image, own, Stand()), (own + resize(larger, (32, 64), "bilinear")) / 2)
