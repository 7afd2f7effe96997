import cv2
import numpy as np
import pytest

from background_remover.video.optical_flow import SIGMA, WINDOW, flow_between

RANDOM = np.random.default_rng(0)
WIDE = cv2.GaussianBlur(RANDOM.integers(0, 256, (140, 180, 3)).astype(np.uint8), (0, 0), 2)
INNER = np.s_[24:-24, 24:-24]


def shot(right, down):
    """A part of a picture, (96, 128, 3), as a camera sees it that has moved."""
    return np.ascontiguousarray(WIDE[20 + down : 116 + down, 20 + right : 148 + right])


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (-2, 4)])
def test_a_moved_frame_is_warped_back(right, down):
    here, there = shot(0, 0), shot(right, down)
    flow = flow_between(here, there)
    assert np.abs(flow.shift[INNER] + (right, down)).max() < 0.5
    warped = flow.warp((there[..., 0] / np.float32(255)).astype(np.float32))
    assert np.abs(warped - here[..., 0] / 255)[INNER].max() < 0.03
    assert flow.weight[INNER].min() > 0.95


def test_what_lies_outside_the_other_frame_has_no_weight():
    flow = flow_between(shot(0, 0), shot(12, 0))
    outside = np.arange(128) + flow.shift[..., 0] < 0
    assert outside.any()
    assert flow.weight[outside].max() == 0


def test_the_weight_falls_with_the_largest_difference_of_the_channels():
    here, there = shot(0, 0), shot(1, 1)
    there = np.ascontiguousarray(np.clip(there + np.array([0, 30, 12]), 0, 255).astype(np.uint8))
    flow = flow_between(here, there)
    warped = np.stack([flow.warp(there[..., number].astype(np.float32)) for number in range(3)], axis=2)
    difference = np.abs(here - np.rint(warped)).max(axis=2) / 255
    weight = np.exp(-((cv2.blur(difference, (WINDOW, WINDOW)) / SIGMA) ** 2))
    assert np.abs(flow.weight - weight)[INNER].max() < 0.03
    assert flow.weight[INNER].mean() < 0.9


def test_frames_of_two_shots_hardly_match():
    other = cv2.GaussianBlur(RANDOM.integers(0, 2, (96, 128, 3)).astype(np.uint8) * 255, (0, 0), 1)
    assert flow_between(np.full_like(other, 250), other).weight.mean() < 0.1


def test_a_flow_at_twice_the_size_is_twice_as_long():
    flow = flow_between(shot(0, 0), shot(3, 2)).enlarged((192, 256))
    assert flow.weight.shape == (192, 256)
    assert np.abs(flow.shift[48:-48, 48:-48] + (6, 4)).max() < 1


def test_an_enlarged_flow_is_resized_and_scaled_along_each_axis():
    flow = flow_between(shot(0, 0), shot(3, 2))
    large = flow.enlarged((150, 300))
    for axis, scale in ((0, 300 / 128), (1, 150 / 96)):
        assert np.allclose(large.shift[..., axis], cv2.resize(flow.shift[..., axis], (300, 150)) * scale, atol=1e-4)
    assert np.array_equal(large.weight, cv2.resize(flow.weight, (300, 150)))
