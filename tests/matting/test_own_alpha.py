"""What a cutout is, and what isn't one."""

import numpy as np
import pytest

from background_remover.matting.own_alpha import is_cutout
from background_remover.types import Alpha

SIZE = (120, 160)
ROWS, COLUMNS = np.mgrid[: SIZE[0], : SIZE[1]]


def disc(row: float, column: float, radius: float) -> Alpha:
    """A disc with an edge of one pixel."""
    return np.clip(radius - np.hypot(ROWS - row, COLUMNS - column) + 0.5, 0, 1).astype(np.float32)


def rounded(radius: float) -> Alpha:
    """A whole picture whose corners are rounded."""
    down, along = np.abs(ROWS - 59.5) - 60 + radius, np.abs(COLUMNS - 79.5) - 80 + radius
    return np.clip(radius - np.hypot(np.maximum(down, 0), np.maximum(along, 0)) + 0.5, 0, 1).astype(np.float32)


SUBJECT = disc(60, 80, 40)
WHOLE = np.ones(SIZE, np.float32)


@pytest.mark.parametrize("factor", [1, 0.5, 0.2])
@pytest.mark.parametrize("wider", [-1, 0, 1])
def test_a_subject_that_fills_what_is_visible_is_a_cutout_whatever_its_opacity(factor, wider):
    assert is_cutout(disc(60, 80, 40 + wider), SUBJECT * np.float32(factor))


def test_a_cutout_has_holes_touches_the_frame_and_may_be_large():
    ring = SUBJECT - disc(60, 80, 15)
    assert is_cutout(ring, ring)
    assert is_cutout(disc(120, 80, 70), disc(120, 80, 70))
    large = np.kron(SUBJECT, np.ones((9, 9), np.float32))
    assert is_cutout(large, large)


@pytest.mark.parametrize(("radius", "expected"), [(10, True), (30, False)])
def test_a_small_part_that_was_not_found_stays_and_a_large_one_makes_a_scene(radius, expected):
    other = disc(30, 30, radius) * (1 - disc(60, 80, 42))
    assert is_cutout(SUBJECT, np.maximum(SUBJECT, other)) == expected


@pytest.mark.parametrize("opacity", [WHOLE, WHOLE / 2, rounded(20), rounded(59), np.pad(WHOLE[8:-8, 8:-8], 8)])
@pytest.mark.parametrize("found", [SUBJECT, disc(60, 80, 59), 0 * WHOLE, rounded(59) * (ROWS > 15)])
def test_a_photograph_with_another_outline_is_no_cutout(opacity, found):
    assert not is_cutout(found, opacity)


def test_single_hidden_pixels_make_no_cutout():
    hidden = np.random.default_rng(0).random(SIZE) < 0.03
    for found in (SUBJECT, WHOLE, rounded(20)):
        assert not is_cutout(found, (~hidden).astype(np.float32))


def test_a_picture_that_is_hidden_whole_is_no_cutout():
    assert not is_cutout(WHOLE, 0 * WHOLE)
