"""The size of the result on the page: ratios, canvases of shops and passports, and where the subject lies on them."""

import io

import numpy as np
import pytest
from PIL import Image as PillowImage
from playwright.sync_api import Page, expect

from tests.web.conftest import (
    add,
    answer,
    check,
    choose,
    decoded,
    discs,
    downloaded,
    encoded,
    file,
    open_part,
    place,
    windows,
)
from tests.web.waiting import eventually, expect_alike

DISC = encoded(discs((120, 180, 60)))


def subject_box(address: str) -> tuple[slice, slice]:
    """The rows and columns of what the server cuts out of it."""
    visible = decoded(answer(address, DISC))[..., 3] >= 26
    rows, columns = (np.flatnonzero(visible.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def choose_colour(page: Page) -> None:
    choose(page, "Colour")
    page.locator("#colour").fill("#4080c0")


@pytest.mark.parametrize(("name", "ratio"), [("Square", 1), ("4:5", 4 / 5), ("16:9", 16 / 9)])
def test_a_ratio_keeps_the_pixels_of_the_subject(page, address, name, ratio):
    add(page, file("disc.png", DISC))
    choose_colour(page)
    choose(page, name)
    rows, columns = subject_box(address)
    high, wide = rows.stop - rows.start, columns.stop - columns.start
    height = max(high, wide / ratio) / 0.9
    width, height = int(height * ratio), int(height)
    expect(page.get_by_text(f"{width} × {height} pixels.")).to_be_visible()
    data = downloaded(page)[1]
    assert data == answer(address, DISC, background="#4080c0", canvas=f"{width}x{height}", scale="0.9")
    made = decoded(data)
    assert made.shape == (height, width, 3)
    down, right = round((height - high) / 2), round((width - wide) / 2)
    whole = decoded(answer(address, DISC, background="#4080c0"))
    assert np.array_equal(made[down : down + high, right : right + wide], whole[rows, columns]), "as they were"
    expect_alike(page, made, (width, height), by=6, share=0.95)


def test_a_marketplace_wants_two_thousand_pixels_on_white(page, address):
    add(page, file("disc.png", DISC))
    choose(page, "Marketplace")
    expect(page.get_by_text("2000 × 2000 pixels. The subject is enlarged 14.")).to_be_visible()
    data = downloaded(page)[1]
    assert data == answer(address, DISC, background="#ffffff", canvas="2000x2000", scale="0.85")
    assert decoded(data).shape == (2000, 2000, 3)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("radio", name="Original", exact=True)).to_be_checked()
    expect(page.get_by_role("radio", name="None", exact=True)).to_be_checked()
    assert decoded(downloaded(page)[1]).shape == (360, 480, 4)


@pytest.mark.parametrize("background", ["Colour", "Blur"])
def test_a_shadow_an_outline_and_a_position_look_like_what_is_downloaded(page, address, background):
    add(page, file("disc.png", DISC))
    fields = {"background": "#4080c0"} if background == "Colour" else {"background": "blur:10"}
    choose_colour(page)
    choose(page, background)
    for name in ("Shadow", "Outline"):
        page.get_by_role("switch", name=name, exact=True).check()
    choose(page, "Custom")
    page.get_by_label("Width in pixels").fill("600")
    page.get_by_label("Height in pixels").fill("400")
    page.get_by_label("Height in pixels").press("Enter")
    page.get_by_label("Fill").fill("50")
    page.get_by_role("radio", name="Bottom right").check()
    data = downloaded(page)[1]
    effects = {"shadow": "true", "shadow_opacity": "0.5", "outline": "2%,#ffffff"}
    assert data == answer(address, DISC, **fields, **effects, canvas="600x400", scale="0.5", position="bottom-right")
    rows, _ = subject_box(address)
    box = rows.stop - rows.start + 2 * 2  # of the disc and its outline
    expect_alike(page, decoded(data), (600 * box / 200, 400 * box / 200), by=8, share=0.95)


def test_a_passport_says_how_large_the_head_is_to_be_and_has_its_resolution(page):
    add(page, file("disc.png", DISC))
    choose(page, "Passport")
    expect(page.get_by_text("413 × 531 pixels.")).to_contain_text("Passports want 32 to 36 mm")
    expect(page.get_by_role("radio", name="Bottom", exact=True)).to_be_checked()
    with PillowImage.open(io.BytesIO(downloaded(page)[1])) as made:
        assert made.size == (413, 531)
        assert made.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    choose_colour(page)
    chin = place(page, 5, 38 / 45 * 531, (413, 531))
    before = on_screen(page, *chin)
    choose(page, "Place")
    # the line of the chin, dashed
    eventually(
        page, lambda: [on_screen(page, chin[0] + step, chin[1]) for step in range(12)], lambda row: row != [before] * 12
    )


def on_screen(page: Page, x: float, y: float) -> list[int]:
    """The colour that is drawn at a place of the screen."""
    box = page.locator("#viewport").bounding_box()
    return page.evaluate(
        """([x, y]) => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
            resolve([...document.querySelector("#canvas").getContext("2d").getImageData(x, y, 1, 1).data]);
        })))""",
        [x - box["x"], y - box["y"]],
    )


def test_all_pictures_get_a_size_each_by_its_own_subject(page, address):
    add(page, file("disc.png", DISC), file("small.png", encoded(discs((120, 180, 60))[100:260, 40:200])))
    choose(page, "Square")
    page.get_by_role("button", name="Use this for all pictures").click()
    wide = decoded(downloaded(page)[1])
    page.get_by_role("button", name="small.png", exact=False).first.click()
    expect(page.get_by_role("radio", name="Square", exact=True)).to_be_checked()
    made = decoded(downloaded(page)[1])
    assert made.shape[0] == made.shape[1] == pytest.approx(wide.shape[0], abs=4), (
        "of the subject's box, not of the photo"
    )


def test_a_number_out_of_range_becomes_the_nearest_one(page):
    add(page, file("disc.png", DISC))
    choose(page, "Custom")
    for given, taken in (("0", "1"), ("123456", "10000"), ("99.6", "100")):
        page.get_by_label("Width in pixels").fill(given)
        page.get_by_label("Width in pixels").press("Enter")
        expect(page.get_by_label("Width in pixels")).to_have_value(taken)


def test_axe_finds_nothing_serious_in_any_shape_of_window(page):
    add(page, file("disc.png", DISC))
    choose(page, "Custom")
    for shape in windows(page):
        open_part(page, "size")
        expect(page.get_by_label("Width in pixels")).to_be_visible()
        check(page, f"{shape}, size")
