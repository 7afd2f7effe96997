import numpy as np
import pytest

from background_remover.arrays.box import Box
from background_remover.segmentation import crop_cache
from background_remover.segmentation.crop_cache import LONGEST, OWN, Crops, digest, inner_border, squares, steepness


def test_the_grid_is_no_larger_than_its_bound_or_the_picture(network, discs):
    assert Crops(discs, network).grid == (120, 240)
    assert Crops(np.repeat(np.repeat(discs, 4, 0), 4, 1), network).grid == (LONGEST // 2, LONGEST)


def test_a_picture_hardly_larger_is_its_own_grid(network):
    sizes = (176, OWN), (200, OWN + 1)
    grids = [Crops(np.zeros((*size, 3), dtype=np.uint8), network).grid for size in sizes]
    assert grids[0] == sizes[0]
    assert max(grids[1]) == LONGEST


def test_an_answer_lies_where_its_crop_does(network, discs):
    alpha = Crops(discs, network).answer(Box(20, 130, 100, 230), 128)
    assert alpha.shape == (120, 240)
    assert alpha[60, 180] > 0.9
    assert alpha[22, 135] < 0.1
    assert not alpha[:, :130].any()
    assert not alpha[100:].any()


def test_an_answer_is_a_flip_average(network, discs, monkeypatch):
    shade = np.linspace(0, 1, 128, dtype=np.float32)
    monkeypatch.setattr(network, "predict", lambda images: np.tile(shade, (1, 64, 1)))
    crops = Crops(discs, network)
    assert crops.answer(crops.whole, 128) == pytest.approx(np.full(crops.grid, 0.5), abs=1e-6)


def test_a_crop_is_shown_to_the_network_once(network, discs, monkeypatch):
    crops, shown = Crops(discs, network), []
    predict = network.predict
    monkeypatch.setattr(network, "predict", lambda images: shown.append(images.shape) or predict(images))
    first = crops.answer(crops.whole, 128)
    assert np.array_equal(first, crops.answer(crops.whole, 128))
    assert len(shown) == 2  # the crop and its mirror image
    crops.answer(crops.whole, 64)
    assert len(shown) == 4


def test_the_last_results_are_kept(network, discs, monkeypatch):
    monkeypatch.setattr(crop_cache, "KEPT", 2)
    crops, made = Crops(discs, network), []

    def result(name):
        return crops.cached(name, lambda: made.append(name) or name)

    assert [result(name) for name in ("a", "b", "a", "c", "a", "b")] == ["a", "b", "a", "c", "a", "b"]
    assert made == ["a", "b", "c", "b"]


def test_a_digest_is_of_the_values():
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert digest(array) == digest(np.ascontiguousarray(array.T).T)
    assert digest(array) != digest(array + np.float32(1e-6))
    assert digest(array > 5) != digest(array > 6)


def test_boxes_go_to_the_grid_and_back(network, discs):
    size = 3 * LONGEST // 2, 3 * LONGEST  # three of its pixels are one of the grid
    crops = Crops(np.zeros((*size, 3), dtype=np.uint8), network)
    assert crops.on_grid(Box(30, 60, 90, 120)) == Box(10, 20, 30, 40)
    assert crops.from_grid(Box(10, 20, 30, 40)) == Box(30, 60, 90, 120)
    assert crops.on_grid(Box(31, 61, 32, 62)) == Box(10, 20, 11, 21)
    assert crops.to_grid(size[0] - 1, size[1] - 1) == (LONGEST // 2 - 1, LONGEST - 1)


def test_steepness_is_the_gradients_length():
    rows, columns = np.mgrid[:6, :7].astype(np.float32)
    assert steepness(np.stack([3 * rows, 4 * columns])) == pytest.approx(np.full((6, 7), 5))
    assert steepness(np.ones((3, 1, 1), dtype=np.float32)) == pytest.approx(np.zeros((1, 1)))


def test_squares_end_with_the_picture():
    assert np.argwhere(squares((9, 9), [(0, 0)], 1)).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert np.count_nonzero(squares((9, 9), [(3, 3), (8, 8)], 2)) == 25 + 9


def test_a_square_around_a_point_ends_with_the_picture(network, discs):
    crops = Crops(discs, network)
    assert crops.around((60, 120), 0.25) == Box(30, 90, 91, 151)
    assert crops.around((0, 239), 0.25) == Box(0, 209, 31, 240)


def test_an_inner_border_leaves_out_the_sides_of_the_array():
    array = np.arange(20).reshape(4, 5)
    assert inner_border(array, Box(0, 0, 4, 5)).tolist() == []
    assert inner_border(array, Box(0, 1, 2, 5)).tolist() == [6, 7, 8, 9, 1, 6]
    assert inner_border(array, Box(1, 1, 3, 3)).tolist() == [6, 7, 11, 12, 6, 11, 7, 12]
