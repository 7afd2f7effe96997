"""How near the page without a server comes to the command, and how long it takes: prints tables in Markdown.

    python benchmarks/static_page.py [--runtime onnxruntime-web-1.30.0.tgz] [--megapixels 0.3 --megapixels 12]
    python benchmarks/static_page.py --times-only

30 pictures are cut out by the shipped network in both: formats, sizes, orientations, profiles, plain grounds and
pictures with a transparency of their own, made of scikit-image's photos. Of the browser's result the table has the
shares of pixels whose alpha and whose colours are within one level of those of the command; where both alphas are at
most 1, colours are hidden. Seconds go from the request to the worker until the file is there, with the network already
open but for the first one, of which there are three: of a page that was opened just now, of one that had the time to
prepare itself, and of one that was idle for 4 seconds after that, as while somebody chooses a file: then it practises.
The next ones are those of such an idle page. The steps are the measures of the browser's performance timeline.
"""

import base64
import http.server
import io
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import click
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageCms
from playwright.sync_api import Browser, Page, sync_playwright

from background_remover import Cut, Remover
from background_remover.evaluation.tables import markdown
from background_remover.static_site.onnxruntime_web import URL, runtime_files
from background_remover.static_site.site import write_site
from files import in_one_line
from peers import machine
from photo import PHOTOS, read

PATIENCE = 180_000  # milliseconds
IDLE = 4000  # milliseconds between a prepared page and its first picture
ORIENTATION = 0x112
STEPS = ("decode", "reduce", "network", "edges", "plain ground", "colours", "composition", "file")
BEGIN = """async () => {
    const { Client } = await import("./static/local/client.js");
    const { siteOf } = await import("./static/local/site.js");
    const facts = new URL("page.json", location);
    window.client = new Client(await siteOf(await (await fetch(facts)).json(), facts));
}"""
PREPARE_AND_WAIT = f"window.client.prepare().then(() => new Promise((resolve) => setTimeout(resolve, {IDLE})))"
REMOVE = """async (text) => {
    const image = new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
    const start = performance.now();
    window.answer = await window.client.remove({ image, fields: { format: "png" } });
    return (performance.now() - start) / 1000;
}"""
FILE = """async () => {
    const file = new FileReader();
    await new Promise((resolve) => Object.assign(file, { onload: resolve }).readAsDataURL(window.answer.blob));
    return file.result.split(",")[1];
}"""
MEASURES = "performance.getEntriesByType('measure').map(({ name, duration }) => [name, duration / 1000])"


class Case(NamedTuple):
    """A picture's name in the table, and its file."""

    name: str
    data: bytes


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder with the headers that threads need."""

    def end_headers(self) -> None:
        """Add the headers."""
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@contextmanager
def hosted(folder: Path) -> Iterator[str]:
    """Serve a folder, and give its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as host:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{host.server_port}/"
        host.shutdown()


def cases() -> Iterator[Case]:
    """Yield the 30 pictures."""
    for number, name in enumerate(PHOTOS):
        photo = PillowImage.fromarray(getattr(skimage.data, name)())
        yield Case(f"{name}, JPEG", stored(photo, "JPEG", quality=90))
        yield Case(f"{name}, JPEG, 4:2:0", stored(photo.reduce(2), "JPEG", quality=70, subsampling=2))
        yield Case(f"{name}, PNG", stored(photo.crop((0, 0, 301 + 40 * number, 203)), "PNG"))
        yield Case(f"{name}, WebP", stored(photo, "WEBP", quality=80))
        yield Case(f"{name}, soft alpha, PNG", stored(faded(photo), "PNG"))
    photo = PillowImage.fromarray(skimage.data.astronaut())
    yield Case("on a plain ground, JPEG", stored(on_ground(photo), "JPEG", quality=90))
    yield Case("on a plain ground, PNG", stored(on_ground(photo), "PNG"))
    for turn in (3, 6):
        tags = PillowImage.Exif()
        tags[ORIENTATION] = turn
        yield Case(f"orientation {turn}, JPEG", stored(photo.crop((0, 0, 512, 400)), "JPEG", quality=90, exif=tags))
    yield Case("grey, JPEG", stored(photo.convert("L"), "JPEG", quality=90))
    yield Case("palette, PNG", stored(photo.quantize(200), "PNG"))
    yield Case("soft alpha, WebP", stored(faded(photo), "WEBP", lossless=True))
    yield Case("profile, JPEG", stored(photo, "JPEG", quality=90, icc_profile=profile()))
    yield Case("4 megapixels, JPEG", read(None, 4))
    yield Case("12 megapixels, JPEG", read(None, 12))


