import numpy as np
import pytest
from skimage.graph import MCP_Geometric

from background_remover.segmentation.geodesic import distances


def test_distances_are_those_of_dijkstra():
    random = np.random.default_rng(1)
    cost = (random.random((40, 50)) + 0.05).astype(np.float32)
    sources = np.zeros(cost.shape, dtype=bool)
    sources[10, 30] = sources[33, 4] = True
    wanted = MCP_Geometric(cost).find_costs(np.argwhere(sources))[0]
    assert distances(sources, cost, sweeps=20) == pytest.approx(wanted, abs=1e-3)


def test_several_distances_at_once_are_those_of_each_alone():
    random = np.random.default_rng(2)
    cost = random.random((30, 20)).astype(np.float32) * 9
    sources = np.zeros((3, *cost.shape), dtype=bool)
    sources[0, 4, 5] = sources[1, 28, 1] = sources[1, 2, 19] = True  # the third has none
    assert np.array_equal(distances(sources, cost), np.stack([distances(one, cost) for one in sources]))


def test_a_wall_is_walked_around():
    cost = np.ones((20, 20), dtype=np.float32)
    cost[:15, 10] = 1000
    sources = np.zeros(cost.shape, dtype=bool)
    sources[0, 0] = True
    found = distances(sources, cost)
    assert found[0, 9] == pytest.approx(9)
    assert 30 < found[0, 11] < 100


def test_without_a_source_all_is_infinitely_far():
    assert np.isinf(distances(np.zeros((3, 4), dtype=bool), np.ones((3, 4), dtype=np.float32))).all()
