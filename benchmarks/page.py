"""What a stroke of a brush takes on the page, in bytes and seconds: prints a table in Markdown.

    python benchmarks/page.py [--megapixels 12 --megapixels 24] [--repeat 3]

Our server and Chromium run on this machine. A stroke is 300 pixels of the screen long, by a brush of 32, through the
subject's edge. Bytes are those of the request's and of the answer's body, and seconds go from the pointer's release
until the refined edge is shown; the stroke itself is shown before.
"""

import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from statistics import median
from typing import NamedTuple

import click
from playwright.sync_api import FilePayload, Page, ViewportSize, expect, sync_playwright

from background_remover.evaluation.tables import markdown
from files import in_one_line
from peers import machine
from photo import read
from server_process import running

PATIENCE = 120_000  # milliseconds
VIEWPORT = ViewportSize(width=1280, height=800)
BRUSH, LENGTH = 32, 300  # pixels of the screen
WATCH = """() => {
    addEventListener("pointerup", () => (window.released = performance.now()), { capture: true });
    const frame = document.querySelector(".frame");
    const note = (changes) => {
        const wasBusy = changes.some((change) => change.oldValue === "true");
        if (wasBusy && frame.ariaBusy === "false") window.seconds = (performance.now() - window.released) / 1000;
    };
    new MutationObserver(note).observe(frame, { attributeFilter: ["aria-busy"], attributeOldValue: true });
}"""

SHOWN = """() => new Promise((resolve) => {
    const wait = () => (window.seconds ? resolve() : setTimeout(wait, 20));
    wait();
})"""


class Stroke(NamedTuple):
    """What one stroke took: bytes of the request and of the answer, and seconds."""

    sent: int
    received: int
    seconds: float


def strokes(page: Page, address: str, photo: bytes, count: int) -> list[Stroke]:
    """Return what so many strokes took, each undone before the next; one before them isn't counted."""
    page.goto(address)
    page.evaluate(WATCH)
    page.set_input_files("#files", FilePayload(name="photo.jpg", mimeType="image/jpeg", buffer=photo))
    expect(page.locator("#strip li[data-phase=done]")).to_have_count(1)
    page.get_by_role("radio", name="Erase").check()
    page.locator("#brush").fill(str(BRUSH))
    return [_stroke(page) for _ in range(count + 1)][1:]


def _stroke(page: Page) -> Stroke:
    box = page.locator("#viewport").bounding_box()
    if box is None:
        raise RuntimeError("the page shows no picture")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.1
    side = LENGTH / 2**0.5
    page.evaluate("delete window.seconds")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + side, y + side, steps=12)
    with page.expect_response("**/remove") as waiting:
        page.mouse.up()
    page.evaluate(SHOWN)
    sent, received = waiting.value.request.header_value("content-length"), len(waiting.value.body())
    page.get_by_role("button", name="Undo").click()
    return Stroke(int(sent or 0), received, page.evaluate("window.seconds"))


def row(page: Page, address: str, megapixels: float, count: int) -> list[str]:
    """Return a line of the table."""
    page.set_default_timeout(PATIENCE)
    found = strokes(page, address, read(None, megapixels), count)
    sent, received, seconds = (median(values) for values in zip(*found, strict=True))
    return [f"{megapixels:g}", f"{sent / 1000:.0f}", f"{received / 1000:.0f}", f"{seconds:.2f}"]


@click.command()
@click.option("--megapixels", type=float, multiple=True, default=(12.0, 24.0), show_default=True)
@click.option("--repeat", type=click.IntRange(1), default=3, show_default=True, help="Strokes; the median is printed.")
@click.option("--chromium", default=shutil.which("chromium"), show_default=True, help="The browser's program.")
def main(megapixels: tuple[float, ...], repeat: int, chromium: str) -> None:
    """Print what a stroke takes on the page."""
    line = [sys.executable, "-m", "background_remover", "serve", "--port", "0"]
    expect.set_options(timeout=PATIENCE)
    with (
        in_one_line(),
        tempfile.TemporaryDirectory() as name,
        running(line, None, Path(name)) as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        address = f"http://127.0.0.1:{server.port}"
        rows = [row(browser.new_page(viewport=VIEWPORT), address, size, repeat) for size in megapixels]
    click.echo(f"{date.today()}, {machine()}; the median of {repeat} strokes.\n")
    click.echo(markdown(["megapixels", "sent, kB", "received, kB", "seconds"], rows))


if __name__ == "__main__":
    main()
