import numpy as np
import pytest

from background_remover.segmentation.crop_cache import Crops
from background_remover.segmentation.network import Network
from background_remover.segmentation.second_pass import part_of


@pytest.fixture(scope="session")
def network(bright):
    return Network(bright)


@pytest.fixture
def discs():
    """Two white discs of radius 25, at (60, 60) and (60, 180), on a dark ground: (120, 240, 3)."""
    rows, columns = np.mgrid[:120, :240]
    inside = ((rows - 60) ** 2 + (columns % 120 - 60) ** 2) < 25**2
    return np.where(inside[..., None], np.uint8([250, 240, 230]), np.uint8([20, 30, 40]))


class Answers(Crops):
    """A grey picture with given answers: one to the whole of it, one to every crop, both (h, w) on the grid."""

    def __init__(self, network, whole, crop):
        super().__init__(np.full((*whole.shape, 3), 128, dtype=np.uint8), network)
        self._given = whole, crop

    def answer(self, box, longest):
        result = np.zeros(self.grid, dtype=np.float32)
        part_of(result, box)[:] = part_of(self._given[box != self.whole], box)
        return result


@pytest.fixture
def answers(network):
    """A function that makes a picture with an answer to the whole of it and one to its crops."""
    return lambda whole, crop: Answers(network, whole, crop)
