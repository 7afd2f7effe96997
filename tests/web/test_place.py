"""Placing the subject on the page: moved, scaled and turned by mouse, fingers and keys, and saved as it is shown."""

import math

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import (
    SHAPES,
    SIZE,
    Open,
    add,
    answer,
    choose,
    decoded,
    discs,
    downloaded,
    encoded,
    file,
    items,
    paint,
    place,
)
from tests.web.test_choosing import RECORDER, fields
from tests.web.test_keeping import offer, reload, until
from tests.web.waiting import expect_alike

MIDDLE = (120, 180)
DISC = encoded(discs((*MIDDLE, 60)))


@pytest.fixture
def placing(page: Page) -> Page:
    """The page with a disc on blue, and the tool in hand."""
    page.evaluate(RECORDER)
    add(page, file("disc.png", DISC))
    choose(page, "Colour")
    page.locator("#colour").fill("#4080c0")
    choose(page, "Place")
    return page


def drag(page: Page, start: tuple[float, float], end: tuple[float, float], size: tuple[float, float] = SIZE) -> None:
    """Drags from one pixel of the frame to another."""
    page.mouse.move(*place(page, *start, size))
    page.mouse.down()
    page.mouse.move(*place(page, *end, size), steps=4)
    page.mouse.up()


def placed(page: Page) -> list[float]:
    """Where the subject was sent to last: right and down in shares, scale, degrees."""
    right, down, scale, angle = fields(page)["place"].replace("%", "").split(",")
    return [float(right) / 100, float(down) / 100, float(scale), float(angle)]


def turn_handle(page: Page, middle: tuple[float, float], half: float, stem: float = 30) -> tuple[float, float]:
    """Where the handle is that turns a subject: below it, so many pixels of the screen."""
    (_, top), (_, bottom) = place(page, 0, 0), place(page, 0, 1)
    return middle[0], middle[1] + half + stem / (bottom - top)


def test_a_drag_moves_the_subject_and_the_server_saves_the_same(placing: Page, address: str):
    drag(placing, MIDDLE, (310, 150))
    data = downloaded(placing)[1]
    right, down, scale, angle = placed(placing)
    assert (right * 480, down * 360) == pytest.approx((310, 150), abs=1)
    assert (scale, angle) == (1, 0)
    assert data == answer(address, DISC, background="#4080c0", place=fields(placing)["place"])
    made = decoded(data)
    assert made.shape == (360, 480, 3)
    assert made[150, 310].tolist() == [250, 240, 230]
    assert made[180, 120].tolist() == [64, 128, 192]
    choose(placing, "Compare")
    expect_alike(placing, made, by=6, share=0.98)


EFFECTS = {"outline": "2%,#ffffff", "shadow": "true", "shadow_kind": "contact", "shadow_opacity": "0.5"}


@pytest.mark.parametrize(
    ("size", "background", "sent"),
    [
        ("Original", "Blur", {"place"}),
        ("Crop", "Blur", {"canvas", "scale", "margin", "place"}),
        ("Custom", "Colour", {"canvas", "scale", "place"}),
    ],
)
def test_scaled_and_turned_with_its_effects_it_is_shown_as_saved(placing: Page, address, size, background, sent):
    choose_effects(placing, background, size)
    placing.locator("#viewport").focus()
    for key in ["ArrowRight", "ArrowDown", "Shift+ArrowRight", "-", "-", "-", "}", *"]]]"]:
        placing.keyboard.press(key)
    data = downloaded(placing)[1]
    layout = {name: fields(placing)[name] for name in ("canvas", "scale", "margin", "place") if name in fields(placing)}
    assert set(layout) == sent
    assert placed(placing)[2:] == pytest.approx([1.05**-3, 18], abs=1e-3)
    behind = {"background": "#4080c0" if background == "Colour" else "blur:10"}
    assert data == answer(address, DISC, **behind, **EFFECTS, **layout)
    choose(placing, "Compare")
    frame = (300 / 200 * (124 / 0.9), 124 / 0.9) if size == "Custom" else None  # of the disc with its outline
    expect_alike(placing, decoded(data), frame, by=10, share=0.95, mean=3)


