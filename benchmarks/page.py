"""How fast, light and large the page is in a browser: prints tables in Markdown.

    python benchmarks/page.py [--megapixels 0.3 --megapixels 12] [--repeat 3] [--pictures 30]

Our server and Chromium run on this machine. A cutout takes from the moment when a file is given until it is shown. A
stroke is 300 pixels of the screen long, by a brush of 32, through the subject's edge: bytes are those of the request's
and of the answer's body, and seconds go from the pointer's release until the refined edge is shown; the stroke itself
is shown before. The page's weight is what the browser receives, compressed and with headers, until nothing more is
loaded. Memory is what the browser's process of the page holds, of pictures of 3 megapixels, garbage collected.
"""

import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from statistics import median
from typing import NamedTuple

import click
from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, expect, sync_playwright

from background_remover.evaluation.tables import markdown
from files import in_one_line
from peers import machine
from photo import read
from server_process import memory_of, running

PATIENCE = 120_000  # milliseconds
VIEWPORT = ViewportSize(width=1280, height=800)
BRUSH, LENGTH = 32, 300  # pixels of the screen
MANY = 3.0  # megapixels of each of many pictures
STEP = 10  # pictures after which memory is read
WATCH = """() => {
    const done = () => {
        if (!document.querySelector("#strip [data-phase=done]")) return;
        window.cutOut ??= (performance.now() - window.given) / 1000;
    };
    const give = () => (window.given = performance.now());
    document.querySelector("#files").addEventListener("change", give, { capture: true });
    const strip = document.querySelector("#strip");
    new MutationObserver(done).observe(strip, { subtree: true, attributeFilter: ["data-phase"] });
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


def cutouts(page: Page, address: str, photo: bytes, count: int) -> list[float]:
    """Return the seconds that so many cutouts took, each on a page opened anew; the last one stays there."""
    seconds = []
    for _ in range(count):
        page.goto(address)
        page.evaluate(WATCH)
        add(page, photo, 1)
        seconds.append(float(page.evaluate("window.cutOut")))
    return seconds


def add(page: Page, photo: bytes, count: int) -> None:
    """Give the page a photo so many times, and wait until all are cut out."""
    there = page.locator("#strip li").count()
    files = [FilePayload(name=f"{number}.jpg", mimeType="image/jpeg", buffer=photo) for number in range(count)]
    page.set_input_files("#files", files)
    expect(page.locator("#strip li[data-phase=done]")).to_have_count(there + count)


def strokes(page: Page, count: int) -> list[Stroke]:
    """Return what so many strokes took, each undone before the next; one before them isn't counted."""
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
    photo = read(None, megapixels)
    cutout = median(cutouts(page, address, photo, count))
    sent, received, seconds = (median(values) for values in zip(*strokes(page, count), strict=True))
    page.close()
    return [f"{megapixels:g}", f"{cutout:.2f}", f"{sent / 1000:.0f}", f"{received / 1000:.0f}", f"{seconds:.2f}"]


def weight(page: Page, address: str) -> tuple[int, int]:
    """Return the bytes of the page as they are sent, without the pictures of its start, and those of these."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate("performance.getEntries().map((one) => [one.name, one.transferSize ?? 0])")
    pictures = sum(size for name, size in sizes if "/start/" in name and name.endswith(".webp"))
    page.close()
    return sum(size for _, size in sizes) - pictures, pictures


def memories(browser: Browser, address: str, count: int) -> list[list[str]]:
    """Return the memory of the page's process, in lines of pictures and megabytes."""
    page = browser.new_page(viewport=VIEWPORT)
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    photo, lines = read(None, MANY), [["0", f"{_memory(browser, page):.0f}"]]
    for number in range(STEP, count + 1, STEP):
        add(page, photo, STEP)
        lines.append([f"{number}", f"{_memory(browser, page):.0f}"])
    page.close()
    return lines


def _memory(browser: Browser, page: Page) -> float:
    """Return the megabytes of the largest process that shows a page, the garbage collected."""
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return max(memory_of(one["id"], "VmRSS") for one in processes if one["type"] == "renderer") / 1e6


@click.command()
@click.option("--megapixels", type=float, multiple=True, default=(0.3, 12.0, 24.0), show_default=True)
@click.option(
    "--repeat", type=click.IntRange(1), default=3, show_default=True, help="Times of each; the median is printed."
)
@click.option("--pictures", type=click.IntRange(0), default=30, show_default=True, help="At once, for their memory.")
@click.option("--chromium", default=shutil.which("chromium"), show_default=True, help="The browser's program.")
def main(megapixels: tuple[float, ...], repeat: int, pictures: int, chromium: str) -> None:
    """Print what cutouts and strokes take on the page, its weight and its memory."""
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
        page, start = weight(browser.new_page(viewport=VIEWPORT), address)
        lines = memories(browser, address, pictures)
    click.echo(f"{date.today()}, {machine()}; medians of {repeat}.\n")
    click.echo(markdown(["megapixels", "cutout, s", "stroke sent, kB", "received, kB", "stroke, s"], rows))
    click.echo(f"\nThe page weighs {page / 1000:.0f} kB, and {start / 1000:.0f} kB the pictures of its start.\n")
    click.echo(markdown(["pictures", "memory, MB"], lines))


if __name__ == "__main__":
    main()
