"""Strokes of the brushes in a browser: each is seen, and is a step of its own, before the server has answered."""

import io

import numpy as np
import pytest
from PIL import Image as PillowImage
from playwright.sync_api import Page, Route, expect

from tests.web.conftest import SCENE, SIZE, add, decoded, downloaded, encoded, file, near, paint, place, scene, seen
from tests.web.waiting import eventually, expect_colour, expect_equal, expect_other_colour

SUBJECT = (250, 240, 230)
PLACES = [(90, 160), (120, 200), (150, 160)]  # in the disc, further apart than the brush reaches


class Gate:
    """Holds back what the page asks the server to cut out, until it is opened."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        self._is_open = False
        page.route("**/remove", self._take)

    def _take(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._held.append(route)

    def open(self) -> None:
        self._is_open = True
        for route in self._held:
            route.continue_()


@pytest.fixture
def painting(page: Page) -> Page:
    """The page with a picture that is cut out, and the eraser."""
    add(page, file())
    page.get_by_role("radio", name="Erase").check()
    page.locator("#brush").fill("24")
    return page


def expect_erased(page: Page, *wanted: bool) -> None:
    """Waits until each of the places, which are the subject's, is shown as taken away, or isn't."""
    expect_equal(page, lambda: [not near(seen(page, *point), SUBJECT) for point in PLACES], list(wanted))


def erase(page: Page, *points: tuple[int, int]) -> None:
    """Erases by one click at each place, and takes the brush away, which would be drawn there."""
    for point in points:
        page.mouse.click(*place(page, *point))
    page.mouse.move(*place(page, 400, 40))


def test_each_stroke_is_undone_by_itself_while_the_server_works(painting):
    undo, redo = (painting.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    first = downloaded(painting)[1]
    gate = Gate(painting)
    erase(painting, *PLACES)
    for left in (2, 1):
        undo.click()
        expect_erased(painting, *(number < left for number in range(3)))
    undo.click()
    expect(undo).to_be_disabled()
    redo.click()
    redo.click()
    expect_erased(painting, True, True, False)
    gate.open()
    expect(painting.locator(".frame")).to_have_attribute("aria-busy", "false")
    alpha = decoded(downloaded(painting)[1])[..., 3]
    assert [int(alpha[y, x]) for x, y in PLACES] == [0, 0, 255]
    undo.click()
    undo.click()
    assert downloaded(painting)[1] == first


def test_quick_strokes_are_as_many_steps(painting):
    erase(painting, *PLACES)
    expect(painting.locator(".frame")).to_have_attribute("aria-busy", "false")
    undo = painting.get_by_role("button", name="Undo")
    for left in (2, 1, 0):
        undo.click()
        alpha = decoded(downloaded(painting)[1])[..., 3]
        assert [alpha[y, x] == 0 for x, y in PLACES] == [number < left for number in range(3)]
    expect(undo).to_be_disabled()


def test_strokes_over_each_other_end_as_the_last_one_says(painting):
    gate = Gate(painting)
    erase(painting, PLACES[0])
    painting.get_by_role("radio", name="Keep").check()
    erase(painting, PLACES[0])
    expect_erased(painting, False, False, False)
    gate.open()
    expect(painting.locator(".frame")).to_have_attribute("aria-busy", "false")
    assert decoded(downloaded(painting)[1])[160, 90, 3] == 255
    painting.get_by_role("button", name="Undo").click()
    assert decoded(downloaded(painting)[1])[160, 90, 3] == 0


def test_a_choice_leaves_strokes_to_be_refined_once_it_is_undone(painting):
    first = downloaded(painting)[1]
    gate = Gate(painting)
    erase(painting, PLACES[0])
    expect(painting.locator(".frame")).to_have_attribute("aria-busy", "true")
    painting.get_by_role("radio", name="Photo", exact=True).check()
    gate.open()
    expect(painting.locator("#status")).to_contain_text("% sure")
    expect(painting.locator(".frame")).to_have_attribute("aria-busy", "false")
    expect_erased(painting, False, False, False)
    undo = painting.get_by_role("button", name="Undo")
    undo.click()
    expect_erased(painting, True, False, False)
    assert decoded(downloaded(painting)[1])[160, 90, 3] == 0
    undo.click()
    assert downloaded(painting)[1] == first


WIDE, HIGH = 4000, 3000
MOST_BYTES = 120_000  # of a usual stroke, sent and received
DIAGONAL = [(1000, 900), (1500, 1500), (2000, 2100)]  # through the subject of the photo below


def photo() -> bytes:
    """A JPEG of 12 megapixels: a bright disc on a dark ground, both with a texture and a camera's noise."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 30, (HIGH // 20, WIDE // 20, 3)).astype(np.uint8)
    texture = np.asarray(PillowImage.fromarray(coarse).resize((WIDE, HIGH), PillowImage.Resampling.BICUBIC))
    rows, columns = np.ogrid[:HIGH, :WIDE]
    disc = (rows - 1500) ** 2 + (columns - 1500) ** 2 < 1000**2
    pixels = np.where(disc[..., None], np.uint8(215), np.uint8(20)) + texture
    return encoded(pixels + random.integers(0, 8, pixels.shape).astype(np.uint8), "JPEG")


