"""Where things are on small screens: the picture in view, one part of the form at a time, in reach of a finger."""

import pytest
from playwright.sync_api import expect

from tests.web.conftest import DESKTOP, SHAPES, VIEWS, Open, add, check, file, open_part
from tests.web.waiting import eventually, expect_equal

SMALL = ("on its side", "phone", "narrow")
UPRIGHT = ("phone", "narrow")
FINGER = 44  # pixels

# The visible controls that are smaller than a finger, or that the window's edge cuts off.
WRONG = """(finger) => [...document.querySelectorAll("button, .choice label, .switch, .own-colour, [type=range]")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width)
    .filter((one) => {
        const box = one.getBoundingClientRect();
        const inStrip = one.closest("#strip");
        const isCut = !inStrip && (box.left < 0 || box.right > innerWidth + 0.5 || one.scrollWidth > box.width + 1);
        return isCut || box.height < finger || (one.matches(".button, .swatch") && box.width < finger);
    }).map((one) => one.outerHTML.slice(0, 90))"""


def is_in_sight(frame: dict[str, float], least: tuple[int, int], window: dict[str, int]) -> bool:
    """Whether a frame is large enough, and whole in a window."""
    is_large = frame["width"] >= least[0] and frame["height"] >= least[1]
    return is_large and 0 <= frame["y"] <= window["height"] - frame["height"]


@pytest.mark.parametrize(("shape", "scheme"), VIEWS)
def test_the_picture_stays_in_view_with_all_parts_of_the_form(open_page: Open, address: str, shape: str, scheme: str):
    page = open_page(address, SHAPES[shape], scheme)
    add(page, file())
    if shape in UPRIGHT:
        assert page.locator("#download").bounding_box()["width"] >= SHAPES[shape]["width"] - 32
    least = (300, 180) if shape == "on its side" else (250, 120)
    for part in ("background", "size", "effects", "ground", "save"):
        open_part(page, part)
        eventually(page, page.locator(".frame").bounding_box, lambda frame: is_in_sight(frame, least, SHAPES[shape]))
        expect(page.get_by_role("button", name="Download", exact=True)).to_be_in_viewport(ratio=1)
        if shape in SMALL:
            expect_equal(page, lambda: page.evaluate(WRONG, FINGER), [])
        if shape in SMALL or part == "save":  # on large screens all parts are in sight at once
            check(page, f"{shape}, {part} open")
    page.get_by_role("radio", name="Place", exact=True).check()
    if shape in SMALL:
        expect_equal(page, lambda: page.evaluate(WRONG, FINGER), [])
    expect(page.locator("#facts")).to_be_hidden()  # it would cover handles
    check(page, f"{shape}, placing")


# The controls whose middle is over the picture.
OVER_PICTURE = """() => {
    const picture = document.querySelector("#viewport").getBoundingClientRect();
    const isOver = ({ x, y }) => x > picture.left && x < picture.right && y > picture.top && y < picture.bottom;
    return [...document.querySelectorAll("#stage :is(button, input)")]
        .filter((one) => one.checkVisibility() && !one.closest("#strip"))
        .map((one) => (one.closest("label") ?? one).getBoundingClientRect())
        .filter(({ x, y, width, height }) => width && isOver({ x: x + width / 2, y: y + height / 2 })).length;
}"""


@pytest.mark.parametrize(("shape", "scheme"), VIEWS)
def test_no_control_lies_over_the_picture_that_is_painted(open_page: Open, address: str, shape: str, scheme: str):
    page = open_page(address, SHAPES[shape], scheme)
    add(page, file())
    least = (300, 140) if shape == "on its side" else (250, 190)
    for tool in ("Erase", "Choose"):
        page.get_by_role("radio", name=tool).check()
        expect_equal(page, lambda: page.evaluate(OVER_PICTURE), 0)
        eventually(page, page.locator(".frame").bounding_box, lambda frame: is_in_sight(frame, least, SHAPES[shape]))
        if shape in SMALL:
            expect_equal(page, lambda: page.evaluate(WRONG, FINGER), [])
        check(page, f"{shape}, {tool}")
    if shape in UPRIGHT:  # what all tools have is in one row
        undo, whole = (page.get_by_role("button", name=name) for name in ("Undo", "Show the whole"))
        expect_equal(page, lambda: undo.bounding_box()["y"] - whole.bounding_box()["y"], 0)


