import numpy as np
import pytest

from background_remover.arrays.box import Box
from background_remover.segmentation.subjects import separate


def group():
    """A large square, a smaller one, and a speck beside the smaller one: (60, 100)."""
    alpha = np.zeros((60, 100), dtype=np.float32)
    alpha[10:50, 5:45] = 1
    alpha[20:40, 65:85] = 1
    alpha[20:23, 90:93] = 1
    return alpha


def test_separate_subjects_come_largest_first_and_take_specks_along():
    large, small = separate(group())
    assert large.box == Box(10, 5, 50, 45)
    assert small.box == Box(20, 65, 40, 93)
    assert large.area == pytest.approx(1600 / 6000)
    assert small.area == pytest.approx(409 / 6000)
    assert large.confidence == small.confidence == 1


def test_the_subjects_alphas_add_up_to_the_one_given():
    alpha = np.maximum(group(), np.random.default_rng(0).random((60, 100), dtype=np.float32) * 0.4)
    parts = separate(alpha)
    assert len(parts) == 2
    assert np.array_equal(sum(part.alpha for part in parts), alpha)
    assert all(((part.alpha > 0) & (other.alpha > 0)).sum() == 0 for part, other in [parts])


def test_a_soft_edge_goes_with_its_own_subject():
    alpha = np.zeros((40, 80), dtype=np.float32)
    alpha[10:30, 10:30] = 1
    alpha[10:30, 50:70] = 1
    alpha[18:22, 30:46] = 0.3  # a tail that ends nearer to the other
    left = next(part for part in separate(alpha) if part.alpha[20, 20])
    assert left.alpha[20, 43] > 0


def test_doubt_lowers_the_confidence_which_follows_the_curve():
    alpha = group() * np.float32(0.8)
    assert separate(alpha)[0].confidence == pytest.approx(0.8)
    assert separate(alpha, ((0.0, 0.0), (1.0, 0.5)))[0].confidence == pytest.approx(0.4)


def test_one_subject_keeps_the_whole_alpha():
    alpha = group()
    alpha[:, 50:] = 0.2
    (only,) = separate(alpha)
    assert np.array_equal(only.alpha, alpha)


def test_there_may_be_none():
    assert separate(np.full((5, 6), 0.4, dtype=np.float32)) == ()


def test_a_subjects_box_is_scaled_to_the_picture():
    _, small = separate(group())
    assert small.scaled((120, 250)).box == Box(40, 162, 80, 233)
    assert small.scaled((60, 100)).box == small.box
