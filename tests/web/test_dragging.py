"""Results dragged out of the page by the mouse, as files for the desktop and for other pages."""

import base64

from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import add, answer, file
from tests.web.waiting import eventually

# Notes what a drag takes along, once the page has put it there.
WATCH = """() => {
    const blobs = (window.blobs = {});
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
        const url = make(blob);
        blobs[url] = blob;
        return url;
    };
    import("/static/picture/picture.js").then(({ Picture }) => {
        const { result } = Picture.prototype;
        Picture.prototype.result = async function (...given) {
            const blob = await result.apply(this, given);
            window.made = true;
            return blob;
        };
    });
    document.addEventListener("dragstart", (event) => {
        const { dataTransfer } = event;
        window.dragged = { prevented: event.defaultPrevented, url: dataTransfer.getData("DownloadURL") };
        window.file = [...dataTransfer.files][0];
    });
}"""
BYTES = """async () => {
    const read = async (blob) => {
        const bytes = new Uint8Array(await blob.arrayBuffer());
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    };
    const [type, name, ...rest] = window.dragged.url.split(":");
    const saved = window.blobs[rest.join(":")]; // the page's policy has no fetch of it
    return [type, name, await read(saved), window.file.name, await read(window.file)];
}"""


def rest(page: Page, item: Locator) -> None:
    """Lets the mouse rest on an item until the file of its picture is made, so that it can be dragged."""
    page.evaluate("window.made = false")
    item.hover()
    eventually(page, lambda: page.evaluate("window.made"), bool)


def drag(page: Page, item: Locator, x: float, y: float) -> None:
    item.hover()
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    page.mouse.up()


def test_a_picture_of_the_list_is_dragged_out_as_it_would_be_saved(page: Page, address: str):
    page.evaluate(WATCH)
    add(page, file("one.png"))
    page.get_by_role("switch", name="Outline").check()
    rest(page, page.locator("#strip .thumb"))
    box = page.locator("#viewport").bounding_box()
    drag(page, page.locator("#strip .thumb"), box["x"] + 100, box["y"] + 100)
    kind, name, saved, other, given = page.evaluate(BYTES)
    wanted = answer(address, outline="2%,#ffffff")
    assert (kind, name, other) == ("image/png", "one-cutout.png", "one-cutout.png")
    assert base64.b64decode(saved) == base64.b64decode(given) == wanted
    expect(page.locator("#strip li")).to_have_count(1)  # it isn't taken in again
    expect(page.locator("body")).not_to_have_class("dragging")


def test_a_file_that_is_still_made_says_so(page: Page):
    page.evaluate(WATCH)
    add(page, file("one.png"))
    rest(page, page.locator("#strip .thumb"))
    page.keyboard.press("Tab")
    page.evaluate("document.querySelector('#outline').click()")  # another result than that made before
    page.mouse.down()
    page.mouse.move(400, 300, steps=4)
    expect(page.locator(".notice")).to_contain_text("The file is being made")
    eventually(page, lambda: page.evaluate("window.dragged.prevented"), bool)
    page.mouse.up()


def test_a_tile_of_the_grid_is_dragged_out_and_still_moved(page: Page, address: str):
    page.evaluate(WATCH)
    add(page, file("one.png"), file("two.png"))
    page.get_by_role("button", name="Grid").click()
    tile, names = page.locator(".tile"), page.locator(".tile-name")
    rest(page, tile.nth(1))
    first = tile.nth(0).bounding_box()
    drag(page, tile.nth(1), first["x"] + 5, first["y"] + 20)
    kind, name, saved, other, given = page.evaluate(BYTES)
    assert (kind, name, other) == ("image/png", "two-cutout.png", "two-cutout.png")
    assert base64.b64decode(saved) == base64.b64decode(given) == answer(address)
    expect(names).to_have_text(["two.png", "one.png"])
    page.get_by_label("Sort").select_option("name")
    rest(page, tile.nth(0))
    drag(page, tile.nth(0), first["x"] + 300, first["y"] + 20)
    assert page.evaluate(BYTES)[1] == "one-cutout.png", "also where the order isn't theirs to change"
    expect(names).to_have_text(["one.png", "two.png"])
