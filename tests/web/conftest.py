"""A server, a browser and pictures for the tests of the page, and what somebody does with them."""

import base64
import contextlib
import dataclasses
import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image as PillowImage
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Worker, expect, sync_playwright

import background_remover
from background_remover.errors import Error
from background_remover.server.settings import ServerSettings
from background_remover.static_site.onnxruntime_web import FILES, URL, runtime_files
from tests.conftest import CARD, model_maker, serving
from tests.web.scripts import limited

WEB = Path(background_remover.__file__).parent / "web"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""In the order of preference: the shell has no windows, and opens a page in half the time."""
PATIENCE = 30_000  # milliseconds, for machines that do much else
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SHAPES = {
    "wide": {"width": 1440, "height": 900},
    "middle": {"width": 1024, "height": 768},
    "on its side": {"width": 844, "height": 390},
    "phone": {"width": 390, "height": 844},
    "narrow": {"width": 320, "height": 640},
}
VIEWS = [(shape, ("light", "dark")[number % 2]) for number, shape in enumerate(SHAPES)]
"""Every window once and both schemes: a fault of colours doesn't depend on the window's size."""
SIZE = (480, 360)  # of the picture below: width, height
EDGE = 24  # pixels that the view leaves free around a picture
LARGEST_FIT = 4

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tiny model, which here finds no subject where nothing is bright, and is unsure where all is half bright."""
    folder = tmp_path_factory.mktemp("models")
    return str(model_maker(folder)(metadata=dataclasses.replace(CARD, empty_below=0.2, unsure_below=0.7).to_metadata()))


@pytest.fixture(scope="package")
def address(model: str) -> Iterator[str]:
    with serving(ServerSettings(model, port=0)) as address:
        yield address


def browser_path() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = browser_path()
    if path is None:
        said = "these tests need Chromium: apt-get install chromium-headless-shell, or chromium"
        if os.environ.get("NEEDS_CHROMIUM"):  # as where .ci/run has installed it
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        for kind in (Page, Worker):
            patch.setattr(kind, "evaluate", limited(kind.evaluate, PATIENCE))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def whole_engine() -> dict[str, bytes]:
    """The files of onnxruntime-web, from the registry or what ONNXRUNTIME_WEB names: an address, a file, a folder."""
    source = os.environ.get("ONNXRUNTIME_WEB", URL)
    for _ in range(2):  # a registry may be out of breath
        with contextlib.suppress(Error):
            return runtime_files(source, webgpu=True)
    try:
        return runtime_files(source, webgpu=True)
    except Error as error:
        if os.environ.get("NEEDS_CHROMIUM"):
            pytest.fail(str(error))
        pytest.skip(f"this test needs onnxruntime-web: {error}")


@pytest.fixture(scope="session")
def engine(whole_engine: dict[str, bytes]) -> dict[str, bytes]:
    """Those of them that a site without WebGPU has."""
    return {name: whole_engine[name] for name in FILES}


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens the page of an address, and in the end sees to it that it asked nobody else and broke no rule."""
    contexts: list[BrowserContext] = []
    wrongs: list[str] = []

    def open_page(
        address: str,
        viewport: dict[str, int] = DESKTOP,
        scheme: str = "light",
        touch: bool = False,
        locale: str = "en-GB",
    ) -> Page:
        context = browser.new_context(
            viewport=viewport, color_scheme=scheme, has_touch=touch, accept_downloads=True, locale=locale
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: wrongs.append(f"{error}"))
        page.on("console", lambda said: "Content Security Policy" in said.text and wrongs.append(said.text))
        page.on("request", lambda sent: sent.url.startswith((address, "blob:", "data:")) or wrongs.append(sent.url))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrongs


@pytest.fixture
def page(open_page: Open, address: str) -> Page:
    return open_page(address)


@pytest.fixture(scope="package")
def blank(browser: Browser, address: str) -> Iterator[Page]:
    """An empty page that may import the page's modules."""
    page = browser.new_page()
    page.goto(f"{address}/health")
    yield page
    page.close()