def test_a_stroke_sends_and_gets_the_part_around_it(page):
    add(page, file("photo.jpg", photo(), "image/jpeg"))
    page.get_by_role("radio", name="Erase").check()
    first, *rest = [place(page, *point, (WIDE, HIGH)) for point in DIAGONAL]
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=4)
    with page.expect_response("**/remove") as waiting:
        page.mouse.up()
    expect(page.locator("#status")).to_contain_text("The edges are refined")
    sent, received = int(waiting.value.request.header_value("content-length")), len(waiting.value.body())
    assert min(sent, received) > 1000
    assert sent + received < MOST_BYTES, (sent, received)
    alpha = decoded(downloaded(page)[1])[..., 3]
    assert alpha.shape == (HIGH, WIDE)
    assert [int(alpha[y, x]) for x, y in DIAGONAL] == [0, 0, 0]
    assert alpha[1500, 1000] == 255


def test_no_idle_time_is_waited_for(open_page, address):
    page = open_page(address)
    page.evaluate(
        "() => { HTMLCanvasElement.prototype.toBlob = () => { throw new Error('it waits for idle time'); }; }"
    )
    add(page, file())
    paint(page, "Erase", PLACES[0])
    assert decoded(downloaded(page)[1])[160, 90, 3] == 0


def test_what_is_removed_is_shown_as_somebody_wants_it(painting):
    ground, subject = (440, 30), (100, 180)
    green = scene()[ground[1], ground[0]]
    painting.get_by_role("radio", name="Colour").check()
    painting.get_by_role("button", name="Sage").click()
    painting.get_by_role("radio", name="Red").check()
    eventually(painting, lambda: seen(painting, *ground)[0], lambda red: red > 120)  # under red
    expect_colour(painting, *subject, SUBJECT)
    painting.get_by_role("radio", name="On my background").check()
    expect_colour(painting, *ground, (0xCF, 0xE3, 0xD6), 1)
    erase(painting, PLACES[0])
    expect_colour(painting, *PLACES[0], (0xCF, 0xE3, 0xD6), 1)
    painting.get_by_role("radio", name="Ghost").check()
    expect_other_colour(painting, *ground, green)
    painting.keyboard.down("o")
    expect_colour(painting, *ground, green)
    expect_colour(painting, *PLACES[0], SUBJECT)
    painting.keyboard.up("o")
    expect_other_colour(painting, *ground, green)
    painting.get_by_role("radio", name="Compare").check()
    expect(painting.get_by_role("radio", name="Ghost")).to_be_hidden()


SENT_MASKS = """() => {
    window.sentMasks = [];
    const { send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function (body) {
        window.sentMasks.push(body.get("mask"));
        return send.call(this, body);
    };
}"""


