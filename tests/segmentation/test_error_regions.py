import numpy as np
import pytest

from background_remover.segmentation.crop_cache import Crops
from background_remover.segmentation.error_regions import with_region, without_neighbour

SIZE = 120, 240


def drawn(*bars):
    """An alpha with bars of 0.9, given by rows and columns, on 0.02."""
    alpha = np.full(SIZE, 0.02, dtype=np.float32)
    for top, bottom, left, right in bars:
        alpha[top:bottom, left:right] = 0.9
    return alpha


BODY, TAIL = (40, 80, 40, 90), (50, 70, 90, 140)


def test_a_click_adds_the_whole_region_of_an_answer_that_has_it(answers):
    crops = answers(drawn(BODY, TAIL), drawn(BODY, TAIL))
    found = with_region(crops, drawn(BODY), (60, 115), 1, [], [])
    assert np.array_equal(found > 0.5, drawn(BODY, TAIL) > 0.5)


def test_a_click_removes_the_whole_region_that_an_answer_has_not(answers):
    crops = answers(drawn(BODY), drawn(BODY))
    found = with_region(crops, drawn(BODY, TAIL), (60, 115), -1, [], [(60, 60)])
    assert np.array_equal(found > 0.5, drawn(BODY) > 0.5)


@pytest.mark.parametrize(
    ("click", "others"),
    [
        ((60, 139), []),  # far from the region's middle
        ((60, 115), [(60, 100)]),  # a click of the other kind on it
    ],
)
def test_a_region_that_cannot_be_meant_is_left(answers, click, others):
    crops, alpha = answers(drawn(BODY, TAIL), drawn(BODY, TAIL)), drawn(BODY)
    assert np.array_equal(with_region(crops, alpha, click, 1, [], others), alpha)


def test_a_region_that_its_crop_cuts_off_is_left(answers):
    wide = (40, 80, 0, 240)
    crops, alpha = answers(drawn(), drawn(wide)), drawn()
    assert np.array_equal(with_region(crops, alpha, (60, 120), 1, [], []), alpha)


def test_an_uncertain_region_is_left_where_the_click_is_not_in_its_middle(answers):
    faint = np.clip(drawn(BODY, TAIL), 0.45, 0.55)
    crops, alpha = answers(faint, faint), drawn(BODY)
    assert np.array_equal(with_region(crops, alpha, (60, 96), 1, [], []), alpha)


LEFT, NECK, RIGHT = (30, 90, 20, 90), (58, 62, 90, 110), (30, 90, 110, 180)


def test_a_region_is_split_at_its_neck_between_clicks_of_both_kinds(answers):
    joined = drawn(LEFT, NECK, RIGHT)
    found = without_neighbour(answers(joined, joined), joined, (60, 150), [(60, 50)])
    assert np.array_equal(found[:, :90], joined[:, :90])
    assert found[:, 110:].max() <= 0.02
    assert found[:, 90:110].max() > 0.5 > found[60, 109]


def test_a_region_without_the_other_clicks_is_removed_whole_and_others_stay(answers):
    apart = drawn(LEFT, RIGHT)
    found = without_neighbour(answers(apart, apart), apart, (60, 150), [(60, 50)])
    assert np.array_equal(found > 0.5, drawn(LEFT) > 0.5)


def test_a_region_is_split_along_an_edge_of_the_picture(network):
    image = np.full((60, 200, 3), 200, dtype=np.uint8)
    image[:, 130:] = 90  # nearer to the second click than to the first
    alpha = np.full((60, 200), 0.9, dtype=np.float32)
    found = without_neighbour(Crops(image, network), alpha, (30, 160), [(30, 50)])
    assert np.abs(np.count_nonzero(found > 0.5, axis=1) - 130).max() <= 2


@pytest.mark.parametrize("click", [(60, 118), (61, 50)])  # at the border of what is nearest to it; on the other click
def test_a_region_is_not_split_where_the_click_cannot_mean_a_half_of_it(answers, click):
    joined = drawn(LEFT, NECK, RIGHT)
    assert np.array_equal(without_neighbour(answers(joined, joined), joined, click, [(60, 50)]), joined)
