import numpy as np
import pytest

from background_remover.arrays.box import Box
from background_remover.errors import OptionError
from background_remover.evaluation.metrics import iou
from background_remover.segmentation.crop_cache import LONGEST, Crops
from background_remover.segmentation.prompts import Prompts, choose

LEFT, RIGHT = (60, 60), (60, 180)


@pytest.fixture
def halves(discs):
    """The true alphas of the left disc and of the right one."""
    both = (discs.mean(2) > 127).astype(np.float32)
    left = np.arange(240) < 120
    return both * left, both * ~left


def test_a_click_chooses_the_disc_that_it_is_on(network, discs, halves):
    crops = Crops(discs, network)
    for place, wanted in zip((LEFT, RIGHT), halves, strict=True):
        assert iou(choose(crops, Prompts(points=(place,))), wanted) > 0.95


def test_a_second_click_adds_the_other_disc(network, discs, halves):
    assert iou(choose(Crops(discs, network), Prompts(points=(LEFT, RIGHT))), halves[0] + halves[1]) > 0.95


def test_another_subject_with_a_click_beside_the_wanted_one_is_not_added_whole(network, discs, halves):
    alpha = choose(
        Crops(discs, network), Prompts(points=(LEFT, (60, 160)), not_points=((60, 185), (50, 185), (70, 185)))
    )
    assert alpha[60, 160] > 0.5
    assert np.count_nonzero((alpha > 0.5) & (halves[1] > 0)) < 0.5 * np.count_nonzero(halves[1])


def test_a_box_chooses_what_lies_in_it_and_nothing_beyond(network, discs, halves):
    alpha = choose(Crops(discs, network), Prompts(box=Box(33, 153, 88, 208)))
    assert iou(alpha, halves[1]) > 0.95
    assert not alpha[:, :153].any()


def test_a_box_leaves_out_what_only_reaches_into_it(network, discs, halves):
    alpha = choose(Crops(discs, network), Prompts(box=Box(10, 75, 110, 230)))  # of the left disc a third
    assert iou(alpha, halves[1]) > 0.95


def test_clicks_and_a_box_work_together(network, discs, halves):
    alpha = choose(Crops(discs, network), Prompts(not_points=(LEFT,), box=Box(0, 0, 120, 240)))
    assert alpha[LEFT] <= 0.5
    assert alpha[RIGHT] > 0.5


def test_a_click_on_what_is_not_wanted_is_enough(network, discs):
    alpha = choose(Crops(discs, network), Prompts(not_points=(LEFT,)))
    assert alpha[LEFT] <= 0.5
    assert alpha[RIGHT] > 0.5


def test_a_click_on_the_ground_holds_too(network, discs):
    assert choose(Crops(discs, network), Prompts(points=((60, 120),)))[60, 120] > 0.5


def test_the_answer_has_the_grids_size_in_pixels_of_a_large_picture(network, discs, halves):
    crops = Crops(np.repeat(np.repeat(discs, 4, 0), 4, 1), network)
    alpha = choose(crops, Prompts(points=((240, 720),)))
    assert alpha.shape == crops.grid == (LONGEST // 2, LONGEST)
    assert alpha[LONGEST // 4, 3 * LONGEST // 4] > 0.5
    assert alpha[LONGEST // 4, LONGEST // 4] < 0.5


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2)])
def test_tiny_pictures_have_an_answer(network, size):
    alpha = choose(Crops(np.full((*size, 3), 200, dtype=np.uint8), network), Prompts(points=((0, 0),)))
    assert alpha.shape == size
    assert alpha[0, 0] > 0.5


@pytest.mark.parametrize(
    ("prompts", "says"),
    [
        (Prompts(), "no point and no box; give one to choose the subject"),
        (Prompts(points=((120, 5),)), "the point 5,120 isn't in the picture of 240x120; give one that is"),
        (Prompts(not_points=((0, -1),)), "the point -1,0 isn't in the picture of 240x120; give one that is"),
        (Prompts(box=Box(5, 10, 50, 241)), "the box 10,5,231,45 isn't in the picture of 240x120; give one that is"),
        (Prompts(box=Box(5, 10, 5, 20)), "the box 10,5,10,0 isn't in the picture of 240x120; give one that is"),
    ],
)
def test_what_is_not_in_the_picture_is_refused(network, discs, prompts, says):
    with pytest.raises(OptionError, match=f"^{says}$"):
        choose(Crops(discs, network), prompts)


def bar(left, right, top=50, bottom=70):
    """An alpha with a rectangle of 0.98 on nothing: (120, 240)."""
    alpha = np.zeros((120, 240), dtype=np.float32)
    alpha[top:bottom, left:right] = 0.98
    return alpha


def test_a_click_on_a_detail_leaves_what_was_right(answers):
    narrow, wide = np.maximum(bar(92, 148), bar(115, 125, 42, 50)), bar(80, 160)
    crops = answers(narrow, wide)  # the answer with the detail lacks both ends
    before = choose(crops, Prompts(points=((60, 120),)))
    after = choose(crops, Prompts(points=((60, 120), (46, 120))))
    assert np.count_nonzero((before > 0.5) & (after <= 0.5)) == 0
    assert after[46, 120] > 0.5


def test_a_click_beside_the_subject_removes_the_whole_other_one(answers):
    both = np.maximum(bar(10, 70, 30, 90), bar(74, 232, 30, 90))
    alpha = choose(answers(both, both), Prompts(not_points=((60, 150),)))
    assert np.array_equal(alpha > 0.5, bar(10, 70, 30, 90) > 0.5)


def test_a_second_pass_that_joins_another_subject_is_dropped(answers):
    apart, joined = np.maximum(bar(20, 60, 40, 80), bar(64, 230, 40, 80)), bar(20, 230, 40, 80)
    alpha = choose(answers(np.minimum(apart * 2, 1), joined), Prompts(points=((60, 40),)))
    assert iou(alpha, bar(20, 60, 40, 80)) > 0.8


def test_a_click_deep_in_a_subject_that_touches_the_other_one_removes_all_of_it(answers):
    joined = np.full((120, 240), 0.02, dtype=np.float32)
    joined[40:80, 10:40] = joined[58:62, 40:46] = joined[40:80, 46:80] = 0.9
    crops = answers(joined, joined)
    alpha = choose(crops, Prompts(points=((60, 30),), not_points=((60, 63),)))
    assert (alpha[40:80, 10:38] > 0.5).all()
    assert not (alpha[:, 47:] > 0.5).any()
    corner = choose(
        crops, Prompts(points=((60, 30),), not_points=((60, 76),))
    )  # that near its border it is a correction
    assert (corner[42:78, 47:60] > 0.5).all()
