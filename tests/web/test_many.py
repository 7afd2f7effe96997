"""Many pictures at once: the grid, what is selected in it, and the ZIP with its names and progress."""

import base64
import re
import zipfile

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.web.conftest import (
    FOG,
    GREY,
    SHAPES,
    SIZE,
    VIEWS,
    Open,
    add,
    answer,
    check,
    decoded,
    downloaded,
    file,
    items,
    open_part,
)
from tests.web.waiting import eventually, expect_equal

NAMES = ["1.png", "2.png", "3.png", "4.png"]


def tiles(page: Page) -> Locator:
    return page.locator(".tile")


def names(page: Page) -> Locator:
    return page.locator(".tile-name")


def selected(page: Page) -> Locator:
    return page.locator(".tile[aria-selected=true] .tile-name")


def open_grid(page: Page, *files: dict[str, object], done: int | None = None) -> None:
    add(page, *files, done=done)
    page.get_by_role("button", name="Grid").click()
    expect(tiles(page)).to_have_count(len(files))


@pytest.fixture
def grid(page: Page) -> Page:
    open_grid(page, *map(file, NAMES))
    return page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


# --- What is selected -----------------------------------------------------------------------------------------------


def test_clicks_select_as_in_the_lists_of_systems(grid: Page):
    tile = tiles(grid)
    tile.nth(1).click()
    expect(selected(grid)).to_have_text(["2.png"])
    tile.nth(3).click(modifiers=["Control"])
    expect(selected(grid)).to_have_text(["2.png", "4.png"])
    tile.nth(1).click(modifiers=["Control"])
    expect(selected(grid)).to_have_text(["4.png"])
    tile.nth(2).click()
    tile.nth(0).click(modifiers=["Shift"])
    expect(selected(grid)).to_have_text(["1.png", "2.png", "3.png"])
    tile.nth(3).click(modifiers=["Shift"])
    expect(selected(grid)).to_have_text(["3.png", "4.png"])
    expect(grid.locator(".gallery-bar output")).to_have_text("2 selected")


def test_keys_select_and_open(grid: Page):
    expect(tiles(grid).first).to_be_focused()
    press(grid, "ArrowRight")
    expect(selected(grid)).to_have_text(["2.png"])
    press(grid, "Shift+ArrowRight")
    expect(selected(grid)).to_have_text(["2.png", "3.png"])
    press(grid, "Control+ArrowRight")
    expect(selected(grid)).to_have_text(["2.png", "3.png"])
    press(grid, "Space")
    expect(selected(grid)).to_have_text(["2.png", "3.png", "4.png"])
    press(grid, "Home")
    expect(selected(grid)).to_have_text(["1.png"])
    press(grid, "Control+a")
    expect(selected(grid)).to_have_text(NAMES)
    press(grid, "Escape")
    expect(selected(grid)).to_have_text([])
    press(grid, "End", "Enter")
    expect(grid.locator("#strip .thumb").nth(3)).to_have_attribute("aria-current", "true")
    expect(grid.locator("#viewport")).to_be_visible()
    expect(tiles(grid).first).to_be_hidden()


def test_a_tap_adds_to_what_is_selected(open_page: Open, address: str):
    page = open_page(address, SHAPES["phone"], touch=True)
    open_grid(page, *map(file, NAMES))
    for number in (0, 2):
        tiles(page).nth(number).tap()
    expect(selected(page)).to_have_text(["1.png", "3.png"])
    tiles(page).nth(0).tap()
    expect(selected(page)).to_have_text(["3.png"])


def test_the_least_sure_come_first_and_those_to_check_alone(page: Page):
    open_grid(page, file("b.png"), file("fog.png", FOG), file("a.png"), file("wall.png", GREY), done=3)
    expect(page.locator(".gallery-bar")).to_contain_text("2 to check")
    page.get_by_label("Sort", exact=True).select_option(label="Least sure first")
    expect(names(page)).to_have_text(["wall.png", "fog.png", *2 * [re.compile("^[ab].png$")]])
    page.get_by_label("Sort", exact=True).select_option(label="Name")
    expect(names(page)).to_have_text(["a.png", "b.png", "fog.png", "wall.png"])
    page.get_by_role("radio", name="2 to check").check()
    expect(names(page)).to_have_text(["fog.png", "wall.png"])
    expect(tiles(page).first).to_contain_text("Unsure, 56% sure")
    press(page, "Control+a")  # not in the list: nothing is selected
    expect(selected(page)).to_have_text([])
    page.get_by_role("button", name="Select all").click()
    page.get_by_role("radio", name="All 4").check()
    expect(selected(page)).to_have_text(["fog.png", "wall.png"])