def scene() -> np.ndarray:
    """A white disc, which the tiny network takes for the subject, and a brown square, which it doesn't."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    pixels = np.empty((SIZE[1], SIZE[0], 3), np.uint8)
    pixels[:] = (20, 60, 40)
    pixels[(rows - 180) ** 2 + (columns - 120) ** 2 < 60**2] = (250, 240, 230)
    pixels[148:212, 318:382] = (150, 70, 40)
    return pixels


def discs(*circles: tuple[int, int, int]) -> np.ndarray:
    """Bright discs (x, y, radius), which the tiny network takes for subjects, on a ground of many dark colours."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    pixels = np.random.default_rng(3).integers(10, 60, (SIZE[1], SIZE[0], 3), np.uint8)
    for x, y, radius in circles:
        pixels[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = (250, 240, 230)
    return pixels


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


SCENE = encoded(scene())
FOG = encoded(np.full((90, 120, 3), 130, np.uint8))  # it takes this for the subject, but is unsure
GREY = encoded(np.full((90, 120, 3), 100, np.uint8))  # all background to the tiny network


def decoded(data: bytes) -> np.ndarray:
    with PillowImage.open(io.BytesIO(data)) as picture:
        return np.asarray(picture)


def file(name: str = "disc.png", data: bytes = SCENE, kind: str = "image/png") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": data}


def items(page: Page, phase: str) -> Locator:
    return page.locator(f"#strip li[data-phase={phase}]")


def add(page: Page, *files: dict[str, object], done: int | None = None) -> None:
    """Chooses files and waits until so many pictures are cut out, by default all of these."""
    page.set_input_files("#files", list(files))
    expect(items(page, "done")).to_have_count(len(files) if done is None else done)


def open_part(page: Page, name: str) -> None:
    """Opens a part of the form, which all are in sight but on small screens."""
    tab = page.locator(f"#tabs button[value={name}]")
    if tab.is_visible() and tab.get_attribute("aria-expanded") == "false":
        tab.click()


def answer(address: str, data: bytes = SCENE, **fields: object) -> bytes:
    """What the server makes of a picture when it is asked by others than the page."""
    files = {name: fields.pop(name) for name in ("mask", "background") if isinstance(fields.get(name), bytes)}
    answer = httpx.post(f"{address}/remove", files={"image": data, **files}, data=fields, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content


def downloaded(page: Page, button: str = "Download") -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def place(page: Page, x: float, y: float, size: tuple[float, float] = SIZE) -> tuple[float, float]:
    """Where on the screen a pixel of the picture is, while the whole of it is shown."""
    box = page.locator("#viewport").bounding_box()
    scale = min((box["width"] - 2 * EDGE) / size[0], (box["height"] - 2 * EDGE) / size[1], LARGEST_FIT)
    left, top = (box["width"] - size[0] * scale) / 2, (box["height"] - size[1] * scale) / 2
    return box["x"] + left + (x + 0.5) * scale, box["y"] + top + (y + 0.5) * scale


def seen(page: Page, x: float, y: float) -> list[int]:
    """The colour on the screen where that pixel is: red, green, blue. Waits for the next frame to be drawn."""
    right, down = place(page, x, y)
    box = page.locator("#viewport").bounding_box()
    return page.evaluate(
        """([x, y]) => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
            const context = document.querySelector("#canvas").getContext("2d");
            resolve([...context.getImageData(x, y, 1, 1).data].slice(0, 3));
        })))""",
        [right - box["x"], down - box["y"]],
    )


def differences(page: Page, made: np.ndarray, frame: tuple[float, float] | None = None) -> np.ndarray:
    """How far the shown result is from a picture, in levels, at 40 x 40 places.

    The whole result has to be shown, on an opaque background; `frame` is its width and height in pixels of the photo.
    """
    page.locator("#divider").evaluate("one => one.hidden") or page.locator("#divider").press("Home")
    size = made.shape[1], made.shape[0]
    width, height = frame or size
    seen(page, 0, 0)
    shot = page.evaluate("document.querySelector('#canvas').toDataURL()").partition(",")[2]
    screen = decoded(base64.b64decode(shot))[..., :3]
    xs, ys = np.linspace(3, size[0] - 4, 40).astype(int), np.linspace(3, size[1] - 4, 40).astype(int)
    box = page.locator("#viewport").bounding_box()
    left, top = place(page, -0.5, -0.5, (width, height))
    right, down = place(page, width - 0.5, height - 0.5, (width, height))
    columns = (left - box["x"] + (xs + 0.5) * (right - left) / size[0]).astype(int)
    rows = (top - box["y"] + (ys + 0.5) * (down - top) / size[1]).astype(int)
    drawn = screen[np.ix_(rows, columns)].astype(int)
    return np.abs(drawn - made[np.ix_(ys, xs)][..., :3].astype(int)).max(axis=-1)


def near(seen: list[int], wanted: tuple[int, int, int], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(seen, wanted, strict=True))


def paint(page: Page, tool: str, *points: tuple[float, float], width: int = 120) -> None:
    """Paints a stroke through pixels of the picture with a brush so wide on the screen, and waits for its edges."""
    page.get_by_role("radio", name=tool).check()
    page.locator("#brush").fill(str(width))
    first, *rest = [place(page, *point) for point in points]
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=6)
    with page.expect_response("**/remove"):
        page.mouse.up()
    expect(page.locator("#status")).to_contain_text("The edges are refined")
    expect(page.locator(".frame")).to_have_attribute("aria-busy", "false")


def drop(page: Page, name: str, data: bytes, kind: str, event: str = "drop") -> None:
    """Drops a file on the page, or pastes it."""
    page.evaluate(
        """([name, text, type, event]) => {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            const held = new DataTransfer();
            held.items.add(new File([bytes], name, { type }));
            const made = event === "paste"
                ? new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true })
                : new DragEvent(event, { dataTransfer: held, bubbles: true, cancelable: true });
            document.body.dispatchEvent(made);
        }""",
        [name, base64.b64encode(data).decode(), kind, event],
    )


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).check()


def windows(page: Page, views: Iterable[tuple[str, str]] = VIEWS) -> Iterator[str]:
    """Resizes the page's window to each of these shapes, in its scheme of colours, and gives the shape's name."""
    for shape, scheme in views:
        page.set_viewport_size(SHAPES[shape])
        page.emulate_media(color_scheme=scheme)
        yield shape


def check(page: Page, state: str) -> None:
    found = page.evaluate(f"async () => {{ {AXE_SCRIPT}; return (await axe.run()).violations; }}")
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not grave, (state, [(one["id"], [node["html"] for node in one["nodes"]]) for one in grave])
    wide, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= width, state
    keep = os.environ.get("KEEP_SCREENSHOTS")  # a folder, for somebody to look at
    if keep:
        scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
        page.screenshot(path=Path(keep) / f"{width}-{scheme}-{state.replace(' ', '-')}.png")
