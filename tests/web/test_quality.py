"""The quality of lossy files: the server's own to begin with, another by a slider, and the bytes that the file has."""

import httpx
import pytest
from playwright.sync_api import expect

from background_remover.imaging.formats import WRITTEN
from tests.web.conftest import SHAPES, Open, add, answer, check, downloaded, file, open_part

QUALITY = {one.written[0].removeprefix("."): one.quality for one in WRITTEN if one.quality}


def test_formats_begin_with_their_own_quality(page, address):
    add(page, file())
    slider = page.get_by_role("slider", name="Quality")
    expect(slider).to_be_hidden()
    for label, name in (("WebP", "webp"), ("JPEG", "jpg")):
        page.get_by_role("radio", name=label).check()
        expect(slider).to_have_value(str(QUALITY[name]))
    assert downloaded(page)[1] == answer(address, format="jpg", background="white")
    page.get_by_role("radio", name="PNG").check()
    expect(slider).to_be_hidden()


@pytest.mark.parametrize(
    ("label", "fields"), [("WebP", {"format": "webp"}), ("JPEG", {"format": "jpg", "background": "white"})]
)
def test_another_quality_makes_another_file_whose_size_is_shown(page, address, label, fields):
    add(page, file())
    page.get_by_role("radio", name=label).check()
    page.get_by_role("slider", name="Quality").fill("30")
    wanted = answer(address, quality="30", **fields)
    assert wanted != answer(address, **fields)
    expect(page.locator("#file-size")).to_contain_text(f"has {len(wanted) / 1000:.3g} kB")
    assert downloaded(page)[1] == wanted
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("slider", name="Quality")).to_have_value(str(QUALITY[fields["format"]]))
    assert downloaded(page)[1] == answer(address, **fields)


def test_the_file_is_asked_for_once_and_only_where_its_size_is_shown(page):
    asked = []
    page.on("request", lambda sent: sent.url.endswith("/remove") and asked.append(sent))
    add(page, file())
    page.get_by_role("radio", name="Colour", exact=True).check()
    page.wait_for_timeout(1500)
    assert len(asked) == 1, "a PNG has no quality"
    page.get_by_role("radio", name="JPEG").check()
    for value in ("60", "50", "40"):
        page.get_by_role("slider", name="Quality").fill(value)
    expect(page.locator("#file-size")).to_contain_text("kB")
    downloaded(page)
    assert len(asked) == 2


def test_the_server_says_what_it_reads_and_its_limits(address):
    told = httpx.get(f"{address}/page.json").json()
    assert {"JPEG", "PNG", "WebP", "AVIF", "TIFF", "GIF", "BMP"} <= set(told["formats"])
    assert told["max_megapixels"] == 50
    assert told["max_megabytes"] == 64
    assert told["quality"] == QUALITY


def test_the_quality_is_in_reach_on_a_small_screen(open_page: Open, address):
    page = open_page(address, SHAPES["narrow"], touch=True)
    add(page, file())
    open_part(page, "save")
    page.get_by_role("radio", name="JPEG").check()
    expect(page.get_by_role("slider", name="Quality")).to_be_visible()
    check(page, "quality")