# --- What is done with it -------------------------------------------------------------------------------------------


def thumbnail(page: Page, number: int) -> np.ndarray:
    url = tiles(page).nth(number).locator("canvas").evaluate("one => one.toDataURL()")
    return decoded(base64.b64decode(url.partition(",")[2]))


@pytest.mark.parametrize("crop", [False, True])
def test_a_thumbnail_looks_as_the_picture_will_be_saved(grid: Page, address: str, crop: bool):
    grid.get_by_role("radio", name="Blur").check()
    grid.get_by_role("switch", name="Shadow", exact=True).check()
    grid.get_by_role("switch", name="Crop to the subject").set_checked(crop)
    tiles(grid).first.click()
    saved = decoded(downloaded(grid)[1])
    grid.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    shown = thumbnail(grid, 0)
    rows, columns = (np.linspace(2, side - 3, 40) for side in saved.shape[:2])
    scale = shown.shape[0] / saved.shape[0]
    assert shown.shape[1] == pytest.approx(saved.shape[1] * scale, abs=2)
    small = shown[np.ix_((rows * scale).astype(int), (columns * scale).astype(int))][..., :3].astype(int)
    wrong = np.abs(small - saved[np.ix_(rows.astype(int), columns.astype(int))].astype(int)).max(axis=-1)
    assert np.mean(wrong <= 12) > 0.93, np.percentile(wrong, [50, 90, 97, 100])


