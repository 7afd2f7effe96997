"""The Laplacian against its own definition, whole and in pieces."""

import numpy as np
import pytest

from background_remover.matting import laplacian as module
from background_remover.matting.laplacian import Laplacian
from background_remover.matting.local_linear import centred
from tests.matting.test_guided_filter import blob


def written_out(guide: np.ndarray, radius: int) -> np.ndarray:
    """The matrix of the matting Laplacian from its definition (Levin et al., equation 12), in float64."""
    height, width = guide.shape[1:]
    result = np.zeros((height * width, height * width))
    for row in range(height):
        for column in range(width):
            rows = np.arange(max(row - radius, 0), min(row + radius + 1, height))
            columns = np.arange(max(column - radius, 0), min(column + radius + 1, width))
            index = (rows[:, None] * width + columns).ravel()
            colours = guide.reshape(3, -1)[:, index].astype(np.float64)
            away = colours - colours.mean(axis=1, keepdims=True)
            variance = away @ away.T / len(index) + float(module.STIFFNESS) * np.eye(3)
            shares = (1 + away.T @ np.linalg.solve(variance, away)) / len(index)
            result[np.ix_(index, index)] += np.eye(len(index)) - shares
    return result


def test_the_laplacian_is_the_one_written_out(monkeypatch):
    monkeypatch.setattr(module, "RADIUS", 2)
    image, _ = blob(12, 14)
    guide = centred(image)
    matrix = written_out(guide, 2)
    laplacian = Laplacian(guide, np.ones((12, 14), bool))
    np.testing.assert_allclose(laplacian.diagonal.ravel(), np.diag(matrix), rtol=0.01)
    alpha = np.random.default_rng(0).random((12, 14)).astype(np.float32)
    np.testing.assert_allclose(laplacian.times(alpha).ravel(), matrix @ alpha.ravel(), atol=0.02)
    np.testing.assert_allclose(laplacian.times(np.ones_like(alpha)), 0, atol=1e-4)


@pytest.mark.parametrize("side", [1, 5, 128])
def test_pieces_are_as_the_whole_where_they_are_wanted(monkeypatch, side):
    monkeypatch.setattr(module, "RADIUS", 2)
    monkeypatch.setattr(module, "SIDE", side)
    image, _ = blob(24, 31)
    guide = centred(image)
    alpha = np.random.default_rng(0).random((24, 31)).astype(np.float32)
    wanted = np.zeros((24, 31), bool)
    wanted[0, 0] = wanted[5, 3:20] = wanted[9:21, 30] = wanted[23, 12] = True
    matrix = written_out(guide, 2)
    laplacian = Laplacian(guide, wanted)
    whole = (matrix @ alpha.ravel()).reshape(alpha.shape)
    np.testing.assert_allclose(laplacian.times(alpha)[wanted], whole[wanted], atol=0.02)
    np.testing.assert_allclose(laplacian.diagonal[wanted], np.diag(matrix).reshape(alpha.shape)[wanted], rtol=0.01)


def test_functions_are_those_of_an_alpha_that_is_linear_in_the_colour():
    image, _ = blob(40, 50)
    guide = centred(image)
    slopes = np.float32([0.3, -0.2, 0.4])
    alpha = (guide * slopes[:, None, None]).sum(axis=0) + np.float32(0.5)
    wanted = np.zeros((40, 50), bool)
    wanted[18:22, 20:30] = True
    functions = Laplacian(guide, wanted).functions(alpha)
    found = (functions[:3] * guide).sum(axis=0) + functions[3]
    np.testing.assert_allclose(found[17:23, 19:31], alpha[17:23, 19:31], atol=0.01)  # also just beside what is wanted
    assert not functions[:, :10].any()
