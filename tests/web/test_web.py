"""The page in a real browser, against a real server: what somebody does with it, and what comes out."""

import base64
import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image as PillowImage
from playwright.sync_api import Route, expect

from background_remover.server.settings import ServerSettings
from tests.conftest import serving
from tests.web.conftest import (
    DESKTOP,
    FOG,
    GREY,
    PHONE,
    SCENE,
    SIZE,
    WEB,
    add,
    answer,
    check,
    decoded,
    downloaded,
    drop,
    encoded,
    file,
    items,
    open_part,
    paint,
    place,
    scene,
    seen,
)
from tests.web.waiting import eventually, expect_alike, expect_colour, expect_other_colour

# --- Pictures come in -----------------------------------------------------------------------------------------------


def test_a_dropped_photo_is_shown_cut_out(page, address):
    drop(page, "disc.png", SCENE, "image/png", "dragenter")
    expect(page.get_by_text("Drop to add")).to_be_visible()
    drop(page, "disc.png", SCENE, "image/png")
    expect(page.get_by_text("Drop to add")).to_be_hidden()
    expect(items(page, "done")).to_have_count(1)
    expect(page.locator("#facts")).to_contain_text("% sure")
    page.locator("#divider").press("Home")  # all of it as it is after
    expect_colour(page, 120, 180, (250, 240, 230))
    # the chequerboard is grey, the ground isn't
    eventually(page, lambda: np.ptp(seen(page, 440, 30)), lambda apart: apart < 8)
    name, data = downloaded(page)
    assert name == "disc-cutout.png"
    assert data == answer(address)


def test_folders_and_files_are_dropped_by_the_mouse(page, tmp_path):
    (tmp_path / "photos" / "more").mkdir(parents=True)
    for name in ("photos/b.png", "photos/more/c.png", "a.png"):
        (tmp_path / name).write_bytes(SCENE)
    (tmp_path / "photos" / "notes.txt").write_text("no picture, and so not taken out of a folder")
    mouse = page.context.new_cdp_session(page)
    held = {"items": [], "files": [str(tmp_path / "photos"), str(tmp_path / "a.png")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        mouse.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 400, "data": held})
    expect(items(page, "done")).to_have_count(3)
    expect(page.locator(".thumb-name")).to_have_text(["a.png", "b.png", "c.png"])


def test_a_picture_is_pasted(page):
    drop(page, "image.png", SCENE, "image/png", "paste")
    expect(items(page, "done")).to_have_count(1)


def test_pictures_are_chosen_in_the_system_dialog(page):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose photos").click()
    assert chooser.value.is_multiple()
    chooser.value.set_files([file("one.png"), file("two.png")])
    expect(items(page, "done")).to_have_count(2)


def test_a_photo_is_taken_where_there_is_a_camera(open_page, address):
    page = open_page(address, PHONE, touch=True)
    expect(page.locator("#camera-file")).to_have_attribute("capture", "environment")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take a photo").tap()
    chooser.value.set_files([file("photo.jpg", encoded(scene(), "JPEG"), "image/jpeg")])
    expect(items(page, "done")).to_have_count(1)


def test_a_picture_the_browser_cant_read_is_shown_by_the_server(page, address):
    data = encoded(scene(), "TIFF")
    add(page, file("disc.tif", data, "image/tiff"))
    expect_colour(page, 60, 30, (20, 60, 40))  # before
    assert downloaded(page)[1] == answer(address, data, format="png")


def test_a_photo_taken_sideways_is_upright(page):
    buffer = io.BytesIO()
    exif = PillowImage.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    PillowImage.fromarray(np.rot90(scene())).save(buffer, "JPEG", exif=exif, quality=95)
    add(page, file("disc.jpg", buffer.getvalue(), "image/jpeg"))
    expect_colour(page, 60, 30, (20, 60, 40))
    page.locator("#divider").press("Home")
    expect_colour(page, 120, 180, (250, 240, 230))
    assert decoded(downloaded(page)[1]).shape == (360, 480, 4)


