"""The HTTP service under load beside rembg's, and what batches of pictures would win: prints tables in Markdown.

    python benchmarks/service.py load [--megapixels 1] [--count 64]
    python benchmarks/service.py kept
    python benchmarks/service.py memory [--megapixels 49]
    python benchmarks/service.py batches

Under load 1, 4, 16 and 64 clients at once ask for so many cutouts in all, each for the next as soon as it has one; a
client that is refused waits as long as it should, and asks again. Both servers run by themselves, with a network that
answers with the same ellipse at once: what is compared is all that isn't the network.
"""

import contextlib
import http.client
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

import click
import numpy as np

from background_remover import models
from background_remover.errors import Error
from background_remover.evaluation.tables import markdown
from background_remover.imaging.codecs import png
from background_remover.runtime.parallel import cores
from background_remover.segmentation.network import Network
from background_remover.segmentation.preprocessing import fit_size
from background_remover.server.queue import IDLE_SECONDS
from files import COMMAND, CONTENDERS, OURS, in_one_line, make_network, photo_option
from installation import install
from peers import cache_option, machine
from photo import decoded, ellipse, read
from server_process import Server, running

CLIENTS = (1, 4, 16, 64)
AT_ONCE = 2  # large pictures
SMALL_MEGAPIXELS = 0.1  # of the first picture, with which the network is loaded and has run
ASK_SECONDS = 300
PORT = 17_000  # of rembg's server: one that no system gives to anybody by itself
BATCHES = (1, 2, 4, 8)
AS_REMBG = "matting=none&keep_colours=true"
Ask = Callable[[http.client.HTTPConnection], tuple[int, bytes, float]]
"""Asks for one cutout: the status, the body, and the seconds after which to try again."""


@dataclass(frozen=True)
class Load:
    """What so many clients met: cutouts a second, seconds of each, refusals by status, the server's memory in bytes."""

    clients: int
    rate: float
    seconds: tuple[float, ...]
    refused: Counter[int]
    memory: int


def press(port: int, ask: Ask, clients: int, count: int, memory: Callable[[], int]) -> Load:
    """Let so many clients get `count` cutouts in all; raises `Error` at any other answer, but for refusals."""
    left, lock = iter(range(count)), threading.Lock()
    seconds: list[float] = []
    refused: Counter[int] = Counter()
    failures: list[str] = []

    def client() -> None:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_SECONDS)) as connection:
            work(connection)

    def work(connection: http.client.HTTPConnection) -> None:
        while not failures:
            with lock:
                if next(left, None) is None:
                    return
            while not failures:
                start = time.perf_counter()
                try:
                    status, body, again = ask(connection)
                except (OSError, http.client.HTTPException) as error:
                    failures.append(f"{type(error).__name__}: {error}")
                    return
                if status == 200 and body.startswith(b"\x89PNG"):
                    seconds.append(time.perf_counter() - start)
                    break
                if status not in (429, 503):
                    failures.append(f"{status}: {body[:200]!r}")
                    return
                refused[status] += 1
                connection.close()  # it wouldn't be kept for so long
                time.sleep(again)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Error(f"{clients} clients: {failures[0]}")
    return Load(clients, count / (time.perf_counter() - start), tuple(seconds), refused, memory())


def asking(path: str, kind: str, body: bytes) -> Ask:
    """Build a request by POST."""

    def ask(connection: http.client.HTTPConnection) -> tuple[int, bytes, float]:
        connection.request("POST", path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read(), float(answer.headers.get("Retry-After", 1))

    return ask


def form(photo: bytes, model: str) -> tuple[str, bytes]:
    """Return the type and the body of a form as rembg's server takes it."""
    head = f'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n{model}\r\n--b\r\n'
    head += 'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n'
    return "multipart/form-data; boundary=b", head.encode() + photo + b"\r\n--b--\r\n"


def loads(
    python: Path,
    program: str,
    photo: bytes,
    count: int,
    clients: Sequence[int],
    *flags: str,
    refined: bool = True,
) -> list[Load]:
    """Press a program's server by more and more clients, after one cutout that isn't counted.

    Ours is started with the `flags`, and finds edges and cleans colours unless `refined` says otherwise; rembg's does
    neither.
    """
    with tempfile.TemporaryDirectory() as name:
        home, port = Path(name), None
        model = home / "instant.onnx"
        make_network(model, program)
        if program == OURS:
            line = [str(python), "-m", "background_remover", "serve", "--port", "0", "--model", str(model), *flags]
            ask = asking("/remove" if refined else f"/remove?{AS_REMBG}", "image/jpeg", photo)
        else:
            port = PORT
            line = [str(python.with_name("rembg")), "s", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
            extras = quote(json.dumps({"model_path": str(model)}))
            ask = asking(f"/api/remove?extras={extras}", *form(photo, "dis_custom"))
        with running(line, port, home) as server:
            press(server.port, ask, 1, 1, server.memory)
            return [press(server.port, ask, number, count, server.memory) for number in clients]


def kept(server: Server, count: int) -> tuple[float, float]:
    """Return the seconds that so many answers take on one connection, and each on a fresh one."""

    def ask(connection: http.client.HTTPConnection) -> None:
        connection.request("GET", "/health")
        connection.getresponse().read()

    def opened() -> contextlib.closing[http.client.HTTPConnection]:
        return contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=ASK_SECONDS))

    start = time.perf_counter()
    with opened() as connection:
        for _ in range(count):
            ask(connection)
    middle = time.perf_counter()
    for _ in range(count):
        with opened() as connection:
            ask(connection)
    return middle - start, time.perf_counter() - middle


