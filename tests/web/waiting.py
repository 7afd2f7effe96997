"""Readings of the page, taken again until they are right: a click is over before its effect is seen."""

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from playwright.sync_api import Page

from tests.web.conftest import PATIENCE, differences, near, seen

Reading = TypeVar("Reading")
_PAUSE = 50  # milliseconds between two readings


def eventually(page: Page, read: Callable[[], Reading], is_right: Callable[[Reading], object]) -> Reading:
    """Return the first reading that is right; an assertion fails with the last one after `PATIENCE`."""
    end = time.monotonic() + PATIENCE / 1000
    while not is_right(found := read()):
        assert time.monotonic() < end, f"it is still {found}"
        page.wait_for_timeout(_PAUSE)
    return found


def expect_equal(page: Page, read: Callable[[], object], wanted: object) -> None:
    """Wait until a reading of the page equals what is wanted."""
    eventually(page, read, lambda found: found == wanted)


def expect_colour(page: Page, x: float, y: float, colour: tuple[int, int, int], by: int = 12) -> None:
    """Wait until this pixel of the picture is shown in this colour, within so many levels."""
    eventually(page, lambda: seen(page, x, y), lambda found: near(found, colour, by))


def expect_other_colour(page: Page, x: float, y: float, colour: tuple[int, int, int], by: int = 12) -> None:
    """Wait until this pixel of the picture is shown in another colour."""
    eventually(page, lambda: seen(page, x, y), lambda found: not near(found, colour, by))


def expect_alike(
    page: Page,
    made: np.ndarray,
    frame: tuple[float, float] | None = None,
    *,
    by: int,
    share: float,
    mean: float = 255,
) -> None:
    """Wait until the shown result is a picture, see `differences`: but for `by` levels at this share of the places.

    Over all places the mean difference is below `mean` levels.
    """
    percents = [50, 90, 95, 97, 100]

    def read() -> tuple[bool, list[float]]:
        wrong = differences(page, made, frame)
        return bool(np.mean(wrong <= by) > share and np.mean(wrong) < mean), np.percentile(wrong, percents).tolist()

    eventually(page, read, lambda found: found[0])
