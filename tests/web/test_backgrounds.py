"""What is put behind a subject on the page: colours from many places, gradients, pictures that were chosen before."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import (
    WEB,
    add,
    answer,
    check,
    decoded,
    downloaded,
    encoded,
    file,
    open_part,
    place,
    windows,
)
from tests.web.waiting import expect_alike, expect_colour


def choose(page: Page, kind: str) -> None:
    page.get_by_role("radio", name=kind, exact=True).check()


@pytest.fixture
def coloured(page: Page) -> Page:
    add(page, file())
    choose(page, "Colour")
    return page


# --- Colours --------------------------------------------------------------------------------------------------------


def test_a_colour_is_written_as_a_number(coloured: Page, address: str):
    field = coloured.get_by_label("Colour as #rrggbb")
    field.fill("ABC")
    field.press("Enter")
    expect(field).to_have_value("#aabbcc")
    expect_colour(coloured, 440, 30, (0xAA, 0xBB, 0xCC), 1)
    assert downloaded(coloured)[1] == answer(address, background="#aabbcc")
    field.fill("#12")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect_colour(coloured, 440, 30, (0xAA, 0xBB, 0xCC), 1)  # as it was
    field.fill("#102030")
    field.press("Enter")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    coloured.get_by_role("button", name="Undo").click()
    expect(field).to_have_value("#aabbcc")


def test_colours_come_from_the_photo(coloured: Page, address: str):
    found = coloured.get_by_role("group", name="Colours of the photo")
    most = found.get_by_role("button").first  # most of the picture is of this colour
    expect(most).to_have_attribute("aria-label", "#143c28, from the photo")
    for colour in ("#faf0e6", "#964628"):
        expect(found.get_by_role("button", name=f"{colour}, from the photo")).to_be_visible()
    found.get_by_role("button", name="#964628").click()
    expect(found.get_by_role("button", name="#964628")).to_have_attribute("aria-pressed", "true")
    assert downloaded(coloured)[1] == answer(address, background="#964628")


def test_colours_are_named_in_the_language_that_is_chosen(coloured: Page):
    coloured.get_by_label("Language").select_option("de")
    found = coloured.locator("#background .swatch[data-value='#143c28']")
    expect(found).not_to_have_attribute("aria-label", "#143c28, from the photo")
    expect(coloured.get_by_role("button", name="#143c28, aus dem Foto")).to_be_visible()


def test_the_main_colours_of_a_picture_are_apart_and_ordered(page: Page):
    colours = page.evaluate(
        """async () => {
            const { mainColours } = await import("/static/drawing/palette.js");
            const made = Object.assign(document.createElement("canvas"), { width: 100, height: 100 });
            const context = made.getContext("2d");
            const paint = (fill, x, width) => { context.fillStyle = fill; context.fillRect(x, 0, width, 100); };
            paint("#204060", 0, 50); paint("#f0e0d0", 50, 30); paint("#c01010", 80, 12); paint("#f2e2d2", 92, 8);
            const clear = Object.assign(document.createElement("canvas"), { width: 9, height: 9 });
            return [mainColours(made, 5), mainColours(made, 2), mainColours(clear, 5)];
        }"""
    )
    assert [len(one) for one in colours] == [3, 2, 0]
    rgb = np.array([[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in colours[0]])
    assert np.abs(rgb - ((0x20, 0x40, 0x60), (0xF0, 0xE0, 0xD0), (0xC0, 0x10, 0x10))).max() < 30


def test_colours_are_offered_again_after_a_reload(coloured: Page):
    for name in ("Sage", "Peach", "Sage"):
        coloured.get_by_role("button", name=name).click()
    coloured.reload()
    add(coloured, file())
    choose(coloured, "Colour")
    recent = coloured.get_by_role("group", name="Recent colours").get_by_role("button")
    expect(recent).to_have_count(2)
    expect(recent.first).to_have_attribute("aria-label", "#cfe3d6, chosen before")
    recent.last.click()
    expect(coloured.get_by_label("Colour as #rrggbb")).to_have_value("#f6d8c9")


@pytest.mark.parametrize(
    ("answer", "colour"), [("resolve({ sRGBHex: '#A1B2C3' })", "#a1b2c3"), ("reject()", "#ffffff")]
)
def test_a_colour_is_picked_from_the_screen(coloured: Page, answer: str, colour: str):
    coloured.evaluate(f"() => {{ window.EyeDropper = class {{ open = () => Promise.{answer}; }}; }}")
    coloured.get_by_role("button", name="Pick", exact=True).click()
    expect(coloured.get_by_label("Colour as #rrggbb")).to_have_value(colour)


def test_without_an_eyedropper_a_colour_is_picked_from_the_picture(coloured: Page, address: str):
    coloured.evaluate("delete window.EyeDropper")
    coloured.get_by_role("button", name="Pick", exact=True).click()
    expect(coloured.get_by_text("Pick a colour.")).to_be_visible()
    coloured.mouse.click(*place(coloured, 350, 180))  # the brown square
    expect(coloured.get_by_label("Colour as #rrggbb")).to_have_value("#964628")
    expect(coloured.get_by_text("Pick a colour.")).to_be_hidden()
    assert downloaded(coloured)[1] == answer(address, background="#964628"), "it is put behind, and not removed"
    coloured.get_by_role("button", name="Pick", exact=True).click()
    coloured.locator("#viewport").press("ArrowLeft")
    coloured.locator("#viewport").press("Enter")
    expect(coloured.get_by_label("Colour as #rrggbb")).to_have_value("#143c28")


# --- Gradients ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("crop", "angle"), [(False, "60"), (True, "radial"), (True, "210")])
def test_a_gradient_looks_like_what_is_saved(page: Page, address: str, crop: bool, angle: str):
    add(page, file())
    choose(page, "Gradient")
    page.get_by_role("button", name="Dusk").click()
    if angle == "radial":
        page.get_by_role("switch", name="From the middle").check()
        expect(page.get_by_label("Direction")).to_be_disabled()
    else:
        page.get_by_label("Direction").fill(angle)
    page.get_by_role("switch", name="Crop to the subject").set_checked(crop)
    cropped = {"crop": "true", "margin": "5%"} if crop else {}
    data = downloaded(page)[1]
    assert data == answer(address, background=f"gradient:#4b4a7a,#17182b,{angle}", **cropped)
    expect_alike(page, decoded(data), by=4, share=0.97)


def test_each_end_of_a_gradient_is_coloured(page: Page, address: str):
    add(page, file())
    choose(page, "Gradient")
    page.get_by_role("button", name="Sky").click()
    choose(page, "End")
    page.get_by_role("button", name="Peach").click()
    assert downloaded(page)[1] == answer(address, background="gradient:#c9dcf5,#f6d8c9,180")
    choose(page, "Start")
    expect(page.get_by_role("button", name="Sky")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Control+z")
    assert downloaded(page)[1] == answer(address, background="gradient:#c9dcf5,#c9ccd1,180")
    choose(page, "Colour")
    expect(page.get_by_label("Colour as #rrggbb")).to_have_value("#ffffff"), "which is another setting"


# --- Pictures -------------------------------------------------------------------------------------------------------


def test_own_pictures_are_offered_again(page: Page, address: str):
    add(page, file())
    behind = {
        name: encoded(np.full((60, 80, 3), level, np.uint8)) for name, level in (("dark.png", 40), ("light.png", 220))
    }
    with page.expect_file_chooser() as chooser:
        choose(page, "Picture")
    chooser.value.set_files([file("dark.png", behind["dark.png"])])
    expect(page.locator(".background-name")).to_have_text("dark.png")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a picture").click()
    chooser.value.set_files([file("light.png", behind["light.png"])])
    expect(page.get_by_role("button", name="light.png", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="dark.png", exact=True).click()
    expect_colour(page, 440, 30, (40, 40, 40), 1)
    assert downloaded(page)[1] == answer(address, background=behind["dark.png"])
    page.keyboard.press("Control+z")
    expect_colour(page, 440, 30, (220, 220, 220), 1)


# --- Scenes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "label"), [("studio", "Studio"), ("leaves", "Leaves"), ("lights", "Night lights")])
def test_a_scene_looks_like_what_is_saved(page: Page, address: str, name: str, label: str):
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url.rpartition("/")[2]))
    add(page, file())
    assert not [path for path in asked if path.endswith(".webp")], "scenes are loaded when they are wanted"
    choose(page, "Scene")
    page.get_by_role("button", name=label, exact=True).click()
    data = downloaded(page)[1]
    assert data == answer(address, background=(WEB / "scenes" / f"{name}.webp").read_bytes())
    assert {path for path in asked if path.endswith(".webp")} == {"all.webp", "studio.webp", f"{name}.webp"}
    expect_alike(page, decoded(data), by=8, share=0.95)
    if name != "studio":
        page.keyboard.press("Control+z")
        expect(page.get_by_role("button", name="Studio")).to_have_attribute("aria-pressed", "true")


def test_a_scene_that_cant_be_loaded_is_said_and_loaded_later(page: Page, address: str):
    page.route("**/scenes/sky.webp", lambda route: route.abort())
    add(page, file())
    choose(page, "Scene")
    page.get_by_role("button", name="Sky with clouds").click()
    expect(page.locator("#alert")).to_contain_text("The server can't be reached")
    page.unroute("**/scenes/sky.webp")
    assert downloaded(page)[1] == answer(address, background=(WEB / "scenes" / "sky.webp").read_bytes())


# --- For everybody --------------------------------------------------------------------------------------------------


def test_axe_finds_nothing_serious(page: Page):
    add(page, file())
    for shape in windows(page):
        open_part(page, "background")
        for kind in ("Colour", "Gradient", "Scene"):
            choose(page, kind)
            check(page, f"{shape}, {kind}")