def large_requests(photo: bytes) -> dict[str, tuple[str, str, bytes]]:
    """Return what takes other amounts of memory, of one photo: what it is -> the address, the media type and the bytes.

    Of each level the two lowest bits are left out, for the files are to be shorter than the service's limit.
    """
    levels = np.left_shift(decoded(photo) & 0xFC, 8, dtype=np.uint16)
    opacity = np.rint(ellipse((levels.shape[0], levels.shape[1])) * 255).astype(np.uint16) << 8
    deep, veiled = png.encode(levels), png.encode(np.dstack([levels, opacity]))
    return {
        "JPEG, 8 bits": ("/remove", "image/jpeg", photo),
        "the same, a shadow": ("/remove?shadow=true", "image/jpeg", photo),
        "PNG, 16 bits": ("/remove", "image/png", deep),
        "PNG, 16 bits, transparency": ("/remove", "image/png", veiled),
        "the same, a shadow before a blur": ("/remove?shadow=true&background=blur:10", "image/png", veiled),
    }


@dataclass(frozen=True)
class Footprint:
    """A server's memory in bytes: before the pictures, the most it held, and once they are answered and it is idle."""

    before: int
    peak: int
    idle: int


def footprint(ask: Ask, count: int) -> Footprint:
    """Return what our server, with the default model and two workers, takes for so many equal pictures at once."""
    line = [sys.executable, "-m", "background_remover", "serve", "--port", "0"]
    line += ["--workers", str(AT_ONCE), "--timeout", str(ASK_SECONDS)]
    with tempfile.TemporaryDirectory() as name, running(line, None, Path(name)) as server:
        press(server.port, asking("/remove", "image/jpeg", read(None, SMALL_MEGAPIXELS)), 1, 1, server.memory)
        before = server.resident()
        peak = press(server.port, ask, count, count, server.memory).memory
        time.sleep(IDLE_SECONDS + 1)
        return Footprint(before, peak, server.resident())


def footprint_table(rows: dict[tuple[str, int], Footprint], pixels: int) -> str:
    """Return the footprints as Markdown, by what the pictures are and how many come at once, each of so many pixels."""
    lines = []
    for (kind, count), found in rows.items():
        before, peak, idle = (f"{size / 1e6:.0f}" for size in (found.before, found.peak, found.idle))
        lines.append([kind, str(count), before, peak, f"{(found.peak - found.before) / pixels:.1f}", idle])
    header = ["pictures", "at once", "before, MB", "peak, MB", "above, bytes a pixel of one", "idle again, MB"]
    return markdown(header, lines)


def load_table(rows: dict[str, list[Load]]) -> str:
    """Return the loads as Markdown; "of the best" compares with the best rate of the same server."""
    lines = []
    for name, found in rows.items():
        best = max(load.rate for load in found)
        for load in found:
            p95 = quantiles(load.seconds, n=20)[-1] if len(load.seconds) > 1 else load.seconds[0]
            refused = ", ".join(f"{times} x {status}" for status, times in sorted(load.refused.items())) or "-"
            numbers = [f"{value:.2f}" for value in (load.rate, load.rate / best, median(load.seconds), p95)]
            lines.append([name, str(load.clients), *numbers, refused, f"{load.memory / 1e6:.0f}"])
    header = ["server", "clients", "a second", "of the best", "p50, s", "p95, s", "refused", "memory, MB"]
    return markdown(header, lines)