def choose_effects(page: Page, background: str, size: str) -> None:
    for name in ("Shadow", "Outline"):
        page.get_by_role("switch", name=name, exact=True).check()
    for name in (background, "Contact"):
        choose(page, name)
    if size == "Crop":
        page.get_by_role("switch", name="Crop to the subject").check()
        page.locator("#margin").fill("40")
        page.locator("#margin").dispatch_event("change")
    elif size == "Custom":
        choose(page, "Custom")
        page.locator("#canvas-width").fill("300")
        page.locator("#canvas-height").fill("200")
        page.locator("#canvas-height").press("Enter")


def test_handles_scale_and_turn_and_every_drag_is_a_step(placing: Page):
    drag(placing, (180, 240), (210, 270))  # a corner, half as far again from the middle
    downloaded(placing)
    assert placed(placing)[2:] == pytest.approx([1.5, 0], abs=0.02)
    assert placed(placing)[:2] == pytest.approx([0.25, 0.5], abs=0.01)
    drag(placing, turn_handle(placing, MIDDLE, 90), (MIDDLE[0] - 100, MIDDLE[1] + 100))
    downloaded(placing)
    assert placed(placing)[3] == pytest.approx(45, abs=1)
    expect(placing.locator(".placed")).to_have_text("150%, 45°")
    for wanted in ("150%, 0°", "100%, 0°"):
        placing.keyboard.press("Control+z")
        expect(placing.locator(".placed")).to_have_text(wanted)
    expect(placing.get_by_role("button", name="Put the subject back")).to_be_disabled()
    assert "place" not in (downloaded(placing), fields(placing))[1]
    placing.get_by_role("button", name="Redo").click()
    placing.get_by_role("button", name="Put the subject back").click()
    expect(placing.locator(".placed")).to_have_text("100%, 0°")
    placing.keyboard.press("Control+z")
    expect(placing.locator(".placed")).to_have_text("150%, 0°")


def test_it_snaps_to_the_middle_and_to_edges_but_not_with_alt(placing: Page):
    drag(placing, MIDDLE, (242, 182))
    downloaded(placing)
    assert placed(placing)[:2] == pytest.approx([0.5, 0.5], abs=1e-5)
    drag(placing, (240, 180), (61, 100))
    made = decoded(downloaded(placing)[1])
    columns = np.flatnonzero((made != (64, 128, 192)).any(axis=(0, 2)))
    assert columns[0] <= 1, "its end is the frame's edge"
    assert placed(placing)[0] * 480 == pytest.approx((columns[-1] + 1) / 2, abs=1)
    placing.keyboard.down("Alt")
    drag(placing, (60, 100), (243, 183))
    placing.keyboard.up("Alt")
    downloaded(placing)
    assert placed(placing)[0] * 480 == pytest.approx(243, abs=1)
    assert placed(placing)[0] != 0.5