def test_what_is_left_to_the_server_is_unknown_within_the_stroke_alone(painting):
    """A disc kept too far is found again by its colours; beyond the stroke nothing changes."""
    brush = painting.locator("#brush")
    painting.get_by_role("radio", name="Keep").check()
    brush.fill("60")
    erase(painting, (182, 180))  # half of it lies beside the disc
    expect(painting.locator(".frame")).to_have_attribute("aria-busy", "false")
    kept = decoded(downloaded(painting)[1])[..., 3].astype(int)
    assert kept[180, 190] == 255
    painting.get_by_role("radio", name="Hair").check()
    brush.fill("120")
    painting.evaluate(SENT_MASKS)
    with painting.expect_response("**/remove"):
        painting.mouse.click(*place(painting, 186, 180))
    mask = bytes(painting.evaluate("window.sentMasks[0].arrayBuffer().then((data) => [...new Uint8Array(data)])"))
    levels = np.asarray(PillowImage.open(io.BytesIO(mask)).convert("RGB"))
    assert set(np.unique(levels[..., 0])) <= {0, 128, 255}
    assert 0.2 < np.mean(levels[..., 0] == 128) < 0.3, "a circle in its box"
    expect(painting.locator(".frame")).to_have_attribute("aria-busy", "false")
    found = decoded(downloaded(painting)[1])[..., 3].astype(int)
    assert found[180, 190] < 10, "the ground is found"
    assert found[180, 172] > 245, "and the disc"
    rows, columns = np.mgrid[: found.shape[0], : found.shape[1]]
    scale = painting.evaluate("document.querySelector('#percent').textContent")
    radius = 60 / (float(scale.rstrip("%")) / 100)
    outside = (rows - 180) ** 2 + (columns - 186) ** 2 > (radius + 3) ** 2
    assert np.abs(found - kept)[outside].max() <= 2
    painting.get_by_role("button", name="Undo").click()
    assert np.array_equal(decoded(downloaded(painting)[1])[..., 3], kept)


def test_a_painted_picture_keeps_one_canvas_while_another_is_shown(page):
    """Its original is read from its file again; what can be done again, or waits, needs both."""
    held = page.evaluate(
        """async (bytes) => {
            const { Picture } = await import("/static/picture/picture.js");
            const { DEFAULTS } = await import("/static/picture/settings.js");
            const file = new File([Uint8Array.from(bytes)], "disc.png", { type: "image/png" });
            const picture = new Picture(file, DEFAULTS);
            const held = () => [picture.original, picture.cutout].map(Boolean);
            await picture.cutOut();
            await picture.open();
            picture.edits.paint({ mode: "erase", radius: 10, points: [{ x: 120, y: 180 }] });
            const all = [];
            const closed = async () => (picture.close(), all.push(held()), await picture.open());
            await closed();
            await picture.edits.settle();
            picture.edits.undo();
            await closed();
            picture.edits.redo();
            await closed();
            return [...all, [picture.original.width, picture.cutout.width]];
        }""",
        list(SCENE),
    )
    assert held == [[True, True], [True, True], [False, True], [SIZE[0], SIZE[0]]]


PACKED = """async (bytes) => {
    const { Picture } = await import("/static/picture/picture.js");
    const { DEFAULTS } = await import("/static/picture/settings.js");
    const make = async () => {
        const picture = new Picture(new File([Uint8Array.from(bytes)], "disc.png", { type: "image/png" }), DEFAULTS);
        await picture.cutOut();
        await picture.open();
        picture.edits.paint({ mode: "erase", radius: 10, points: [{ x: 120, y: 180 }] });
        await picture.edits.settle();
        return picture;
    };
    const pixels = ({ cutout }) => cutout.getContext("2d").getImageData(0, 0, cutout.width, cutout.height).data;
    const [first, second] = [await make(), await make()];
    const before = pixels(first);
    first.close();
    const isKept = Boolean(first.cutout);
    const heavy = { label: "heavy", bytes: 256 * 2 ** 20 - 500_000, undo() {}, redo() {} };
    second.edits.history.push(heavy);
    while (first.cutout) await new Promise((resolve) => setTimeout(resolve, 20));
    const result = await createImageBitmap(await first.result("webp"));
    const steps = first.edits.history.done.length;
    const context = new OffscreenCanvas(result.width, result.height).getContext("2d");
    context.drawImage(result, 0, 0);
    const saved = [120, 90].map((x) => context.getImageData(x, 180, 1, 1).data[3]);
    while (first.cutout) await new Promise((resolve) => setTimeout(resolve, 20));
    await first.open();
    const after = pixels(first);
    const isSame = before.every((one, at) => one === after[at]);
    return { isKept, steps, saved, isSame, isThere: Boolean(second.cutout) };
}"""


def test_where_memory_is_wanted_a_painted_picture_is_a_file_until_it_is_shown_again(page):
    """The oldest one that isn't shown, before anything that can be undone is forgotten."""
    found = page.evaluate(PACKED, list(SCENE))
    assert found == {"isKept": True, "steps": 1, "saved": [0, 255], "isSame": True, "isThere": True}