# --- Before and after, near and far ---------------------------------------------------------------------------------


def test_the_line_between_before_and_after_moves(page):
    add(page, file())
    divider = page.get_by_role("slider", name="Before and after")
    expect(divider).to_have_attribute("aria-valuenow", "50")
    ground = (20, 60, 40)
    expect_colour(page, 60, 30, ground)
    expect_other_colour(page, 440, 30, ground)

    divider.hover()
    page.mouse.down()
    page.mouse.move(*place(page, 460, 180), steps=5)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", re.compile("^9[4-7]$"))
    expect_colour(page, 440, 30, ground)

    for key, value in [("Home", 0), ("ArrowRight", 2), ("PageUp", 12), ("Shift+ArrowLeft", 2), ("End", 100)]:
        divider.press(key)
        expect(divider).to_have_attribute("aria-valuenow", str(value))
    expect(divider).to_have_attribute("aria-valuetext", "100% before, 0% after")


def test_it_is_zoomed_and_moved(page):
    add(page, file())
    percent = page.locator("#percent")
    whole = percent.inner_text()
    number = lambda: int(re.sub(r"\D", "", percent.inner_text()))  # noqa: E731

    page.mouse.move(*place(page, 120, 180))
    before = number()
    page.mouse.wheel(0, -200)
    expect(percent).not_to_have_text(whole)
    eventually(page, number, lambda percent: percent > before)
    expect_colour(page, 120, 180, (250, 240, 230))  # what is under the pointer stays there

    page.mouse.down()
    page.mouse.move(*place(page, 300, 180), steps=4)
    page.mouse.up()
    expect_colour(page, 120, 180, (20, 60, 40))

    viewport = page.locator("#viewport")
    viewport.press("0")
    expect(percent).to_have_text(whole)
    viewport.press("+")
    expect(percent).not_to_have_text(whole)
    eventually(page, number, lambda percent: percent > before)
    viewport.press("-")
    expect(percent).to_have_text(whole)
    viewport.press("ArrowRight")
    page.get_by_role("button", name="Show the whole picture").click()
    expect_colour(page, 60, 30, (20, 60, 40))


def test_one_finger_paints_and_two_zoom(open_page, address):
    page = open_page(address, PHONE, touch=True)
    add(page, file())
    page.get_by_role("radio", name="Erase").check()
    page.locator("#viewport").scroll_into_view_if_needed()
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        held = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": held})

    percent = page.locator("#percent")
    whole = percent.text_content()
    x, y = place(page, 240, 180)
    fingers("touchStart", (x - 20, y))
    fingers("touchStart", (x - 20, y), (x + 20, y))
    fingers("touchMove", (x - 40, y), (x + 40, y))
    fingers("touchEnd")
    expect(percent).not_to_have_text(whole)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()  # they painted nothing
    page.get_by_role("button", name="Show the whole picture").click()
    expect(percent).to_have_text(whole)
    fingers("touchStart", place(page, 90, 180))
    with page.expect_response("**/remove"):
        fingers("touchEnd")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    assert decoded(downloaded(page)[1])[180, 90, 3] == 0


# --- What is made of it ---------------------------------------------------------------------------------------------


def test_a_colour_behind(page, address):
    add(page, file())
    page.get_by_role("radio", name="Colour").check()
    page.get_by_role("button", name="Sage").click()
    expect(page.get_by_role("button", name="Sage")).to_have_attribute("aria-pressed", "true")
    expect_colour(page, 440, 30, (0xCF, 0xE3, 0xD6), 1)
    assert downloaded(page)[1] == answer(address, background="#cfe3d6")
    page.locator("#colour").fill("#123456")
    expect_colour(page, 440, 30, (0x12, 0x34, 0x56), 1)
    assert downloaded(page)[1] == answer(address, background="#123456")