def batch_milliseconds(model: str, size: int, repeat: int) -> float:
    """Return the median milliseconds of the network for a picture where `size` of one shape are given to it at once."""
    network = Network(models.locate(model))
    height, width = fit_size((300, 400), network.card.multiple, network.card.longest_side)
    pictures = np.random.default_rng(0).integers(0, 255, (size, height, width, 3), np.uint8)
    network.predict(pictures)
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        network.predict(pictures)
        seconds.append((time.perf_counter() - start) / size)
    return median(seconds) * 1000


@click.group()
def main() -> None:
    """Measure the HTTP service."""


@main.command()
@photo_option
@click.option("--megapixels", default=1.0, show_default=True, help="Of the photo that is made.")
@click.option(
    "--count", type=click.IntRange(1), default=64, show_default=True, help="Cutouts for each number of clients."
)
@click.option("--alone", is_flag=True, help="Leave rembg out.")
@cache_option
def load(photo: Path | None, megapixels: float, count: int, alone: bool, cache: Path) -> None:
    """Print what 1, 4, 16 and 64 clients at once get of our server and of rembg's."""
    data = read(photo, megapixels)
    with in_one_line():
        python = Path(sys.executable)
        rows = {"background-remover": loads(python, OURS, data, count, CLIENTS)}
        rows["the same, `--processes`"] = loads(python, OURS, data, count, CLIENTS, "--processes")
        rows["the first, as rembg does it"] = loads(python, OURS, data, count, CLIENTS, refined=False)
        if not alone:
            contender = next(each for each in CONTENDERS if each.program == COMMAND)
            rembg = install(cache / contender.program, contender.requirements, contender.statement)
            rows["rembg"] = loads(rembg.python, COMMAND, data, count, CLIENTS)
    click.echo(f"{date.today()}, {machine()}; {megapixels:g} megapixels, {count} cutouts in each row.\n")
    click.echo(load_table(rows))
    click.echo(f'\n"As rembg does it" is {AS_REMBG}: edges stretched, colours as they are.')


@main.command(name="kept")
@click.option("--count", type=click.IntRange(1), default=20, show_default=True, help="Answers on each side.")
@click.option("--repeat", type=click.IntRange(1), default=5, show_default=True)
def kept_or_fresh(count: int, repeat: int) -> None:
    """Print what an answer of our server takes on a kept connection and on fresh ones."""
    line = [sys.executable, "-m", "background_remover", "serve", "--port", "0"]
    with in_one_line(), tempfile.TemporaryDirectory() as name, running(line, None, Path(name)) as server:
        kept(server, count)
        found = [kept(server, count) for _ in range(repeat)]
    click.echo(f"{date.today()}, {machine()}; the median of {repeat} rounds of {count} answers to GET /health.\n")
    each = [f"{median(seconds) / count * 1000:.2f}" for seconds in zip(*found, strict=True)]
    rows = zip(("one, kept", "fresh ones"), each, strict=True)
    click.echo(markdown(["connections", "ms for each answer"], rows))


@main.command()
@photo_option
@click.option("--megapixels", default=49.0, show_default=True, help="Of the photo that is made.")
def memory(photo: Path | None, megapixels: float) -> None:
    """Print how much memory our server takes for large pictures, one and two at once."""
    data = read(photo, megapixels)
    pixels = decoded(data)[..., 0].size
    with in_one_line():
        rows = {
            (kind, count): footprint(asking(*request), count)
            for kind, request in large_requests(data).items()
            for count in range(1, AT_ONCE + 1)
        }
    click.echo(f"{date.today()}, {machine()}; pictures of {pixels / 1e6:.1f} megapixels, {models.DEFAULT}.\n")
    click.echo(footprint_table(rows, pixels))


@main.command()
@click.option("--model", default=models.DEFAULT, show_default=True)
@click.option("--repeat", type=click.IntRange(1), default=15, show_default=True)
def batches(model: str, repeat: int) -> None:
    """Print what the network takes for a picture, alone and in batches."""
    with in_one_line():
        times = {size: batch_milliseconds(model, size, repeat) for size in BATCHES}
    click.echo(f"{date.today()}, {machine()}; {model}, {cores()} cores.\n")
    rows = ([str(size), f"{milliseconds:.1f}"] for size, milliseconds in times.items())
    click.echo(markdown(["pictures at once", "ms for each"], rows))


if __name__ == "__main__":
    main()
