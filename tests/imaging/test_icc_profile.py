"""Profiles whose effect can be said by hand: sRGB with two primaries changed, and a grey square curve."""

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.imaging import icc_profile
from tests.conftest import grey_profile, srgb_profile, wide_profile

NOISE = np.random.default_rng(0).integers(20, 236, (20, 30, 3), dtype=np.uint8)


def test_the_changed_primaries_change_the_channels():
    image = PillowImage.fromarray(NOISE)
    there = np.asarray(icc_profile.to_srgb(image, wide_profile()))
    assert np.abs(there.astype(int) - NOISE[..., [1, 0, 2]]).max() <= 2
    back = icc_profile.from_srgb(there, wide_profile())
    assert np.abs(back.astype(int) - NOISE).max() <= 3


@pytest.mark.parametrize("icc", [b"", b"broken", srgb_profile(), grey_profile()])
def test_there_is_nothing_to_be_done(icc):
    assert icc_profile.to_srgb(PillowImage.fromarray(NOISE), icc) is None


@pytest.mark.parametrize("icc", [b"", srgb_profile()])
def test_srgb_stays_itself(icc):
    assert icc_profile.from_srgb(NOISE, icc) is NOISE


def test_grey_levels_follow_their_curve():
    seen = icc_profile.to_srgb(PillowImage.fromarray(np.full((2, 2), 128, np.uint8)), grey_profile())
    wanted = 255 * (1.055 * (128 / 255) ** (2 / 2.4) - 0.055)  # the square, in the curve of sRGB
    assert np.abs(np.asarray(seen).astype(float) - wanted).max() < 2


@pytest.mark.parametrize(
    ("icc", "space", "srgb", "two_way"),
    [
        (srgb_profile(), "RGB", True, True),
        (wide_profile(), "RGB", False, True),
        (grey_profile(), "GRAY", False, False),
        (b"broken", "", False, False),
        (b"", "", False, False),
    ],
)
def test_what_a_profile_is(icc, space, srgb, two_way):
    assert (icc_profile.space(icc), icc_profile.is_srgb(icc), icc_profile.is_two_way(icc)) == (space, srgb, two_way)
