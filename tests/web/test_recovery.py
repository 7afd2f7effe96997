"""What goes on by itself, and what can be taken back: a server that was away, messages, pictures that were removed."""

import pytest
from playwright.sync_api import Page, expect

from background_remover.server.settings import ServerSettings
from tests.conftest import serving
from tests.web.conftest import SHAPES, Open, add, decoded, downloaded, file, items, place

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


@pytest.mark.parametrize("shape", SHAPES)
def test_messages_lie_over_no_tool(open_page: Open, address: str, shape: str):
    page = open_page(address, SHAPES[shape])
    add(page, file("one.png"), file("two.png"))
    show = """async () => {
        const { show } = await import("/static/notices.js");
        for (const words of ["An error of some length, with what to do about it.", "Another.", "A third"]) {
            show(words.repeat(2), { isError: true, action: { label: "Try again", run() {} } });
        }
    }"""
    page.evaluate(show)
    expect(page.locator(".notice")).to_have_count(3)
    for tool in ("Compare", "Choose", "Keep"):
        page.get_by_role("radio", name=tool).check()
        assert page.evaluate(COVERED) == []
