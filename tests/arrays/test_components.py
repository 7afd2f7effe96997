import numpy as np
import pytest
from skimage.measure import label

from background_remover.arrays.components import regions


@pytest.mark.parametrize("shape", [(41, 57), (1, 60), (60, 1), (2, 2)])
@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 0.7])
def test_regions_are_those_of_scikit_image(share, shape):
    mask = np.random.default_rng(0).random(shape) < share
    labels, count = regions(mask)
    wanted, most = label(mask, connectivity=2, return_num=True)
    assert count == most
    assert np.array_equal(labels, wanted)


@pytest.mark.parametrize(
    "mask", [np.zeros((5, 4), dtype=bool), np.ones((5, 4), dtype=bool), np.ones((1, 1), dtype=bool)]
)
def test_regions_of_nothing_and_of_all(mask):
    labels, count = regions(mask)
    assert count == int(mask.any())
    assert np.array_equal(labels, mask.astype(np.int32))


def test_rows_end_at_the_frame():
    mask = np.zeros((2, 5), dtype=bool)
    mask[0, 4] = mask[1, 0] = True
    assert regions(mask)[1] == 2


def test_rings_joined_by_corners_are_one_region():
    mask = np.zeros((40, 40), dtype=bool)
    for ring in range(0, 20, 4):
        mask[ring : 40 - ring, ring : 40 - ring] = True
        mask[ring + 2 : 38 - ring, ring + 2 : 38 - ring] = False
        mask[[ring + 2, ring + 3], [ring + 2, ring + 3]] = True  # corner by corner, on to the next ring
    assert regions(mask)[1] == 1
