"""Choosing what stays on the page: clicks, a box, the ground, a colour, an outline; by mouse, keys and fingers."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image as PillowImage
from playwright.sync_api import Page, Route, expect

from background_remover import Remover
from background_remover.server.settings import ServerSettings
from tests.conftest import serving
from tests.web.conftest import (
    DESKTOP,
    GREY,
    SHAPES,
    SIZE,
    add,
    answer,
    check,
    decoded,
    discs,
    downloaded,
    encoded,
    file,
    items,
    open_part,
    paint,
    place,
    seen,
    windows,
)
from tests.web.waiting import eventually, expect_colour, expect_equal

LEFT, RIGHT = (120, 180), (360, 180)  # the middles of the discs below


DISCS = encoded(discs((*LEFT, 60), (*RIGHT, 50)))

# Notes the fields of the last form: what the browser sends can't be read from outside where there are files in it.
RECORDER = """() => {
    const append = FormData.prototype.append;
    FormData.prototype.append = function (name, value, ...rest) {
        if (!this.noted) window.sent = this.noted = {};
        if (typeof value === "string") this.noted[name] = value;
        return append.call(this, name, value, ...rest);
    };
}"""


@pytest.fixture
def choosing(page: Page) -> Page:
    """The page with both discs cut out, and the tool in hand."""
    return start(page, file("discs.png", DISCS))


def start(page: Page, picture: dict[str, object]) -> Page:
    page.evaluate(RECORDER)
    add(page, picture)
    page.get_by_role("radio", name="Choose").check()
    return page


def fields(page: Page) -> dict[str, str]:
    """The options that the page sent last."""
    return {name: text for name, text in page.evaluate("window.sent").items() if name != "frame"}


def settled(page: Page, said: str) -> None:
    expect(page.locator("#status")).to_contain_text(said)
    expect(page.locator(".frame")).to_have_attribute("aria-busy", "false")


def click(page: Page, spot: tuple[float, float], said: str, *keys: str, size: tuple[int, int] = SIZE) -> None:
    for key in keys:
        page.keyboard.down(key)
    page.mouse.click(*place(page, *spot, size))
    for key in keys:
        page.keyboard.up(key)
    settled(page, said)


def stay(page: Page) -> tuple[bool, bool]:
    """Whether each of the discs is in what is downloaded."""
    alpha = decoded(downloaded(page)[1])[..., 3]
    return bool(alpha[LEFT[::-1]] == 255), bool(alpha[RIGHT[::-1]] == 255)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*place(page, *start))
    page.mouse.down()
    page.mouse.move(*place(page, *end), steps=5)
    page.mouse.up()


# --- Clicks and boxes -----------------------------------------------------------------------------------------------


def test_one_of_two_subjects_is_taken_the_other_added_and_removed(choosing, address):
    assert stay(choosing) == (True, True)
    click(choosing, LEFT, "Subject chosen")
    assert stay(choosing) == (True, False)
    points = fields(choosing)["points"]
    assert re.fullmatch(r"2[45]\.\d+%,(49|50)\.\d+%", points)
    assert downloaded(choosing)[1] == answer(address, DISCS, points=points), "what is saved is what the server gives"
    click(choosing, RIGHT, "Subject added", "Shift")
    assert stay(choosing) == (True, True)
    assert fields(choosing)["points"].startswith(points + " ")
    click(choosing, (380, 200), "Subject removed", "Alt")
    assert stay(choosing) == (True, False)
    click(choosing, RIGHT, "Subject chosen")
    assert stay(choosing) == (False, True)
    choosing.locator("#viewport").press("Escape")
    settled(choosing, "Choice cleared")
    assert stay(choosing) == (True, True)


def test_the_buttons_say_what_a_click_does(choosing):
    choosing.get_by_role("radio", name="Remove", exact=True).check()
    click(choosing, LEFT, "Subject removed")  # of what the network itself had found
    assert stay(choosing) == (False, True)
    choosing.get_by_role("radio", name="Add", exact=True).check()
    click(choosing, LEFT, "Subject added")
    assert stay(choosing) == (True, True)
    choosing.get_by_role("button", name="Clear").click()
    settled(choosing, "Choice cleared")
    expect(choosing.get_by_role("button", name="Clear")).to_be_disabled()


def test_nothing_is_removed_where_nothing_is(choosing):
    click(choosing, (240, 20), "Nothing that stays is there", "Alt")
    expect(choosing.get_by_role("button", name="Undo")).to_be_disabled()


def test_a_drag_draws_a_box(choosing, address):
    drag(choosing, (290, 110), (430, 250))
    settled(choosing, "Box")
    assert stay(choosing) == (False, True)
    box = fields(choosing)["box"]
    assert downloaded(choosing)[1] == answer(address, DISCS, box=box)
    left, top, width, height = (float(part) for part in re.findall(r"[\d.]+", box))
    assert np.allclose([left, top, width, height], [60.5, 30.7, 29.2, 38.9], atol=0.5)


def test_pointing_shows_what_a_click_would_choose(choosing):
    before = seen(choosing, *RIGHT)
    with choosing.expect_response("**/remove"):
        choosing.mouse.move(*place(choosing, 130, 190))
    expect(choosing.locator("#viewport")).to_be_visible()
    eventually(choosing, lambda: seen(choosing, *LEFT), lambda colour: colour[2] > colour[0] + 20)  # tinted
    expect_equal(choosing, lambda: seen(choosing, *RIGHT), before)
    assert "only_mask" in fields(choosing)
    expect(choosing.locator("#undo")).to_be_disabled()  # nothing is chosen by that


def test_pointing_shows_it_as_well_where_the_pictures_shadow_is_kept(choosing):
    choosing.get_by_role("switch", name="Keep its shadow").check()
    settled(choosing, "The picture's shadow")
    with choosing.expect_response("**/remove") as answered:
        choosing.mouse.move(*place(choosing, 130, 190))
    assert answered.value.ok  # a mask alone has no shadow, and together they would be refused


def test_a_busy_server_isnt_asked_again_what_a_click_would_choose(choosing):
    asked: list[Route] = []

    def busy(route: Route) -> None:
        asked.append(route)
        route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": {"code": "busy", "message": ""}})

    choosing.route("**/remove", busy)
    choosing.mouse.move(*place(choosing, *LEFT))
    eventually(choosing, lambda: asked, bool)
    choosing.wait_for_timeout(2000)
    assert len(asked) == 1
    expect(choosing.locator(".notice")).to_have_count(0)


def test_choices_are_undone_and_done_again_among_other_steps(choosing):
    undo, redo = choosing.get_by_role("button", name="Undo"), choosing.get_by_role("button", name="Redo")
    click(choosing, LEFT, "Subject chosen")
    choosing.get_by_role("switch", name="Shadow", exact=True).check()
    paint(choosing, "Erase", (90, 180))
    undo.click()
    undo.click()
    expect(choosing.get_by_role("switch", name="Shadow", exact=True)).not_to_be_checked()
    assert stay(choosing) == (True, False)
    undo.click()
    assert stay(choosing) == (True, True)
    expect(undo).to_be_disabled()
    for _ in range(3):
        redo.click()
    choosing.get_by_role("switch", name="Shadow", exact=True).uncheck()
    alpha = decoded(downloaded(choosing)[1])[..., 3]
    assert (alpha[180, 90], alpha[180, 165], alpha[RIGHT[::-1]]) == (0, 255, 0)


def test_a_choice_replaces_what_was_painted_and_says_so(choosing):
    paint(choosing, "Erase", LEFT)
    choosing.get_by_role("radio", name="Choose").check()
    click(choosing, LEFT, "Undo brings it back")
    assert stay(choosing) == (True, False)
    choosing.get_by_role("button", name="Undo").click()
    assert stay(choosing) == (False, True)


def test_a_choice_on_its_way_is_waited_for_by_what_is_saved(choosing):
    held: list[Route] = []
    choosing.route("**/remove", lambda route: held.append(route))
    choosing.mouse.click(*place(choosing, *LEFT))
    with choosing.expect_download() as waiting:
        choosing.get_by_role("button", name="Download", exact=True).click()
        expect(choosing.locator("#facts")).to_have_text("Cutting out what you chose")
        for route in eventually(choosing, lambda: held, bool):
            route.continue_()
    alpha = decoded(Path(waiting.value.path()).read_bytes())[..., 3]
    assert (alpha[LEFT[::-1]], alpha[RIGHT[::-1]]) == (255, 0)


def test_a_choice_that_fails_leaves_what_was(choosing):
    choosing.route("**/remove", lambda route: route.fulfill(status=500, json={"error": {"code": "unexpected"}}))
    choosing.mouse.click(*place(choosing, *LEFT))
    expect(choosing.locator("#alert")).to_contain_text("That couldn't be cut out")
    choosing.unroute("**/remove")
    assert stay(choosing) == (True, True)
    choosing.get_by_role("button", name="Try again").click()
    settled(choosing, "Subject chosen")
    assert stay(choosing) == (True, False)


def test_fingers_tap_press_long_and_drag(open_page, address):
    page = start(open_page(address, SHAPES["phone"], touch=True), file("discs.png", DISCS))
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, *spots: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in (place(page, *spot) for spot in spots)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    page.evaluate("scrollTo(0, 0)")
    finger("touchStart", LEFT)
    finger("touchEnd")
    settled(page, "Subject chosen")
    assert stay(page) == (True, False)
    page.evaluate("scrollTo(0, 0)")
    finger("touchStart", RIGHT)
    settled(page, "Subject added")
    finger("touchEnd")
    assert stay(page) == (True, True)
    page.evaluate("scrollTo(0, 0)")
    finger("touchStart", (290, 110))
    finger("touchMove", (430, 250))
    finger("touchEnd")
    settled(page, "Box")
    assert stay(page) == (False, True)


# --- By keyboard ----------------------------------------------------------------------------------------------------


def test_subjects_are_chosen_by_keys(choosing):
    viewport, said = choosing.locator("#viewport"), choosing.locator("#status")
    scale = float(choosing.locator("#percent").inner_text().rstrip("%")) / 100
    steps = round(120 * scale / 16)
    for _ in range(steps):
        viewport.press("ArrowLeft")  # from the middle to the left disc
    expect(said).to_contain_text("% of the picture would be chosen")
    viewport.press("Enter")
    settled(choosing, "Subject chosen")
    assert stay(choosing) == (True, False)
    for _ in range(2 * steps):
        viewport.press("ArrowRight")
    viewport.press("Enter")
    settled(choosing, "Subject added")
    assert stay(choosing) == (True, True)
    viewport.press("Delete")
    settled(choosing, "Subject removed")
    assert stay(choosing) == (True, False)
    viewport.press("Space")
    settled(choosing, "Subject chosen")
    assert stay(choosing) == (False, True)
    viewport.press("Escape")
    settled(choosing, "Choice cleared")


def test_a_box_by_keys(choosing):
    viewport, said = choosing.locator("#viewport"), choosing.locator("#status")
    for _ in range(8):
        viewport.press("ArrowUp")
    viewport.press("b")
    expect(said).to_contain_text("A box begins at 50% right")
    viewport.press("Escape")  # gives that up
    viewport.press("b")
    for _ in range(15):
        viewport.press("ArrowRight")
        viewport.press("ArrowDown")
    viewport.press("b")
    settled(choosing, "Box")
    assert stay(choosing) == (False, True)


# --- Ground, colour, outline ----------------------------------------------------------------------------------------


def test_a_wand_removes_a_colour(page, address):
    start(page, file())
    page.get_by_role("switch", name="Remove a colour").check()
    wand = page.get_by_role("button", name="Pick from picture")
    expect(wand).to_have_attribute("aria-pressed", "true")
    click(page, (350, 180), "Colour removed")  # the brown square
    data = downloaded(page)[1]
    assert data == answer(address, remove_colour="#964628", tolerance="10")
    assert decoded(data)[180, 350, 3] == 0
    assert decoded(data)[20, 20, 3] == 255
    expect(page.locator("#removed-colour")).to_have_value("#964628")
    page.locator("#tolerance").fill("60")
    page.locator("#tolerance").dispatch_event("change")
    settled(page, "Tolerance")
    assert downloaded(page)[1] == answer(address, remove_colour="#964628", tolerance="60")
    page.keyboard.press("Control+z")
    expect(page.locator("#tolerance")).to_have_value("10")
    page.get_by_role("switch", name="Remove a colour").uncheck()
    settled(page, "Colour kept")
    assert downloaded(page)[1] == answer(address)


def test_the_wand_by_keys(page, address):
    start(page, file())
    page.get_by_role("switch", name="Remove a colour").check()
    viewport = page.locator("#viewport")
    expect(viewport).to_be_focused()
    viewport.press("ArrowLeft")
    expect(page.locator("#status")).to_contain_text("#143c28 at")
    viewport.press("Enter")
    settled(page, "Colour removed")
    assert downloaded(page)[1] == answer(address, remove_colour="#143c28", tolerance="10")
    viewport.press("Escape")
    expect(page.get_by_role("button", name="Pick from picture")).to_have_attribute("aria-pressed", "false")


def test_the_ground_is_found_by_colour_or_not(page, address):
    start(page, file())
    for name in ("Plain", "Photo"):
        page.get_by_role("radio", name=name).check()
        settled(page, "Ground")
        assert downloaded(page)[1] == answer(address, ground=name.lower())
        page.locator("#status").evaluate("element => (element.textContent = '')")
    page.get_by_role("radio", name="Plain").check()
    settled(page, "Ground")
    assert decoded(downloaded(page)[1])[180, 350, 3] == 255, "a square that the network leaves out"
    click(page, LEFT, "Subject chosen")
    expect(page.get_by_role("radio", name="Auto")).to_be_checked()


def test_a_shadow_on_the_ground_is_kept_or_said_to_be_none(page, address):
    start(page, file())
    page.get_by_role("radio", name="Plain").check()
    settled(page, "Ground")
    page.get_by_role("switch", name="Keep its shadow").check()
    settled(page, "The picture's shadow")
    assert downloaded(page)[1] == answer(address, ground="plain", keep_shadow="true")
    expect(page.get_by_role("radio", name="Erase")).to_be_disabled()
    page.get_by_role("switch", name="Keep its shadow").uncheck()
    expect(page.get_by_role("radio", name="Erase")).to_be_enabled()
    add(page, file("discs.png", DISCS), done=2)
    page.get_by_role("switch", name="Keep its shadow").check()
    expect(page.get_by_text("This ground isn't plain")).to_be_visible()


def test_an_outline_looks_like_what_is_downloaded(page, address):
    start(page, file("discs.png", DISCS))
    page.get_by_role("radio", name="Compare").check()
    page.get_by_role("switch", name="Outline").check()
    page.locator("#outline-colour").fill("#ff0000")
    page.locator("#outline-width").fill("4")
    page.locator("#outline-width").dispatch_event("change")
    data = downloaded(page)[1]
    assert data == answer(address, DISCS, outline="4%,#ff0000")
    page.locator("#divider").press("Home")
    for x in (184, 190):
        expect_colour(page, x, LEFT[1], (255, 0, 0))
    eventually(page, lambda: np.ptp(seen(page, 240, LEFT[1])), lambda apart: apart < 8)
    made = decoded(data)[LEFT[1], [184, 190, 240]]
    assert np.array_equal(made[:, 3] > 128, [True, True, False])
    page.get_by_role("switch", name="Crop to the subject").check()
    assert downloaded(page)[1] == answer(address, DISCS, outline="4%,#ff0000", crop="true", margin="5%")


# --- Where nothing is found -----------------------------------------------------------------------------------------


def test_where_no_subject_is_found_one_can_be_chosen(page):
    page.set_input_files("#files", [file("wall.png", GREY)])
    page.get_by_role("button", name="Choose the subject").click()
    expect(page.locator("#viewport")).to_be_focused()
    expect(page.locator("#facts")).to_have_text("Nothing is chosen yet")
    expect(page.get_by_role("radio", name="Choose")).to_be_checked()
    click(page, (60, 45), "Subject chosen", size=(120, 90))
    expect(page.locator("#facts")).to_contain_text("look it over")
    alpha = decoded(downloaded(page)[1])[..., 3]
    assert alpha[45, 60] > 128 > alpha[5, 5]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#facts")).to_have_text("Nothing is chosen yet")


def test_a_choice_that_leaves_nothing_is_said_and_left_out(page, address):
    picture = encoded(np.full((90, 120, 3), 130, np.uint8))
    start(page, file("fog.png", picture))
    page.get_by_role("radio", name="Plain").click()  # `check` expects it to stay chosen
    expect(page.get_by_text("Nothing would stay").first).to_be_visible()
    expect(page.get_by_role("radio", name="Auto")).to_be_checked()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert downloaded(page)[1] == answer(address, picture)


# --- With the network that ships ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Iterator[str]:
    with serving(ServerSettings(port=0)) as address:
        yield address


def pair() -> tuple[np.ndarray, list[np.ndarray]]:
    """A person and a cat before a smooth ground of many colours, and the alpha of each in [0, 1]."""
    rows, columns = np.mgrid[:360, :720]
    waves = [90 + 40 * np.sin(columns / 37) + 20 * np.cos(rows / 23), 110 + 30 * np.cos(columns / 51 + rows / 40)]
    ground = np.stack([*waves, 130 + 25 * np.sin(rows / 31)], axis=-1).clip(0, 255).astype(np.uint8)
    scene, alphas, remover = PillowImage.fromarray(ground).convert("RGBA"), [], Remover()
    for photo, (left, top) in ((skimage.data.astronaut(), (30, 60)), (skimage.data.chelsea(), (400, 130))):
        small = PillowImage.fromarray(photo)
        small.thumbnail((300, 300))
        cutout = remover.remove(np.asarray(small)).image
        scene.alpha_composite(cutout, (left, top))
        layer = PillowImage.new("L", scene.size)
        layer.paste(cutout.getchannel("A"), (left, top))
        alphas.append(np.asarray(layer) / 255)
    return np.asarray(scene.convert("RGB")), alphas


def iou(page: Page, wanted: np.ndarray) -> float:
    found, true = decoded(downloaded(page)[1])[..., 3] > 127, wanted > 0.5
    return float((found & true).sum() / (found | true).sum())


def test_the_shipped_network_finds_who_is_clicked_on(open_page, shipped):
    picture, (person, cat) = pair()
    page = start(open_page(shipped), file("two.png", encoded(picture)))
    size = (720, 360)
    click(page, (560, 230), "Subject chosen", size=size)
    assert iou(page, cat) > 0.9
    click(page, (180, 260), "Subject added", "Shift", size=size)
    assert iou(page, np.maximum(cat, person)) > 0.9
    click(page, (540, 250), "Subject removed", "Alt", size=size)
    assert iou(page, person) > 0.9


# --- For everybody --------------------------------------------------------------------------------------------------


def test_axe_finds_nothing_serious_in_any_shape_of_window(choosing):
    page = choosing
    click(page, LEFT, "Subject chosen")
    for shape in windows(page):
        check(page, f"{shape}, choosing")
    page.set_viewport_size(DESKTOP)
    page.get_by_role("switch", name="Outline").check()
    page.get_by_role("switch", name="Remove a colour").check()
    for shape in windows(page):
        open_part(page, "ground")
        check(page, f"{shape}, wand")
    page.set_input_files("#files", [file("wall.png", GREY)])
    expect(items(page, "empty")).to_have_count(1)
    for shape in windows(page):
        check(page, f"{shape}, no subject")
