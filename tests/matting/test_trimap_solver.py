"""Edges whose truth is known; the least energy as NumPy solves the system."""

import numpy as np
import pytest

from background_remover.arrays.box_filter import box_max
from background_remover.matting import laplacian
from background_remover.matting import trimap_solver as module
from background_remover.matting.laplacian import Laplacian
from background_remover.matting.local_linear import centred
from background_remover.matting.trimap_solver import solve
from background_remover.types import Alpha, Image
from tests.matting.test_guided_filter import blob, error
from tests.matting.test_laplacian import written_out


def trimap_of(alpha: Alpha, reach: int) -> Image:
    """The alpha's trimap, unknown for `reach` pixels around what is neither subject nor background."""
    unknown = box_max(((alpha > 0) & (alpha < 1)).astype(np.float32), reach) > 0
    return np.where(unknown, 128, np.where(alpha > 0.5, 255, 0)).astype(np.uint8)


@pytest.mark.parametrize("reach", [3, 12, 40])
def test_a_trimap_is_solved_however_wide_its_band(reach):
    image, truth = blob()
    trimap = trimap_of(truth, reach)
    result = solve(image, trimap)
    assert error(result, truth) < 0.1 * error(trimap / np.float32(255), truth)
    assert np.array_equal(result[trimap == 0], np.zeros((trimap == 0).sum()))
    assert np.array_equal(result[trimap == 255], np.ones((trimap == 255).sum()))


def test_a_smaller_trimap_is_solved_as_well():
    image, truth = blob()
    result = solve(image, trimap_of(truth, 20)[::4, ::4])
    assert error(result, truth) < 0.1 * error(trimap_of(truth, 20) / np.float32(255), truth)


def test_a_trimap_without_anything_unknown_is_the_alpha():
    image, truth = blob(60, 80)
    trimap = np.where(truth > 0.5, 255, 0).astype(np.uint8)
    assert np.array_equal(solve(image, trimap), (truth > 0.5).astype(np.float32))


def test_a_trimap_of_nothing_known_has_no_answer_but_a_finite_one():
    image, _ = blob(60, 80)
    np.testing.assert_allclose(solve(image, np.full((60, 80), 128, np.uint8)), 0.5, atol=1e-3)


@pytest.mark.parametrize("side", [17, 9999])
def test_parts_are_as_the_whole(monkeypatch, side):
    image, truth = blob()
    wanted = solve(image, trimap_of(truth, 12))
    monkeypatch.setattr(module, "TILE", side)
    np.testing.assert_allclose(solve(image, trimap_of(truth, 12)), wanted, atol=1e-5)


@pytest.mark.parametrize("level", [0, 255])
def test_what_has_one_kind_of_known_pixels_is_all_of_that_kind(level):
    image, _ = blob(60, 80)
    trimap = np.full((60, 80), 128, np.uint8)
    trimap[:, :10] = level
    np.testing.assert_allclose(solve(image, trimap), level / 255, atol=0.02)


@pytest.mark.parametrize("size", [(1, 40), (40, 1), (5, 900), (2, 2)])
def test_any_size(size):
    rng = np.random.default_rng(2)
    image = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    result = solve(image, rng.choice(np.uint8([0, 128, 255]), (4, 4)))
    assert result.shape == size
    assert 0 <= result.min() <= result.max() <= 1


def test_it_is_minimised_as_numpy_solves_the_system(monkeypatch):
    monkeypatch.setattr(laplacian, "RADIUS", 1)
    image, _ = blob(12, 14)
    guide = centred(image)
    known = np.zeros((12, 14), bool)
    known[:, :3] = known[:, -3:] = True
    given = np.where(known, np.arange(14) > 6, 0.5).astype(np.float32)
    pull = np.full_like(given, 0.3)
    guess = np.full_like(given, 0.4)
    free = (~known).astype(np.float32)
    result = module._minimised(Laplacian(guide, ~known), given, free, guess, pull, module._Scale(14, 200, 1e-3))
    matrix = written_out(guide, 1) + 0.3 * np.eye(given.size)
    open_, fixed = np.flatnonzero(~known), np.flatnonzero(known)
    right = 0.3 * 0.4 - matrix[np.ix_(open_, fixed)] @ given.ravel()[fixed]
    wanted = np.linalg.solve(matrix[np.ix_(open_, open_)], right)
    np.testing.assert_allclose(result.ravel()[open_], np.clip(wanted, 0, 1), atol=0.02)


def test_colours_are_lent_to_their_neighbourhood():
    colours = np.zeros((3, 32, 48), np.float32)
    colours[0, :, :24], colours[1, :, 24:] = 1, 1
    weight = np.zeros((32, 48), np.float32)
    weight[:, :6] = weight[:, -6:] = 1
    result = module._means(colours, weight)
    assert result[0, 16, 3] > 0.99
    assert result[1, 16, 45] > 0.99
    assert result[0, 16, 12] > result[1, 16, 12]
