"""What goes on by itself, and what can be taken back: a server that was away, messages, pictures that were removed."""

import pytest
from playwright.sync_api import Page, Route, expect

from background_remover.server.settings import ServerSettings
from tests.conftest import serving
from tests.web.conftest import GREY, Open, add, check, decoded, downloaded, file, items, place, windows
from tests.web.waiting import expect_equal

# The visible controls in the window that a message lies over, at their middles.
COVERED = """() => [...document.querySelectorAll("button, .choice label, .switch, [type=range]")].filter((one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    if (!width || !one.checkVisibility() || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false;
    const scrolled = one.closest("#panel, #strip")?.getBoundingClientRect();
    if (scrolled && (y < scrolled.top || y > scrolled.bottom || x < scrolled.left || x > scrolled.right)) return false;
    const over = document.elementFromPoint(x, y);
    return over?.closest(".notice") && !one.closest(".notice");
}).map((one) => one.outerHTML.slice(0, 90))"""


def test_pictures_go_on_by_themselves_when_the_server_is_back(open_page: Open, model: str):
    with serving(ServerSettings(model, port=0)) as address:
        page = open_page(address)
        add(page, file("one.png"))
        page.get_by_role("radio", name="Erase").check()
    page.mouse.click(*place(page, 90, 180))
    expect(page.locator(".notice.error")).to_contain_text("The server can't be reached")
    page.set_input_files("#files", [file("two.png"), file("three.png"), file("four.png")])
    expect(items(page, "failed")).to_have_count(3)
    expect(page.locator("#card")).to_contain_text("go on by themselves")
    with serving(ServerSettings(model, port=int(address.rpartition(":")[2]))):
        expect(items(page, "done")).to_have_count(4)
        expect(page.locator(".notice.error")).to_have_count(0)
        page.locator("#strip .thumb").first.click()
        expect(page.locator(".frame")).to_have_attribute("aria-busy", "false")
        assert decoded(downloaded(page)[1])[180, 90, 3] == 0


def test_a_proxy_without_its_server_is_a_server_that_is_away(page: Page):
    page.route("**/health", lambda route: route.fulfill(status=502))
    page.route("**/remove", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    page.set_input_files("#files", [file()])
    expect(page.get_by_role("heading", name="The server can't be reached")).to_be_visible()
    with page.expect_response("**/health"):  # which is still away
        pass
    expect(items(page, "failed")).to_have_count(1)
    page.unroute("**/remove")
    page.unroute("**/health")
    expect(items(page, "done")).to_have_count(1)


def test_messages_lie_over_no_tool(page: Page):
    add(page, file("one.png"), file("two.png"))
    show = """async () => {
        const { show } = await import("/static/messages/notices.js");
        for (const words of ["An error of some length, with what to do about it.", "Another.", "A third"]) {
            show(words.repeat(2), { isError: true, action: { label: "Try again", run() {} } });
        }
    }"""
    page.evaluate(show)
    expect(page.locator(".notice")).to_have_count(3)
    for _ in windows(page):
        for tool in ("Compare", "Choose", "Keep"):
            page.get_by_role("radio", name=tool).check()
            expect_equal(page, lambda: page.evaluate(COVERED), [])


# --- What would be lost ---------------------------------------------------------------------------------------------


def test_removed_pictures_come_back_where_they_were(page: Page):
    add(page, file("one.png"), file("two.png"), file("three.png"))
    names = page.locator(".thumb-name")
    page.locator("#strip .thumb").nth(1).click()
    page.get_by_role("switch", name="Outline").check()
    page.get_by_role("button", name="Remove two.png").click()
    expect(page.locator(".notice")).to_contain_text("two.png is removed.")
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(names).to_have_text(["one.png", "two.png", "three.png"])
    expect(page.locator("#strip .thumb").nth(1)).to_be_focused()
    expect(page.get_by_role("switch", name="Outline")).to_be_checked()
    for name in ("two.png", "one.png", "three.png"):
        page.get_by_role("button", name=f"Remove {name}").click()
    expect(page.get_by_role("button", name="Choose photos")).to_be_focused()
    expect(page.locator(".notice")).to_have_text("3 pictures are removed.Undo")
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(names).to_have_text(["one.png", "two.png", "three.png"])
    assert decoded(downloaded(page)[1])[180, 120, 3] == 255


def test_a_picture_removed_at_work_comes_back_with_its_result(page: Page):
    held: list[Route] = []
    is_open = False
    page.route("**/remove", lambda route: route.continue_() if is_open else held.append(route))
    page.set_input_files("#files", [file("one.png"), file("two.png"), file("three.png")])
    expect(items(page, "waiting")).to_have_count(1)
    for name in ("one.png", "three.png"):  # one under way, one waiting
        page.get_by_role("button", name=f"Remove {name}").click()
    page.locator(".notice").get_by_role("button", name="Undo").click()
    is_open = True
    for route in held:
        route.continue_()
    expect(items(page, "done")).to_have_count(3)


# --- In the reader's way --------------------------------------------------------------------------------------------


def is_beside(page: Page) -> bool:
    """Whether the picture is large enough, and no card lies over it."""
    card, view = page.locator("#card").bounding_box(), page.locator("#viewport").bounding_box()
    is_apart = view["y"] + view["height"] <= card["y"] or view["x"] + view["width"] <= card["x"]
    return is_apart and min(view["width"], view["height"]) >= 90


def test_the_subject_can_be_seen_beside_what_is_said_of_it(page: Page):
    page.set_input_files("#files", [file("wall.png", GREY)])
    expect(page.get_by_role("heading", name="No subject found")).to_be_visible()
    for shape in windows(page):
        expect_equal(page, lambda: is_beside(page), True)
        check(page, f"{shape}, nothing found")


def test_a_link_dropped_on_the_page_doesnt_leave_it(page: Page, address: str):
    add(page, file())
    mouse = page.context.new_cdp_session(page)
    link = {"mimeType": "text/uri-list", "data": f"{address}/docs"}
    for target in ("#viewport", "#panel", "header"):
        box = page.locator(target).bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for kind in ("dragEnter", "dragOver", "drop"):
            held = {"items": [link], "dragOperationsMask": 1 | 2}
            mouse.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": held})
        expect(page.locator(".notice")).to_contain_text("save the picture")
        assert page.url.rstrip("/") == address
    expect(items(page, "done")).to_have_count(1)


@pytest.mark.parametrize(
    ("code", "message", "said", "unsaid"),
    [
        (
            413,
            "image: 9x9 is 51 megapixels and the limit is 50; shrink the picture or raise max_megapixels",
            "is 51",
            "raise",
        ),
        (
            422,
            "there is no picture; send it as the body, or as the file image of a form",
            "there is no picture",
            "body",
        ),
        (
            421,
            "asked as 'x', which isn't a name of this service; if it should be, add it by --allow-host",
            "asked as 'x'",
            "--allow",
        ),
        (500, "this program failed (KeyError); its log says more", "KeyError", "log"),
        (503, "the queue is full; try again", "Try again in a while", "is full"),
    ],
)
def test_no_words_of_operators_are_said_to_readers(page: Page, code: int, message: str, said: str, unsaid: str):
    error = {"error": {"code": "any", "message": message}}
    page.route("**/remove", lambda route: route.fulfill(status=code, headers={"Retry-After": "0"}, json=error))
    page.set_input_files("#files", [file()])
    expect(items(page, "failed")).to_have_count(1)
    expect(page.locator("#card")).to_contain_text(said)
    for word in (unsaid, "max-", "--", "send it"):
        expect(page.locator("body")).not_to_contain_text(word, use_inner_text=True)
