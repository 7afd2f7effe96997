import numpy as np
import pytest

from background_remover.segmentation.network import Network


@pytest.fixture(scope="session")
def network(bright):
    return Network(bright)


@pytest.fixture
def discs():
    """Two white discs of radius 25, at (60, 60) and (60, 180), on a dark ground: (120, 240, 3)."""
    rows, columns = np.mgrid[:120, :240]
    inside = ((rows - 60) ** 2 + (columns % 120 - 60) ** 2) < 25**2
    return np.where(inside[..., None], np.uint8([250, 240, 230]), np.uint8([20, 30, 40]))