def stored(image: PillowImage.Image, kind: str, **how: Any) -> bytes:
    """Return an image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def faded(image: PillowImage.Image) -> PillowImage.Image:
    """Return a photo that fades into transparency around an ellipse."""
    rows, columns = np.mgrid[-1 : 1 : image.height * 1j, -1 : 1 : image.width * 1j]
    alpha = np.clip(600 * (1 - np.hypot(rows, columns)), 0, 255)
    return PillowImage.fromarray(np.dstack([np.asarray(image.convert("RGB")), alpha.astype(np.uint8)]))


def on_ground(image: PillowImage.Image) -> PillowImage.Image:
    """Return an ellipse cut from a photo on a smooth light ground with a little noise."""
    pixels = np.asarray(image, np.float32)
    rows, columns = np.mgrid[-1 : 1 : image.height * 1j, -1 : 1 : image.width * 1j]
    share = np.clip(150 * (0.7 - np.hypot(rows, columns)), 0, 1)[..., None]
    ground = 225 - 10 * rows[..., None] + np.random.default_rng(0).normal(0, 0.5, pixels.shape)
    return PillowImage.fromarray((pixels * share + ground * (1 - share)).clip(0, 255).astype(np.uint8))


def profile() -> bytes:
    """Return a profile of RGB colours whose red and green have changed places."""
    written = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    named = written.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    return named.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def in_browser(page: Page, data: bytes) -> NDArray[np.uint8]:
    """Return the browser's result, (H, W, 4)."""
    page.evaluate(REMOVE, base64.b64encode(data).decode())
    with PillowImage.open(io.BytesIO(base64.b64decode(page.evaluate(FILE)))) as image:
        return np.asarray(image.convert("RGBA"))


def seconds(page: Page, data: bytes) -> dict[str, float]:
    """Return the seconds that a picture takes: in all, and in each step."""
    found = dict.fromkeys(STEPS, 0.0) | {"all": page.evaluate(REMOVE, base64.b64encode(data).decode())}
    for step, time in page.workers[0].evaluate(MEASURES):
        found[step] += time
    return found


def medians(name: str, rounds: Sequence[Mapping[str, float]]) -> list[str]:
    """Return a line of the second table: the medians of the seconds in all, and of those in each step."""
    return [name, *(f"{median(one[step] for one in rounds):.2f}" for step in ("all", *STEPS))]


def timed(page: Page, name: str, data: bytes, repeat: int) -> list[str]:
    """Return a line of the second table, of a page that has cut out a picture."""
    return medians(name, [seconds(page, data) for _ in range(repeat)])


def opened(browser: Browser, address: str) -> Page:
    """Return a page of the site that can cut pictures out, and has cut out none."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}page.json")
    page.evaluate(BEGIN)
    return page


def firsts(browser: Browser, address: str, repeat: int) -> list[list[str]]:
    """Return the lines of the first picture: of pages that were opened just now, and of prepared and idle ones."""
    names = {
        "0.3, the first one": "null",
        "0.3, the first one, prepared": "window.client.prepare()",
        f"0.3, the first one, prepared, idle for {IDLE // 1000} s": PREPARE_AND_WAIT,
    }
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(repeat):
        for name, before in names.items():
            page = opened(browser, address)
            page.evaluate(before)
            rounds[name].append(seconds(page, read(None, 0.3)))
            page.close()
    return [medians(name, found) for name, found in rounds.items()]


def on_plain(megapixels: float) -> bytes:
    """Return a JPEG of so many megapixels on a plain ground."""
    side = round((megapixels * 1e6) ** 0.5)
    photo = PillowImage.fromarray(skimage.data.astronaut()).resize((side, side), PillowImage.Resampling.BICUBIC)
    return stored(on_ground(photo), "JPEG", quality=90)


def agreement(seen: NDArray[np.uint8], cut: Cut) -> tuple[float, float]:
    """Return the shares of pixels whose alpha, and whose colours, are within one level of the command's."""
    wanted = np.asarray(cut.image.convert("RGBA"))
    apart = np.abs(seen.astype(np.int16) - wanted)
    hidden = (seen[..., 3] <= 1) & (wanted[..., 3] <= 1)
    return float(np.mean(apart[..., 3] <= 1)), float(np.mean((apart[..., :3].max(axis=2) <= 1) | hidden))


@click.command()
@click.option("--runtime", default=URL, show_default=True, help="onnxruntime-web, as of `background-remover page`.")
@click.option("--megapixels", type=float, multiple=True, default=(0.3, 1.0, 12.0), show_default=True)
@click.option("--repeat", type=click.IntRange(1), default=3, show_default=True, help="Of times; medians are printed.")
@click.option("--chromium", default=shutil.which("chromium"), show_default=True, help="The browser's program.")
@click.option("--times-only", is_flag=True, help="Leave out the 30 pictures.")
def main(runtime: str, megapixels: tuple[float, ...], repeat: int, chromium: str, times_only: bool) -> None:
    """Print how near the static page's cutouts are to the command's, and how long they take."""
    remover = Remover()
    with (
        in_one_line(),
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        write_site(Path(name) / "site", runtime_files(runtime, lambda _: None))
        with hosted(Path(name) / "site") as address:
            times = firsts(browser, address, repeat)
            page = opened(browser, address)
            page.evaluate(PREPARE_AND_WAIT)
            rows = [] if times_only else [row(page, remover, case) for case in cases()]
            times += [timed(page, f"{size:g}", read(None, size), repeat) for size in megapixels]
            times += [timed(page, f"{size:g}, plain ground", on_plain(size), repeat) for size in megapixels]
    click.echo(f"{date.today()}, {machine()}, Chromium {browser.version}.\n")
    if rows:
        click.echo(f"{markdown(['picture', 'pixels', 'alpha within 1', 'colours within 1'], rows)}\n")
    click.echo(markdown(["megapixels", "seconds", *STEPS], times))


def row(page: Page, remover: Remover, case: Case) -> list[str]:
    """Return a line of the table."""
    seen = in_browser(page, case.data)
    alpha, colours = agreement(seen, remover.cut(case.data))
    return [case.name, f"{seen.shape[1]}x{seen.shape[0]}", f"{alpha:.4%}", f"{colours:.4%}"]


if __name__ == "__main__":
    main()
