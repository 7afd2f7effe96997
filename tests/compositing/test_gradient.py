import math

import numpy as np
import pytest

from background_remover.compositing.gradient import gradient

START, END = np.array((10, 200, 90, 255), np.uint8), np.array((250, 20, 90, 155), np.uint8)


def naive(size: tuple[int, int], angle: float | None) -> np.ndarray:
    """How much of the end's colour there is, as CSS says it: lines through the corners are square to the gradient's."""
    height, width = size
    result = np.empty(size)
    for row in range(height):
        for column in range(width):
            right, down = column + 0.5 - width / 2, row + 0.5 - height / 2
            if angle is None:
                result[row, column] = math.hypot(right, down) / math.hypot(width / 2, height / 2)
                continue
            towards = math.sin(math.radians(angle)), -math.cos(math.radians(angle))
            corners = [x * width / 2 * towards[0] + y * height / 2 * towards[1] for x in (-1, 1) for y in (-1, 1)]
            far = right * towards[0] + down * towards[1]
            result[row, column] = (far - min(corners)) / (max(corners) - min(corners))
    return result


@pytest.mark.parametrize("angle", [0, 90, 180, 270, 30, 135, 299.5, None])
@pytest.mark.parametrize("size", [(37, 61), (1, 1), (300, 7)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_every_level_is_within_one_of_the_exact_one(angle, size, kind):
    scale = np.iinfo(kind).max // 255
    start, end = START.astype(kind) * kind(scale), END.astype(kind) * kind(scale)
    share = naive(size, angle)[..., None]
    result = gradient(start, end, size, angle)
    assert result.dtype == kind
    assert np.abs(result - (start + (end - start.astype(float)) * share)).max() < 1.02


def test_a_faint_gradient_has_no_bands():
    start, end = np.array((100, 100, 100, 255), np.uint8), np.array((103, 103, 103, 255), np.uint8)
    result = gradient(start, end, (400, 400), 90)[..., 0]
    exact = 100 + 3 * naive((1, 400), 90)
    blocks = result.reshape(25, 16, 25, 16).mean(axis=(1, 3))
    assert np.abs(blocks - exact.reshape(25, 16).mean(axis=1)).max() < 0.1
    assert len({tuple(row) for row in result}) > 200, "the same pattern in every row would be seen as stripes"


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_between_equal_colours_there_is_one_colour(kind):
    colour = np.full(4, np.iinfo(kind).max, kind)
    assert np.all(gradient(colour, colour, (270, 300), 45) == colour)


def test_tiles_join_without_a_seam():
    whole = gradient(START, END, (300, 520), 60)
    assert np.abs(np.diff(whole[:, 250:262].astype(int), axis=1)).max() <= 2
    assert np.abs(np.diff(whole[250:262].astype(int), axis=0)).max() <= 3