def test_a_picture_behind(page, address):
    add(page, file())
    behind = np.zeros((200, 200, 3), np.uint8)
    behind[:, 100:] = (0, 90, 220)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("radio", name="Picture").check()
    chooser.value.set_files([file("beach.png", encoded(behind))])
    expect(page.get_by_text("beach.png")).to_be_visible()
    expect_colour(page, 440, 30, (0, 90, 220), 1)
    assert downloaded(page)[1] == answer(address, background=encoded(behind))


def test_a_picture_with_clear_parts_is_no_background(page):
    add(page, file())
    with page.expect_file_chooser() as chooser:
        page.get_by_role("radio", name="Picture").check()
    chooser.value.set_files([file("hole.png", encoded(np.zeros((20, 20, 4), np.uint8)))])
    expect(page.locator("#alert")).to_contain_text("hole.png has transparent parts")


@pytest.mark.parametrize("crop", [False, True])
def test_blur_shadow_and_crop_look_like_what_is_downloaded(page, address, crop):
    add(page, file())
    page.get_by_role("radio", name="Blur").check()
    page.get_by_role("switch", name="Shadow", exact=True).check()
    page.locator("#shadow-opacity").fill("0.8")
    page.get_by_role("switch", name="Crop to the subject").set_checked(crop)
    fields = {"background": "blur:10", "shadow": "true", "shadow_opacity": "0.8"}
    fields |= {"crop": "true", "margin": "5%"} if crop else {}
    data = downloaded(page)[1]
    assert data == answer(address, **fields)
    expect_alike(page, decoded(data), by=6, share=0.97)


@pytest.mark.parametrize(("label", "suffix", "kind"), [("WebP", "webp", "WEBP"), ("JPEG", "jpg", "JPEG")])
def test_other_formats(page, address, label, suffix, kind):
    add(page, file())
    page.get_by_role("radio", name=label).check()
    name, data = downloaded(page)
    assert name == f"disc-cutout.{suffix}"
    white = {"background": "white"} if kind == "JPEG" else {}
    assert data == answer(address, format=suffix, **white)
    expect(page.get_by_text("JPEG holds no transparency")).to_be_visible(visible=bool(white))
    with PillowImage.open(io.BytesIO(data)) as picture:
        assert picture.format == kind


