"""The start of the page: an example before and after, photos to try, and what the server takes."""

import dataclasses

import numpy as np
import pytest
from PIL import Image as PillowImage
from playwright.sync_api import expect

from background_remover.server.settings import ServerSettings
from tests.conftest import serving
from tests.web.conftest import SHAPES, VIEWS, WEB, Open, check, items

PHOTOS = {
    "An astronaut": "astronaut",
    "A cat": "cat",
    "A cup of coffee": "coffee",
    "A photographer": "photographer",
}


def test_an_example_is_tried_by_a_click(page):
    loaded = "performance.getEntriesByType('resource').map((one) => one.name.split('/').pop())"
    page.wait_for_load_state("networkidle")
    assert not {f"{name}.webp" for name in PHOTOS.values()} & set(page.evaluate(loaded)), "loaded when they are wanted"
    page.get_by_role("button", name="A cat").click()
    expect(items(page, "done").or_(items(page, "empty"))).to_have_count(1)
    expect(page.locator(".thumb-name")).to_have_text("cat.webp")
    expect(page.get_by_role("button", name="A cat")).to_be_hidden()


def test_an_example_that_cannot_be_loaded_is_said(page):
    page.route("**/coffee.webp", lambda route: route.abort())
    page.get_by_role("button", name="A cup of coffee").click()
    expect(page.locator("#notices")).to_contain_text("The server can't be reached")
    expect(page.get_by_role("button", name="Choose photos")).to_be_visible()


def test_the_line_over_the_example_is_moved(page):
    divider = page.locator("#sample").get_by_role("slider", name="Before and after")
    before, after = (page.locator(f".sample-{name}") for name in ("before", "after"))
    expect(divider).to_have_attribute("aria-valuenow", "50")
    divider.press("End")
    expect(divider).to_have_attribute("aria-valuetext", "100% before, 0% after")
    expect(before).to_have_css("clip-path", "inset(0px 0% 0px 0px)")
    expect(after).to_have_css("clip-path", "inset(0px 0px 0px 100%)")
    box = page.locator("#sample").bounding_box()
    page.mouse.move(box["x"] + box["width"], box["y"] + 20)
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", "25")


def test_formats_and_limits_are_those_of_the_server(open_page: Open, model: str):
    with serving(dataclasses.replace(ServerSettings(model, port=0), max_megapixels=12.5, max_megabytes=7)) as address:
        page = open_page(address)
        expect(page.locator("#limits")).to_contain_text("JPEG, PNG, WebP")
        expect(page.locator("#limits")).to_contain_text("up to 12.5 megapixels and 7 MB.")
        page.get_by_label("Language").select_option("de")
        expect(page.locator("#limits")).to_contain_text("bis 12,5 Megapixel und 7 MB.")


@pytest.mark.parametrize(("shape", "scheme"), VIEWS)
def test_the_start_fits_on_every_screen(open_page: Open, address, shape, scheme):
    page = open_page(address, SHAPES[shape], scheme, touch=shape in ("phone", "narrow", "on its side"))
    expect(page.locator("#limits")).to_contain_text("megapixels")
    for name in ("#choose", "#sample", "#examples"):
        expect(page.locator(name)).to_be_in_viewport()
    check(page, f"start {shape}")


def test_the_example_is_cut_out():
    """The two pictures show the same subject: where the cutout is opaque it has the colours of the photo."""
    with (
        PillowImage.open(WEB / "start" / "before.webp") as before,
        PillowImage.open(WEB / "start" / "after.webp") as after,
    ):
        photo, cutout = np.asarray(before.convert("RGB"), float), np.asarray(after.convert("RGBA"), float)
    opaque = cutout[..., 3] > 250
    assert 0.3 < opaque.mean() < 0.7
    assert np.abs(photo - cutout[..., :3])[opaque].mean() < 8
    assert sum(path.stat().st_size for path in (WEB / "start").glob("*.webp")) < 250_000
