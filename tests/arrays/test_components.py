import numpy as np
import pytest

from background_remover.arrays.components import label


def flooded(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Labels by a flood from each pixel in raster order."""
    labels, count = np.zeros(mask.shape, dtype=np.int32), 0
    for seed in zip(*np.nonzero(mask), strict=True):
        if labels[seed]:
            continue
        count += 1
        stack = [seed]
        while stack:
            y, x = stack.pop()
            inside = 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
            if inside and mask[y, x] and not labels[y, x]:
                labels[y, x] = count
                stack += [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
    return labels, count


@pytest.mark.parametrize("density", [0.0, 0.2, 0.5, 0.6, 0.8, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (31, 47)])
def test_parts_are_those_that_a_flood_finds(density, shape):
    mask = np.random.default_rng(7).random(shape) < density
    labels, count = label(mask)
    wanted, number = flooded(mask)
    assert count == number
    assert np.array_equal(labels, wanted)


def test_a_spiral_is_one_part():
    mask = np.zeros((41, 41), dtype=bool)
    for inset in range(0, 20, 2):  # rings, each joined to the next
        mask[inset, inset : 41 - inset] = mask[40 - inset, inset : 41 - inset] = True
        mask[inset : 41 - inset, inset] = mask[inset : 41 - inset, 40 - inset] = True
        mask[inset + 1, inset + 1] = True
        mask[inset + 1, inset] = True
    mask[20, 20] = True
    labels, count = label(mask)
    assert (count, labels.max()) == (flooded(mask)[1],) * 2