def test_keys_place_it_in_small_and_larger_steps_and_say_so(placing: Page):
    placing.locator("#viewport").focus()
    for key in ("ArrowRight", "Shift+ArrowDown", "+", "["):
        placing.keyboard.press(key)
    expect(placing.locator("#status")).to_have_text("26% right, 57% down, 105%, turned by -1°")
    downloaded(placing)
    here = placed(placing)
    assert here == pytest.approx([0.25 + 0.005, 0.5 + 0.05 * 480 / 360, 1.05, -1], abs=3e-3)
    placing.keyboard.press("Control+z")
    expect(placing.locator(".placed")).to_have_text("105%, 0°")
    placing.locator("#viewport").press("0")  # keys that don't place do as ever
    placing.keyboard.press("?")
    expect(placing.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Drag without snapping")


def test_a_position_or_another_size_takes_the_place_back(placing: Page):
    choose(placing, "Square")
    expect(placing.get_by_role("radio", name="Middle", exact=True)).to_be_checked()
    placing.locator("#viewport").press("ArrowRight")
    expect(placing.get_by_role("radio", name="Middle", exact=True)).not_to_be_checked()
    placing.get_by_role("radio", name="Top left").check()
    downloaded(placing)
    assert (fields(placing).get("place"), fields(placing)["position"]) == (None, "top-left")
    placing.locator("#viewport").press("ArrowRight")
    choose(placing, "4:5")
    downloaded(placing)
    assert "place" not in fields(placing)


def test_a_stroke_on_a_placed_subject_is_painted_where_it_is_in_the_photo(placing: Page, address: str):
    drag(placing, MIDDLE, (310, 150))
    paint(placing, "Erase", (100, 180), (140, 180), width=80)
    made = decoded(downloaded(placing)[1])
    assert made[150, 310].tolist() == [64, 128, 192]
    assert made[150 - 50, 310].tolist() == [250, 240, 230]


def test_all_pictures_get_the_place_and_it_comes_back_after_a_reload(placing: Page):
    add(placing, file("other.png", encoded(discs((300, 100, 50)))), done=2)
    placing.locator("#strip .thumb").nth(0).click()
    expect(placing.locator("#viewport")).to_have_attribute("aria-label", "disc.png, cut out")
    drag(placing, MIDDLE, (310, 150))
    downloaded(placing)
    wanted = fields(placing)["place"]
    placing.get_by_role("button", name="Use this for all pictures").click()
    placing.locator("#strip .thumb").nth(1).click()
    made = decoded(downloaded(placing)[1])
    assert fields(placing)["place"] == wanted
    assert made[150, 310].tolist() == [250, 240, 230]
    script = """async () => {
        const database = await import("/static/storage/database.js");
        return (await database.records()).filter(({ settings }) => settings.place).length;
    }"""
    until(placing, script, 2)
    reload(placing)
    placing.evaluate(RECORDER)
    offer(placing).get_by_role("button", name="Yes").click()
    expect(items(placing, "done")).to_have_count(2)
    downloaded(placing)
    assert fields(placing)["place"] == wanted


def test_two_fingers_move_scale_and_turn(open_page: Open, address: str):
    page = open_page(address, SHAPES["phone"], touch=True)
    page.evaluate(RECORDER)
    add(page, file("disc.png", DISC))
    choose(page, "Place")
    finger = page.context.new_cdp_session(page)
    x, y = place(page, *MIDDLE)
    for step in range(11):
        far, angle = 20 + 2 * step, math.radians(3 * step)  # to twice as far, turned by 30 degrees
        right, down = far * math.cos(angle), far * math.sin(angle)
        points = [{"x": x + right + step, "y": y + down}, {"x": x - right + step, "y": y - down}]
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": points})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    downloaded(page)
    assert placed(page)[2:] == pytest.approx([2, 30], abs=0.5)
    (left, _), (right, _) = place(page, 0, 0), place(page, 1, 0)
    assert placed(page)[0] * 480 == pytest.approx(MIDDLE[0] + 10 / (right - left), abs=2)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()  # one step


LIMITED = """async ([place, scale]) => {
    const { limited } = await import("/static/picture/place.js");
    const box = { x: 10, y: 20, width: 40, height: 20 };
    const frame = { x: 0, y: 0, width: 200, height: 100 };
    const resting = { x: 0.5, y: 0.5, scale: 1, angle: 0 };
    const layout = { box, subject: box, frame, factor: scale, reduced: 1, place: resting };
    const made = limited(layout, place);
    return [made.x, made.y, made.scale, made.angle];
}"""


BOUNDS = [
    ((0.3, 0.6, 1, 725), 1, (0.3, 0.6, 1, 5)),
    ((0.3, 0.6, 1, -180), 1, (0.3, 0.6, 1, 180)),
    ((0.3, 0.6, 99, 0), 1, (0.3, 0.6, 10, 0)),
    ((0.3, 0.6, 99, 0), 100, (0.3, 0.6, math.sqrt(64e6 / 8e6), 0)),
    ((0.3, 0.6, 0.001, 0), 1, (0.3, 0.6, 0.05, 0)),
    ((5, -5, 1, 0), 1, (1 - 0.04 + 0.1, 0.04 - 0.1, 1, 0)),
]


def test_a_place_stays_within_bounds(page: Page):
    for given, enlarged, wanted in BOUNDS:
        place = dict(zip(("x", "y", "scale", "angle"), given, strict=True))
        assert page.evaluate(LIMITED, [place, enlarged]) == pytest.approx(wanted), given


def test_no_tool_is_cut_off_in_the_language_with_the_longest_words(open_page: Open, address: str):
    page = open_page(address, SHAPES["phone"], locale="de-DE")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    add(page, file())
    row = page.locator("#tools")
    for shape in ("phone", "narrow"):
        page.set_viewport_size(SHAPES[shape])
        for label in row.locator("label").all():
            label.click()
            inner, outer = label.bounding_box(), row.bounding_box()
            assert outer["x"] <= inner["x"], shape
            assert inner["x"] + inner["width"] <= outer["x"] + outer["width"], shape
            assert row.evaluate("(row) => row.scrollWidth <= row.clientWidth"), shape
