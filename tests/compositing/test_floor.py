import math

import numpy as np
import pytest

from background_remover.compositing import floor
from background_remover.compositing.floor import floor_below

SIZE = (80, 120)


def alpha_of(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """An alpha that is opaque in boxes of pixels: top, left, bottom, right."""
    alpha = np.zeros(SIZE, np.uint8)
    for top, left, bottom, right in boxes:
        alpha[top:bottom, left:right] = 255
    return alpha


def test_a_box_stands_on_its_lower_side():
    found = floor_below(alpha_of((20, 30, 60, 90)))
    assert found.stands == found.subject == (30, 90)
    assert found.lowest == 60
    assert np.all(found.line == 60)
    assert not found.gaps.any()


def test_a_table_stands_on_its_legs():
    found = floor_below(alpha_of((20, 30, 40, 90), (40, 30, 60, 40), (40, 80, 60, 90)))
    assert found.stands == (30, 90)
    assert np.all(found.line == 60)
    assert np.all(found.gaps[42:78] == 20)
    assert not found.gaps[30:40].any()
    assert not found.gaps[80:90].any()


def test_what_is_seen_from_its_corner_has_a_floor_in_two_slopes():
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    lower = np.where(columns < 50, 60 - (50 - columns) * 0.2, 60 - (columns - 50) * 0.4)
    found = floor_below(((rows < lower) & (columns >= 20) & (columns < 90) & (rows > 10)).astype(np.uint8) * 255)
    assert found.stands == pytest.approx((20, 90), abs=1)  # its pixels are steps
    assert np.abs(found.line[20:90] - lower[0, 20:90]).max() <= 1


def test_a_ball_stands_where_it_is_not_too_steep():
    rows, columns = np.mgrid[:400, :400]
    found = floor_below(((rows - 200) ** 2 + (columns - 200) ** 2 < 150**2).astype(np.uint8) * 255)
    half = 150 * math.sin(math.atan(floor.STEEPEST))
    assert found.stands == pytest.approx((200 - half, 200 + half), abs=8)  # its pixels are steps
    assert found.subject == pytest.approx((50, 350), abs=2)


def test_a_cone_stands_on_its_tip():
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    found = floor_below((np.abs(columns - 60) < (70 - rows) / 2).astype(np.uint8) * 255)
    assert found.stands[1] - found.stands[0] == pytest.approx(floor.NARROWEST * (found.subject[1] - found.subject[0]))
    assert sum(found.stands) / 2 == pytest.approx(60.5, abs=0.6)


def test_the_line_is_the_highest_of_all_chords(monkeypatch):
    monkeypatch.setattr(floor, "STEEPEST", math.inf)
    lower = np.random.default_rng(5).integers(20, 79, 60)
    alpha = np.zeros(SIZE, np.uint8)
    for column, row in enumerate(lower, 10):
        alpha[5:row, column] = 200
    found = floor_below(alpha)
    corners = [(10 + column + side, row) for column, row in enumerate(lower) for side in (0, 1)]
    for x in range(10, 70):
        chords = [
            a[1] + (b[1] - a[1]) * (x + 0.5 - a[0]) / (b[0] - a[0])
            for a in corners
            for b in corners
            if a[0] < x + 0.5 < b[0]
        ]
        assert found.line[x] == pytest.approx(max(chords))
    assert np.allclose(found.gaps[10:70], found.line[10:70] - lower)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_what_is_less_than_half_opaque_stands_on_nothing(kind):
    alpha = np.full(SIZE, np.iinfo(kind).max // 2, kind)
    assert floor_below(alpha) is None
    alpha[10:30, 40:50] += 1
    assert floor_below(alpha).subject == (40, 50)


def test_it_says_how_far_each_column_is_from_where_the_subject_is_cut():
    found = floor_below(alpha_of((20, 30, 70, 90), (70, 40, 80, 45), (70, 80, 80, 82)))
    cut = [*range(40, 45), 80, 81]
    assert found.from_cut.tolist() == [min(abs(column - one) for one in cut) for column in range(SIZE[1])]
    assert np.all(np.isinf(floor_below(alpha_of((20, 30, 79, 90))).from_cut)), "it ends above the edge"
