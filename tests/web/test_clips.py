"""Videos on the page: chosen for, sent, worked on by the server, watched before and after, and saved."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageOps
from playwright.sync_api import Page, expect

from background_remover.server.settings import ServerSettings
from tests.conftest import serving
from tests.server.video.test_routes import EVEN
from tests.video.clips import SIZE, clip, frames, picture
from tests.web.conftest import SHAPES, WEB, Open, check, choose, drop, encoded, file
from tests.web.waiting import eventually

KIND = "video/mp4"
TOKEN = "the-token"


@pytest.fixture(scope="module")
def videos(model: str) -> Iterator[str]:
    """The address of a server that takes videos, from those who have a token."""
    with serving(ServerSettings(model, port=0, video=True, video_seconds=2.5, token=TOKEN)) as address:
        yield address


Show = Callable[..., Page]


@pytest.fixture
def show(open_page: Open, videos: str) -> Show:
    """Opens the page of that server, where the token is given already."""

    def show(*view: object, **named: object) -> Page:
        page = open_page(videos, *view, **named)
        page.evaluate("token => sessionStorage.setItem('token', token)", TOKEN)
        return page

    return show


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return clip(tmp_path_factory.mktemp("clips") / "square.mp4").read_bytes()


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return clip(tmp_path_factory.mktemp("clips") / "long.mp4", EVEN[:74]).read_bytes()


def card(page: Page, number: int = 0):
    return page.locator(".clip").nth(number)


def saved(page: Page, path: Path) -> str:
    with page.expect_download() as waiting:
        card(page).get_by_role("button", name="Download").click()
    waiting.value.save_as(path)
    return waiting.value.suggested_filename


def seen(page: Page, tag: str) -> list[int]:
    """The colour and the alpha in the middle of a video or picture that is shown, and the alpha beside the subject.

    A video says that it has a frame before the browser can draw it: until then all of that is 0.
    """
    return page.evaluate(
        """(tag) => {
            const shown = document.querySelector(`.clip-stage ${tag}:not([hidden])`);
            const canvas = Object.assign(document.createElement("canvas"), { width: 96, height: 64 });
            const context = canvas.getContext("2d", { willReadFrequently: true });
            context.drawImage(shown, 0, 0, 96, 64);
            return [...context.getImageData(25, 32, 1, 1).data, ...context.getImageData(90, 5, 1, 1).data.slice(3)];
        }""",
        tag,
    )


def test_a_video_is_cut_out_watched_and_saved(show: Show, source: bytes, tmp_path: Path):
    page = show()
    expect(page.locator("#limits")).to_contain_text("Videos too, up to 2.5 seconds and 500 MB.")
    gone = []
    page.on("request", lambda sent: sent.method == "DELETE" and gone.append(sent.url))
    page.set_input_files("#files", [file("square.mp4", source, KIND)])
    expect(page.get_by_role("dialog", name="Videos")).to_be_visible()
    expect(page.get_by_role("button", name="Remove the background")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(page)).to_have_attribute("data-phase", "done")
    expect(card(page).get_by_role("status")).to_have_text(re.compile("^Done, .* kB$"))
    eventually(page, lambda: seen(page, "video"), lambda at: min(at[:4]) > 200 and at[4] < 10)  # it shows the alpha
    assert saved(page, tmp_path / "a.webm") == "square-cutout.webm"
    assert frames(tmp_path / "a.webm", "rgba", "libvpx-vp9")[0].shape == (8, *SIZE, 4)
    original = page.get_by_role("button", name="Original")
    original.click()
    expect(original).to_have_attribute("aria-pressed", "true")
    eventually(page, lambda: seen(page, "video"), lambda at: at[4] == 255)
    check(page, "a video that is done")
    assert len(gone) == 1, "the server is asked to keep nothing"
    page.get_by_role("button", name="Change").click()
    choose(page, "On a background")
    page.get_by_label("Background colour").fill("#c80000")
    page.get_by_role("spinbutton", name="From").fill("0.1")
    page.get_by_label("Steady edges").uncheck()
    page.get_by_role("button", name="Remove the background").click()
    expect(card(page)).to_have_attribute("data-phase", "done")
    assert saved(page, tmp_path / "a.mp4") == "square-cutout.mp4"
    found, _ = frames(tmp_path / "a.mp4")
    assert len(found) == 5
    assert np.abs(found[0, 5, 90].astype(int) - (200, 0, 0)).max() < 12


def test_a_scene_or_a_picture_lies_behind_a_video(show: Show, source: bytes, tmp_path: Path):
    page = show()
    page.set_input_files("#files", [file("square.mp4", source, KIND)])
    choose(page, "On a background")
    choose(page, "Scene")
    page.get_by_role("button", name="Leaves").click()
    expect(page.get_by_role("button", name="Leaves")).to_have_attribute("aria-pressed", "true")
    check(page, "a video's background")
    page.get_by_label("Steady edges").uncheck()
    page.get_by_role("button", name="Remove the background").click()
    expect(card(page)).to_have_attribute("data-phase", "done")
    saved(page, tmp_path / "scene.mp4")
    with PillowImage.open(WEB / "scenes" / "leaves.webp") as scene:
        wanted = np.asarray(ImageOps.fit(scene.convert("RGB"), SIZE[::-1]))[:, 60:]
    assert np.abs(frames(tmp_path / "scene.mp4")[0][0, :, 60:].astype(int) - wanted).mean() < 12

    page.get_by_role("button", name="Change").click()
    choose(page, "Picture")
    page.get_by_role("button", name="Remove the background").click()
    button = card(page).get_by_role("button", name="Choose a picture")
    expect(button).to_be_focused()
    clear, red = (encoded(np.full((9, 12, 4), (200, 0, 0, alpha), np.uint8)) for alpha in (90, 255))
    for name, data in (("clear.png", clear), ("red.png", red)):
        with page.expect_file_chooser() as chooser:
            button.click()
        chooser.value.set_files([file(name, data)])
    expect(page.get_by_role("dialog").locator(".notice.error")).to_contain_text("clear.png has transparent parts")
    page.get_by_role("button", name="Close this message").click()
    expect(card(page).locator(".background-name")).to_have_text("red.png")
    page.get_by_role("button", name="Remove the background").click()
    expect(card(page)).to_have_attribute("data-phase", "done")
    saved(page, tmp_path / "red.mp4")
    assert np.abs(frames(tmp_path / "red.mp4")[0][0, 5, 90].astype(int) - (200, 0, 0)).max() < 12
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add videos").click()
    chooser.value.set_files([file("notes.txt", b"text", "text/plain")])
    expect(page.get_by_role("dialog").locator(".notice.error")).to_contain_text("No video: notes.txt")


def test_videos_wait_for_each_other_and_are_cancelled(show: Show, source: bytes, long: bytes):
    page = show()
    drop(page, "long.mp4", long, "")
    expect(card(page)).to_be_visible()
    drop(page, "square.mp4", source, KIND)
    expect(page.locator(".clip")).to_have_count(2)
    page.get_by_role("button", name="Remove all backgrounds").click()
    expect(card(page).get_by_role("status")).to_have_text("Cutting out")
    expect(card(page, 1).get_by_role("status")).to_have_text("Waiting for the videos before it")
    expect(card(page).locator(".note").last).to_have_text(re.compile(r"^\d+ of 74 frames, .* a second, .* left$"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Videos (2)").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as answered:
        card(page).get_by_role("button", name="Cancel").click()
    assert answered.value.status == 204
    expect(card(page)).to_have_attribute("data-phase", "ready")
    expect(card(page).get_by_role("button", name="Remove the background")).to_be_focused()
    expect(card(page, 1)).to_have_attribute("data-phase", "done")
    page.get_by_role("button", name="Remove long.mp4").click()
    page.get_by_role("button", name="Remove square.mp4").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#show-videos")).to_be_hidden()


def test_failures_are_said_in_words(show: Show, tmp_path: Path):
    page = show()
    bad = {
        "text.mp4": (b"text", "Not a video"),
        "hdr.mp4": (clip(tmp_path / "hdr.mp4", curve=16).read_bytes(), "This video can't be used"),
        "long.mp4": (clip(tmp_path / "long.mp4", (0, 3 * 90000)).read_bytes(), "Too long for this server"),
    }
    page.set_input_files("#files", [file(name, data, KIND) for name, (data, _) in bad.items()])
    page.get_by_role("button", name="Remove all backgrounds").click()
    for number, (_, said) in enumerate(bad.values()):
        expect(card(page, number).get_by_role("status")).to_have_text(said)
    expect(card(page, 1).locator(".note").last).to_contain_text("HDR by PQ (SMPTE ST 2084) Convert it to MP4")
    card(page, 2).get_by_role("button", name="Change").click()
    card(page, 2).get_by_role("spinbutton", name="From").fill("2")
    card(page, 2).get_by_role("spinbutton", name="To").fill("1")
    card(page, 2).get_by_role("button", name="Remove the background").click()
    expect(card(page, 2).get_by_role("spinbutton", name="To")).to_be_focused()
    expect(card(page, 2)).to_have_attribute("data-phase", "ready")


def test_a_token_is_asked_for_and_gif_is_a_picture(open_page: Open, videos: str, source: bytes):
    page = open_page(videos)
    page.set_input_files("#files", [file("square.mp4", source, KIND)])
    choose(page, "GIF")
    expect(page.get_by_label("Keep the sound")).to_be_hidden()
    page.get_by_role("button", name="Remove the background").click()
    page.get_by_role("textbox", name="Token").fill(TOKEN)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("img", name="square.mp4, cut out")).to_be_visible()
    expect(card(page).locator(".note").last).to_contain_text("GIF has 1 bit of alpha, so edges are hard.")
    eventually(page, lambda: seen(page, "img"), lambda at: at[3:] == [255, 0])


def test_without_them_it_is_said_who_can_help(page: Page, source: bytes):
    for event in ("drop", "paste"):
        drop(page, "square.mp4", source, KIND, event)
        expect(page.locator(".notice.error").last).to_contain_text("This server takes photos only.")
    expect(page.locator("#files")).not_to_have_attribute("accept", re.compile("video"))
    page.route("**/page.json", lambda route: route.fulfill(json={"static": True, "runtime": {}}))
    page.reload()
    page.evaluate("document.querySelector('#files').accept = ''")
    page.set_input_files("#files", [file("square.mp4", source, KIND)])
    expect(page.locator(".notice.error")).to_contain_text("Videos need a server")


def test_the_dialog_fits_on_small_screens(show: Show, source: bytes):
    page = show(SHAPES["narrow"], "dark", touch=True, locale="de")
    page.set_input_files("#files", [file("square.mp4", source, KIND), file("another.mp4", source, KIND)])
    start = card(page, 1).get_by_role("button", name="Hintergrund entfernen")
    start.scroll_into_view_if_needed()
    expect(start).to_be_in_viewport(ratio=1)
    assert start.bounding_box()["height"] >= 44
    check(page, "videos on a narrow screen")


def test_a_video_that_this_browser_cannot_play_can_be_sent(show: Show, tmp_path: Path):
    """As most can't play FFV1."""
    path = tmp_path / "exact.mkv"
    with av.open(str(path), "w") as output:
        video = output.add_stream("ffv1", rate=30)
        video.width, video.height, video.pix_fmt = SIZE[1], SIZE[0], "bgr0"
        for number in range(3):
            output.mux(video.encode(av.VideoFrame.from_ndarray(picture(number), format="rgb24")))
        output.mux(video.encode(None))
    page = show()
    page.set_input_files("#files", [file("exact.mkv", path.read_bytes(), "")])
    expect(page.locator(".clip-stage.unknown")).to_be_visible()
    page.get_by_role("button", name="Remove the background").click()
    expect(card(page)).to_have_attribute("data-phase", "done")
    eventually(page, lambda: seen(page, "video"), lambda at: at[3] > 0 and at[4] < 10)
