"""Shadows of every kind on the page: what is shown is what is saved, and each choice can be undone."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import (
    add,
    answer,
    check,
    decoded,
    downloaded,
    encoded,
    file,
    open_part,
    windows,
)
from tests.web.waiting import expect_alike

SIDE = (480, 360)


def table() -> bytes:
    """A white table on two legs, which the tiny network takes for the subject."""
    pixels = np.full((SIDE[1], SIDE[0], 3), (20, 60, 40), np.uint8)
    pixels[90:170, 120:350] = (250, 240, 230)
    pixels[170:260, 120:170] = pixels[170:250, 310:350] = (250, 240, 230)
    return encoded(pixels)


def move(page: Page, slider: str, to: str) -> None:
    page.locator(f"#{slider}").fill(to)
    page.locator(f"#{slider}").dispatch_event("change")


@pytest.fixture
def shadowed(page: Page) -> Page:
    add(page, file("table.png", table()))
    page.get_by_role("radio", name="Colour", exact=True).check()
    page.get_by_role("switch", name="Shadow", exact=True).check()
    return page


@pytest.mark.parametrize("crop", [False, True])
@pytest.mark.parametrize("kind", ["Drop", "Contact", "Floating"])
def test_a_shadow_looks_like_what_is_saved(shadowed: Page, address: str, kind: str, crop: bool):
    shadowed.get_by_role("radio", name=kind).check()
    for slider, value in (
        ("shadow-opacity", "0.9"),
        ("shadow-blur", "3"),
        ("shadow-right", "-4"),
        ("shadow-down", "5"),
    ):
        move(shadowed, slider, value)
    shadowed.get_by_role("switch", name="Crop to the subject").set_checked(crop)
    if crop:
        move(shadowed, "margin", "30")
    data = downloaded(shadowed)[1]
    shadow = {"shadow": "true", "shadow_kind": kind.lower(), "shadow_opacity": "0.9", "shadow_blur": "3%"}
    cropped = {"crop": "true", "margin": "30%"} if crop else {}
    assert data == answer(
        address, table(), background="#ffffff", shadow_offset="-4%,5%", format="png", **shadow, **cropped
    )
    expect_alike(shadowed, decoded(data), by=12, share=0.96, mean=2.5)


def test_a_shadow_on_another_canvas_looks_like_what_is_saved(shadowed: Page):
    shadowed.get_by_role("radio", name="Contact").check()
    shadowed.get_by_role("radio", name="Square", exact=True).check()
    move(shadowed, "fill", "60")
    made = decoded(downloaded(shadowed)[1])
    expect_alike(shadowed, made, (made.shape[1], made.shape[0]), by=12, share=0.96, mean=2.5)


def test_a_contact_shadow_fades_where_the_edge_cuts_the_subject(page: Page):
    pixels = decoded(table())[:255]  # the left leg is cut, the right one isn't
    add(page, file("cut.png", encoded(pixels)))
    for name in ("Colour", "Contact"):
        if name == "Contact":
            page.get_by_role("switch", name="Shadow", exact=True).check()
        page.get_by_role("radio", name=name, exact=True).check()
    move(page, "shadow-opacity", "1")
    made = decoded(downloaded(page)[1])
    assert made[254, 180].min() > 180
    expect_alike(page, made, by=12, share=0.96, mean=2.5)


def test_kinds_are_steps_that_are_undone(shadowed: Page, address: str):
    shadowed.get_by_role("radio", name="Contact").check()
    shadowed.get_by_role("radio", name="Floating").check()
    shadowed.keyboard.press("Control+z")
    expect(shadowed.get_by_role("radio", name="Contact")).to_be_checked()
    assert downloaded(shadowed)[1] == answer(
        address, table(), background="#ffffff", shadow="true", shadow_kind="contact"
    )
    shadowed.keyboard.press("Control+z")
    expect(shadowed.get_by_role("radio", name="Drop")).to_be_checked()


def test_axe_finds_nothing_serious(page: Page):
    add(page, file("table.png", table()))
    page.get_by_role("switch", name="Shadow", exact=True).check()
    page.get_by_role("radio", name="Contact").check()
    for shape in windows(page):
        open_part(page, "effects")
        expect(page.get_by_role("radio", name="Contact")).to_be_visible()
        check(page, f"{shape} shadow")