def test_a_part_is_closed_by_its_button(open_page: Open, address: str):
    page = open_page(address, SHAPES["phone"])
    add(page, file())
    closed = page.locator(".frame").bounding_box()["height"]
    tab = page.get_by_role("button", name="Effects")
    tab.click()
    expect(page.get_by_role("switch", name="Outline")).to_be_visible()
    tab.click()
    expect(tab).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("switch", name="Outline")).to_be_hidden()
    expect_equal(page, lambda: page.locator(".frame").bounding_box()["height"], closed)


def test_a_swipe_over_the_whole_picture_scrolls_the_page(open_page: Open, address: str):
    page = open_page(address, {"width": 320, "height": 380}, touch=True)
    add(page, file())
    box = page.locator("#viewport").bounding_box()
    x, y = box["x"] + 40, box["y"] + 60
    drawn = "document.querySelector('#canvas').toDataURL()"
    before = page.evaluate(drawn)
    finger = page.context.new_cdp_session(page)
    for kind, up in [("touchStart", 0), *(("touchMove", 8 * step) for step in range(1, 11))]:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y - up}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    eventually(page, lambda: page.evaluate("scrollY > 20"), bool)
    assert page.evaluate(drawn) == before


def test_no_text_of_a_button_is_cut_off(page):
    add(page, file("one.png"), file("two.png"))
    for language in ("en", "de", "es", "fr"):
        page.locator("#language").select_option(language)
        expect(page.locator("html")).to_have_attribute("lang", language)
        cut_off = page.locator(".take .button:visible").evaluate_all(
            "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent.trim())"
        )
        assert not cut_off, language
        page.set_viewport_size(SHAPES["narrow"])
        boxes = page.locator("#tabs button").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().toJSON())"
        )
        assert min(box["width"] for box in boxes) >= FINGER, language
        assert max(box["right"] for box in boxes) <= SHAPES["narrow"]["width"], language
        page.set_viewport_size(DESKTOP)


def test_a_window_that_holds_the_page_has_nothing_to_scroll_to(page):
    add(page, file())
    page.get_by_role("switch", name="Shadow", exact=True).check()
    page.get_by_role("radio", name="Square", exact=True).check()
    high, height = page.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert high <= height


def test_the_quality_stands_beside_its_slider(page):
    add(page, file())
    page.get_by_role("radio", name="JPEG").check()
    slider, value = page.get_by_label("Quality").bounding_box(), page.locator(".slide output").bounding_box()
    assert value["x"] >= slider["x"] + slider["width"]
    assert abs(value["y"] + value["height"] / 2 - slider["y"] - slider["height"] / 2) < 4


def test_the_shortcuts_can_be_read_on_a_narrow_screen(open_page: Open, address: str):
    page = open_page(address, SHAPES["narrow"])
    page.keyboard.press("?")
    groups = page.locator("#shortcuts .groups")
    expect(groups).to_be_visible()
    expect_equal(page, lambda: groups.evaluate("one => one.scrollWidth - one.clientWidth"), 0)


def test_the_shortcuts_fill_their_dialog(page):
    add(page, file())
    page.keyboard.press("?")
    lefts = page.locator("#shortcuts section").evaluate_all("all => all.map((one) => one.getBoundingClientRect().left)")
    assert len(set(lefts)) == 2, "columns"
    assert min(lefts) == page.locator("#shortcuts h2").bounding_box()["x"]