def test_the_selected_pictures_get_what_was_changed_by_one_step(grid: Page, address: str):
    tiles(grid).nth(3).click()
    grid.get_by_role("switch", name="Outline").check()
    tiles(grid).nth(0).click()
    tiles(grid).nth(3).click(modifiers=["Control"])
    tiles(grid).nth(1).click(modifiers=["Control"])
    expect(grid.locator(".meant")).to_have_text("For 3 selected")
    grid.get_by_role("radio", name="Colour", exact=True).check()
    grid.get_by_role("button", name="Sage").click()
    sage, outlined = {"background": "#cfe3d6"}, {"outline": "2%,#ffffff"}
    wanted = [answer(address, **sage), answer(address, **sage), answer(address), answer(address, **sage, **outlined)]
    assert zipped(grid) == wanted
    grid.get_by_role("button", name="Undo", exact=True).click()
    press(grid, "Control+z")
    plain = answer(address)
    assert zipped(grid) == [plain, plain, plain, answer(address, **outlined)]
    press(grid, "Control+Shift+Z", "Control+y")
    assert zipped(grid) == wanted

    tiles(grid).nth(1).dblclick()  # each has it in its own history as well
    grid.get_by_role("button", name="Undo", exact=True).click()
    grid.get_by_role("button", name="Undo", exact=True).click()
    expect(grid.get_by_role("radio", name="None", exact=True)).to_be_checked()
    expect(grid.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


def test_with_nothing_selected_all_are_meant_and_a_slider_is_one_step(grid: Page, address: str):
    expect(grid.locator(".meant")).to_have_text("For all 4 pictures")
    grid.get_by_role("switch", name="Crop to the subject").check()
    margin = grid.locator("#margin")
    margin.evaluate("""one => {
        for (const value of [8, 12, 20]) {
            one.value = value;
            one.dispatchEvent(new Event("input"));
        }
        one.dispatchEvent(new Event("change"));
    }""")
    assert zipped(grid) == [answer(address, crop="true", margin="20%")] * 4
    tiles(grid).first.focus()
    press(grid, "Control+z")
    assert zipped(grid) == [answer(address, crop="true", margin="5%")] * 4
    press(grid, "Control+z")
    assert zipped(grid) == [answer(address)] * 4


def test_what_was_done_to_one_since_stays_where_all_is_taken_back(grid: Page, address: str):
    grid.get_by_role("switch", name="Outline").check()
    tiles(grid).nth(1).dblclick()
    grid.get_by_role("radio", name="Colour", exact=True).check()
    grid.get_by_role("button", name="Grid").click()
    press(grid, "Control+z")
    plain = answer(address)
    assert zipped(grid) == [plain, answer(address, background="#ffffff"), plain, plain]


def test_use_for_all_is_taken_back_at_once(page: Page, address: str):
    add(page, file("1.png"), file("2.png"))
    page.get_by_role("switch", name="Outline").check()
    page.get_by_role("button", name="Use this for all pictures").click()
    outlined = answer(address, outline="2%,#ffffff")
    assert zipped(page) == [outlined, outlined]
    page.locator(".notice").get_by_role("button", name="Undo").click()
    assert zipped(page) == [outlined, answer(address)] or zipped(page) == [answer(address), outlined]


def test_removed_ones_come_back_by_the_message_or_by_undo(grid: Page):
    tiles(grid).nth(0).click()
    tiles(grid).nth(2).click(modifiers=["Control"])
    press(grid, "Delete")
    expect(grid.locator(".notice")).to_contain_text("2 pictures are removed.")
    notice, shown = grid.locator(".notice").bounding_box(), grid.locator(".tiles").bounding_box()
    assert notice["y"] >= shown["y"] + shown["height"], "it covers no tile"
    expect(names(grid)).to_have_text(["2.png", "4.png"])
    expect(tiles(grid).nth(1)).to_be_focused()
    press(grid, "Control+z")
    expect(names(grid)).to_have_text(NAMES)
    expect(grid.locator(".notice")).to_have_count(0)
    press(grid, "Control+y")
    expect(names(grid)).to_have_text(["2.png", "4.png"])
    press(grid, "Control+a", "Delete")
    expect(grid.get_by_role("button", name="Choose photos")).to_be_focused()
    grid.locator(".notice").get_by_role("button", name="Undo").click()
    expect(grid.locator(".thumb-name")).to_have_text(NAMES)


def test_tiles_are_moved_by_the_mouse_and_by_keys(grid: Page):
    tiles(grid).nth(3).drag_to(tiles(grid).nth(1), target_position={"x": 10, "y": 60})
    expect(names(grid)).to_have_text(["1.png", "4.png", "2.png", "3.png"])
    expect(grid.locator(".thumb-name")).to_have_text(names(grid).all_text_contents())
    tiles(grid).nth(0).click()
    press(grid, "Alt+ArrowRight", "Alt+ArrowRight")
    expect(names(grid)).to_have_text(["4.png", "2.png", "1.png", "3.png"])
    expect(tiles(grid).nth(2)).to_be_focused()
    grid.get_by_role("button", name="Move earlier").click()
    expect(names(grid)).to_have_text(["4.png", "1.png", "2.png", "3.png"])
    tiles(grid).nth(1).click()
    tiles(grid).nth(3).click(modifiers=["Control"])
    press(grid, "Alt+ArrowRight")
    expect(names(grid)).to_have_text(["4.png", "2.png", "1.png", "3.png"])
    for _ in range(5):
        press(grid, "Control+z")
    expect(names(grid)).to_have_text(NAMES)
    grid.get_by_label("Sort", exact=True).select_option(label="Name")
    expect(grid.get_by_role("button", name="Move later")).to_be_disabled()


# --- What is saved --------------------------------------------------------------------------------------------------


def zip_of(page: Page) -> zipfile.ZipFile:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download all").click()
    return zipfile.ZipFile(waiting.value.path())


def zipped(page: Page) -> list[bytes]:
    """The saved pictures, in the order of their names."""
    with zip_of(page) as archive:
        return [archive.read(name) for name in sorted(archive.namelist())]


def test_files_are_named_by_a_pattern(page: Page):
    add(page, *(file(f"{letter}.v2.png") for letter in "abcdefghij"))
    field = page.get_by_label("Name of files")
    expect(field).to_have_value("{name}-cutout")
    field.fill("shop {number} of {name}")
    expect(page.locator("#pattern-note")).to_contain_text("shop 01 of a.v2.png")
    with zip_of(page) as archive:
        assert archive.namelist()[8:] == ["shop 09 of i.v2.png", "shop 10 of j.v2.png"]
    page.locator("#strip .thumb").nth(2).click()
    assert downloaded(page)[0] == "shop 03 of c.v2.png"
    for wrong, said in {"{date}": "{date} is not known", "a/b": "can't hold /", "{name": "can't hold {"}.items():
        field.fill(wrong)
        expect(page.locator("#pattern-note")).to_contain_text(said)
        expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("")
    field.blur()
    expect(field).to_have_value("{name}-cutout")
    assert downloaded(page)[0] == "c.v2-cutout.png"


def test_the_selected_ones_are_saved_in_a_zip_and_one_as_it_is(grid: Page):
    tiles(grid).nth(1).click()
    assert downloaded(grid)[0] == "2-cutout.png"
    tiles(grid).nth(3).click(modifiers=["Control"])
    with grid.expect_download() as waiting:
        grid.get_by_role("button", name="Download 2", exact=True).click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert sorted(archive.namelist()) == ["2-cutout.png", "4-cutout.png"]


def test_a_zip_says_how_far_it_is_and_can_be_cancelled(grid: Page):
    grid.get_by_role("switch", name="Outline").check()  # each is asked for again
    held: list[Route] = []
    grid.route("**/remove", lambda route: held.append(route))
    grid.get_by_role("button", name="Download all").click()
    bar = grid.get_by_role("progressbar", name="Making the ZIP")
    expect(bar).to_have_attribute("value", "0")
    eventually(grid, lambda: held, bool).pop(0).continue_()
    expect(bar).to_have_attribute("value", "0.25")
    expect(grid.locator(".notice.work")).to_contain_text("1 of 4")
    check(grid, "a ZIP on its way")
    grid.locator(".notice.work").get_by_role("button", name="Cancel").click()
    expect(bar).to_have_count(0)
    expect(grid.locator(".notice")).to_have_text("The ZIP is cancelled.")
    grid.unroute("**/remove")
    with zip_of(grid) as archive:
        assert len(archive.namelist()) == len(NAMES)
    expect(bar).to_have_count(0)


def test_a_phone_shares_the_file(open_page: Open, address: str):
    page = open_page(address, SHAPES["phone"], touch=True)
    page.add_init_script(
        """Object.assign(navigator, {
            canShare: ({ files }) => files.every((one) => one instanceof File),
            share: async ({ files: [file] }) => (window.shared = [file.name, file.type, file.size]),
        });"""
    )
    page.reload()
    add(page, file("1.png"))
    open_part(page, "save")
    page.get_by_role("button", name="Share").tap()
    page.get_by_role("button", name="Share").and_(page.locator("[aria-busy=true]")).wait_for(state="detached")
    shared = ["1-cutout.png", "image/png", len(answer(address))]
    expect_equal(page, lambda: page.evaluate("window.shared"), shared)
    check(page, "shared")


# --- For everybody --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "scheme"), VIEWS)
def test_the_grid_is_for_everybody(open_page: Open, address: str, shape: str, scheme: str):
    page = open_page(address, SHAPES[shape], scheme)
    open_grid(page, file("fog.png", FOG), *(file(f"a picture with quite a long name, {n}.png") for n in range(6)))
    for number in (1, 2):
        tiles(page).nth(number).click(modifiers=["Control"])
    box = page.locator(".tiles").bounding_box()
    assert box["height"] >= 200
    assert box["y"] + box["height"] <= SHAPES[shape]["height"]
    expect(page.get_by_role("button", name="Download 2")).to_be_in_viewport(ratio=1)
    check(page, f"{shape}, grid")
    expect(items(page, "done")).to_have_count(7)
    assert thumbnail(page, 1).shape[1] == min(SIZE[0], 320)