def test_it_is_copied(open_page, address):
    page = open_page(address)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    add(page, file())
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied.", exact=True).first).to_be_visible()
    copied = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const blob = await item.getType("image/png");
            return new Promise((resolve) => {
                const reader = new FileReader();
                reader.onload = () => resolve(reader.result);
                reader.readAsDataURL(blob);
            });
        }"""
    )
    pixels, wanted = decoded(base64.b64decode(copied.partition(",")[2])), decoded(answer(address))
    assert np.array_equal(pixels[..., 3], wanted[..., 3])
    solid = wanted[..., 3] == 255
    assert np.array_equal(pixels[solid], wanted[solid])


# --- The brushes ----------------------------------------------------------------------------------------------------


def test_what_is_kept_by_a_rough_stroke_gets_the_edges_of_the_picture(page, address):
    add(page, file())
    first = decoded(downloaded(page)[1])[..., 3] / 255
    paint(page, "Keep", (350, 180))  # a disc of 40 pixels on a square whose half side is 32
    data = downloaded(page)[1]
    alpha = decoded(data)[..., 3] / 255
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    far = np.hypot(rows - 180, columns - 350)
    square = np.maximum(abs(rows + 0.5 - 180), abs(columns + 0.5 - 350))
    assert alpha[(square < 31) & (far < 40)].min() > 0.8
    assert alpha[(square > 33) & (far < 39)].mean() < 0.15, "painted over, and yet not of the square"
    assert np.array_equal(alpha[:, :240], first[:, :240]), "nothing else has changed"
    mask = encoded((alpha * 255).round().astype(np.uint8))
    assert data == answer(address, mask=mask), "what is shown is what the server makes of this mask"


def test_strokes_are_undone_and_done_again(page):
    add(page, file())
    undo, redo = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Redo")
    expect(undo).to_be_disabled()
    first = downloaded(page)[1]
    paint(page, "Erase", (80, 180), (100, 180))
    erased = downloaded(page)[1]
    assert decoded(first)[180, 90, 3] == 255
    assert decoded(erased)[180, 90, 3] == 0
    page.get_by_role("switch", name="Shadow", exact=True).check()
    undo.click()
    expect(page.get_by_role("switch", name="Shadow", exact=True)).not_to_be_checked()
    undo.click()
    expect(undo).to_be_disabled()
    assert downloaded(page)[1] == first
    page.keyboard.press("Control+Shift+Z")
    assert downloaded(page)[1] == erased
    redo.click()
    expect(page.get_by_role("switch", name="Shadow", exact=True)).to_be_checked()
    expect(redo).to_be_disabled()


def test_a_stroke_by_keys(page):
    add(page, file())
    page.get_by_role("radio", name="Erase").check()
    viewport = page.locator("#viewport")
    for _ in range(16):
        viewport.press("ArrowLeft")  # from the middle, by half the brush's radius each
    viewport.press("Space")
    viewport.press("ArrowLeft")
    with page.expect_response("**/remove"):
        viewport.press("Space")
    expect(page.locator("#status")).to_contain_text("The edges are refined")
    alpha = decoded(downloaded(page)[1])[..., 3]
    assert alpha[180, 150] == 0
    assert alpha[180, 90] == 255


def test_a_picture_half_clear_keeps_its_own_opacity_under_the_brush(page):
    pixels = np.dstack([scene(), np.full((SIZE[1], SIZE[0]), 255, np.uint8)])
    pixels[150:210, 90:110, 3] = 100
    add(page, file(data=encoded(pixels)))
    first = decoded(downloaded(page)[1])[..., 3]
    paint(page, "Keep", (350, 180))
    alpha = decoded(downloaded(page)[1])[..., 3]
    assert abs(alpha[155:205, 95:105].astype(int) - first[155:205, 95:105]).max() <= 2
    assert first[180, 100] == pytest.approx(100, abs=2)
    assert alpha[180, 350] == 255


def test_a_stroke_waits_where_the_server_fails(page):
    add(page, file())
    page.route("**/remove", lambda route: route.fulfill(status=500, json={"error": {"code": "unexpected"}}))
    page.get_by_role("radio", name="Erase").check()
    page.mouse.click(*place(page, 90, 180))
    expect(page.locator("#alert")).to_contain_text("The edges couldn't be refined")
    page.unroute("**/remove")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#status")).to_contain_text("The edges are refined")
    assert decoded(downloaded(page)[1])[180, 90, 3] == 0


# --- Several --------------------------------------------------------------------------------------------------------


def test_several_at_once_each_with_its_progress(page, address):
    held: list[Route] = []
    is_open = False

    def gate(route: Route) -> None:
        if is_open:
            route.continue_()
        else:
            held.append(route)

    page.route("**/remove", gate)
    small = encoded(scene()[60:300, 20:260])
    page.set_input_files("#files", [file("a.png"), file("b.png", small), file("a.png", small), file("c.png")])
    bars = page.locator("#strip progress")
    expect(bars).to_have_count(4)
    for number, name in enumerate(["a.png", "b.png", "a.png", "c.png"]):
        expect(bars.nth(number)).to_be_visible()
        expect(bars.nth(number)).to_have_attribute("aria-label", name)
    expect(items(page, "waiting")).to_have_count(2)  # two at a time
    is_open = True
    for route in held:
        route.continue_()
    expect(items(page, "done")).to_have_count(4)
    expect(page.locator("#strip progress:visible")).to_have_count(0)

    page.locator("#strip .thumb").nth(1).click()
    page.get_by_role("radio", name="Colour").check()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download all").click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a-cutout.png", "b-cutout.png", "a-cutout-2.png", "c-cutout.png"]
        data = [archive.read(name) for name in archive.namelist()]
    plain, white = answer(address), answer(address, small, background="#ffffff")
    assert data == [plain, white, answer(address, small), plain]

    page.get_by_role("button", name="Use this for all pictures").click()
    page.locator("#strip .thumb").nth(3).click()
    expect(page.get_by_role("radio", name="Colour")).to_be_checked()
    assert downloaded(page)[1] == answer(address, background="#ffffff")


def test_a_picture_is_taken_out(page):
    add(page, file("one.png"), file("two.png"))
    page.get_by_role("button", name="Remove one.png").click()
    expect(page.locator("#strip li")).to_have_count(1)
    expect(page.get_by_role("button", name="two.png", exact=False).first).to_be_focused()
    page.get_by_role("button", name="Remove two.png").click()
    expect(page.get_by_role("button", name="Choose photos")).to_be_focused()


def test_a_zip_is_one_that_others_read(page):
    names = ["größe 😀.png", "a.png", "A.png", "a.png", "none"]
    held = page.evaluate(
        """async (names) => {
            const { zip } = await import("/static/files/zip.js");
            const files = names.map((name, index) => ({ name, blob: new Blob(["x".repeat(index * 70000)]) }));
            const bytes = new Uint8Array(await (await zip(files, new Date(2024, 1, 29, 13, 5, 8))).arrayBuffer());
            let text = "";
            for (const byte of bytes) text += String.fromCharCode(byte);
            return btoa(text);
        }""",
        names,
    )
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(held))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["größe 😀.png", "a.png", "A-2.png", "a-3.png", "none"]
        assert archive.read("a-3.png") == b"x" * 210000
        assert {one.date_time for one in archive.infolist()} == {(2024, 2, 29, 13, 5, 8)}


# --- What goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "kind", "title"),
    [
        ("broken.png", SCENE[:600], "image/png", "This file can't be used"),
        ("notes.jpg", b"not a picture", "image/jpeg", "This file can't be used"),
        ("notes.txt", b"not a picture", "text/plain", "Not a picture"),
    ],
)
def test_a_file_that_is_no_picture(page, name, data, kind, title):
    page.set_input_files("#files", [file(name, data, kind)])
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.locator("#alert")).to_contain_text(name)
    expect(items(page, "failed")).to_contain_text(title)
    expect(page.get_by_role("button", name="Download", exact=True)).to_be_disabled()
    add(page, file(), done=1)  # the others go on
    page.locator("#strip .thumb").first.click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator("#strip li")).to_have_count(1)


def test_no_subject_is_said_and_can_be_marked(page):
    page.set_input_files("#files", [file("wall.png", GREY)])
    expect(page.get_by_role("heading", name="No subject found")).to_be_visible()
    page.get_by_role("button", name="Mark the subject").click()
    expect(page.locator("#viewport")).to_be_focused()
    x, y = place(page, 60, 45, (120, 90))
    page.mouse.click(x, y)
    expect(page.locator("#status")).to_contain_text("The edges are refined")
    expect(page.locator("#facts")).to_have_text("Marked by hand")
    alpha = decoded(downloaded(page)[1])[..., 3]
    assert alpha[45, 60] == 255
    assert alpha[5, 5] == 0


def test_an_unsure_cutout_is_shown_and_said(page, address):
    add(page, file("fog.png", FOG))
    facts = page.locator("#facts")
    expect(facts).to_have_text(
        "Unsure of the subject, 56% sure: look it over, choose what stays, or mend it with the brushes"
    )
    expect(facts).to_have_class("facts unsure")
    expect(items(page, "done")).to_contain_text("Unsure")
    expect(page.locator("#card")).to_be_hidden()
    assert downloaded(page)[1] == answer(address, FOG)
    page.get_by_role("radio", name="Erase").check()
    page.mouse.click(*place(page, 60, 45, (120, 90)))
    expect(page.locator("#status")).to_contain_text("The edges are refined")
    expect(items(page, "done")).to_contain_text("Done")  # somebody has looked
    expect(facts).to_have_class("facts")
    page.get_by_role("button", name="Undo").click()
    expect(items(page, "done")).to_contain_text("Unsure")
    add(page, file(), done=2)
    expect(facts).to_have_class("facts")


def test_no_subject_can_be_cut_out_even_so(page, address):
    page.set_input_files("#files", [file("wall.png", GREY)])
    page.get_by_role("button", name="Cut it out anyway").click()
    expect(items(page, "done")).to_have_count(1)
    assert downloaded(page)[1] == answer(address, GREY, allow_empty="true")


def test_a_server_that_is_gone_and_comes_back(open_page, model):
    with serving(ServerSettings(model, port=0)) as address:
        page = open_page(address)
        add(page, file("one.png"))
    page.set_input_files("#files", [file("two.png")])
    expect(page.get_by_role("heading", name="The server can't be reached")).to_be_visible()
    page.locator("#strip .thumb").first.click()
    page.get_by_role("switch", name="Shadow", exact=True).check()
    page.get_by_role("button", name="Download", exact=True).click()
    expect(page.locator(".notice.error")).to_contain_text("The server can't be reached")
    page.locator("#strip .thumb").nth(1).click()
    port = int(address.rpartition(":")[2])
    with serving(ServerSettings(model, port=port)):
        expect(items(page, "done")).to_have_count(2)


def test_a_busy_server_is_asked_again(page):
    refusals = iter(["1"])

    def once(route: Route) -> None:
        after = next(refusals, None)
        if after is None:
            route.continue_()
        else:
            error = {"error": {"code": "busy", "message": "as many pictures wait as may"}}
            route.fulfill(status=503, headers={"Retry-After": after}, json=error)

    page.route("**/remove", once)
    page.set_input_files("#files", [file()])
    expect(page.get_by_text("Server busy, again in 1 s")).to_be_visible()
    expect(items(page, "done")).to_have_count(1)


def test_a_picture_that_is_too_large(open_page, model):
    noise = np.random.default_rng(1).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    with serving(ServerSettings(model, port=0, max_megabytes=0.1, max_megapixels=0.1)) as address:
        page = open_page(address)
        page.set_input_files("#files", [file("noise.png", encoded(noise))])
        title = re.compile("Too large for this server|The server broke off")
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        page.set_input_files("#files", [file("wide.png")])  # of few bytes and many pixels
        expect(page.get_by_role("heading", name="Too large for this server")).to_be_visible()


def test_a_server_that_asks_for_a_token(open_page, model):
    with serving(ServerSettings(model, port=0, token="open sesame")) as address:
        page = open_page(address)
        page.set_input_files("#files", [file("one.png"), file("two.png")])
        field = page.get_by_label("Token", exact=True)
        expect(field).to_be_focused()
        field.fill("wrong")
        field.press("Enter")
        expect(page.get_by_text("The server doesn't take this token")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("heading", name="A token is needed")).to_be_visible()
        page.locator("#card").get_by_role("button", name="Try again").click()
        field.fill("open sesame")
        field.press("Enter")
        expect(items(page, "done")).to_have_count(1)
        page.locator("#strip .thumb").nth(1).click()
        page.locator("#card").get_by_role("button", name="Try again").click()  # and isn't asked again
        expect(items(page, "done")).to_have_count(2)


# --- For everybody --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_serious_and_nothing_sticks_out(open_page, address, viewport, scheme):
    page = open_page(address, viewport, scheme)
    check(page, "empty")
    add(page, file(), file("a picture with quite a long name, as cameras and people give.png"))
    check(page, "cut out")
    open_part(page, "background")
    page.get_by_role("radio", name="Colour", exact=True).check()
    for part, role, name in [("effects", "switch", "Shadow"), ("size", "switch", "Crop to the subject")]:
        open_part(page, part)
        page.get_by_role(role, name=name, exact=True).check()
    page.get_by_role("radio", name="Keep", exact=True).check()
    check(page, "all choices open")
    add(page, file("fog.png", FOG), done=3)
    expect(page.locator("#facts")).to_have_class("facts unsure")
    check(page, "unsure")
    page.set_input_files("#files", [file("notes.jpg", b"not a picture", "image/jpeg")])
    expect(items(page, "failed")).to_have_count(1)
    check(page, "failed")
    expect(page.get_by_role("button", name="Download", exact=True)).to_be_in_viewport()


def test_all_of_it_is_reached_by_the_tab_key(page):
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the picture")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="Language")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Choose photos")).to_be_focused()
    add(page, file())
    for name in ("Colour", "Shadow", "Crop to the subject"):
        page.get_by_role("radio" if name == "Colour" else "switch", name=name, exact=True).check()
    page.get_by_role("link", name="Skip to the picture").focus()
    page.keyboard.press("Shift+Tab")
    reached: list[str] = []
    while len(reached) < 60:
        page.keyboard.press("Tab")
        name, is_seen = page.evaluate(FOCUS)
        if not name or name in reached[:1]:
            break
        assert is_seen, name
        reached.append(name)
    order = "add-more compare undo farther closer whole viewport divider thumb remove colour Sage colour shadow"
    wanted = ["skip", "keyboard", "language", *order.split(), "crop", "margin", "png", "download", "copy"]
    assert [name for name in reached if name in wanted] == wanted, reached


# What has the focus, by any name, and whether that can be seen.
FOCUS = """() => {
    const at = document.activeElement;
    if (at === document.body) return ["", true];
    const marked = at.matches(".choice input") ? at.nextElementSibling : at.matches(".divider") ? at.firstElementChild :
        at.closest(".own-colour") ?? at;
    const name = at.type === "radio" ? at.value : at.id || at.ariaLabel?.split(" ")[0].toLowerCase() || at.className;
    return [name.replace("sage", "Sage"), getComputedStyle(marked).outlineStyle !== "none"];
}"""


def test_what_happens_is_told_to_those_who_dont_see_it(page):
    said = page.locator("#status")
    expect(said).to_have_role("status")
    expect(page.locator("#alert")).to_have_role("alert")
    add(page, file("cat.png"))
    expect(said).to_contain_text("cat.png is cut out")
    expect(said).to_contain_text("% sure")


def test_nothing_moves_for_those_who_ask_for_that(browser, address, open_page):
    page = open_page(address)
    page.emulate_media(reduced_motion="reduce")
    page.route("**/remove", lambda route: None)
    page.set_input_files("#files", [file()])
    expect(page.locator("#card progress")).to_be_visible()
    expect(page.locator("#card progress")).to_have_css("animation-name", "none")


# --- The files ------------------------------------------------------------------------------------------------------

TEXTS = [path for path in sorted(WEB.rglob("*.*")) if path.suffix not in {".ico", ".png", ".webp"}]


def test_its_files_name_no_other_place():
    for path in TEXTS:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|//cdn", text), path.name


def test_its_files_name_only_files_that_are_there():
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r'(?:from|import\(|URL\()\s*"(\.{1,2}/[\w./-]+\.js)"', text):
            is_written = name == "../../sw.js"  # by the command that makes the site without a server
            assert is_written or (path.parent / name).is_file(), (path.name, name)
        for name in re.findall(r'"static/([\w./-]+)["#]', text):
            assert (WEB / name).is_file(), (path.name, name)


def test_its_markup_obeys_the_policy_and_names_each_part_once():
    text = (WEB / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]* src=)", text)
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'(?:\sfor|aria-labelledby|aria-describedby)="([^"]+)"|href="#([^"]+)"', text))
    assert {one for pair in used for name in pair for one in name.split() if one} <= set(ids)


LISTS = {"french.js", "german.js", "spanish.js"}  # a line for each text of the page, and nothing else


def test_its_files_are_short():
    for path in TEXTS:
        if path.name in LISTS:
            continue
        limit = 320 if path.suffix == ".html" else 250
        assert len(path.read_text(encoding="utf-8").splitlines()) <= limit, path.name
    for folder in {path.parent for path in TEXTS}:
        assert sum(path.parent == folder for path in TEXTS) <= 14, folder.name
