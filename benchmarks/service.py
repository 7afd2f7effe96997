"""The HTTP service under load beside rembg's, and what batches of pictures would win: prints tables in Markdown.

    python benchmarks/service.py load [--megapixels 1] [--count 64]
    python benchmarks/service.py kept
    python benchmarks/service.py batches

Under load 1, 4, 16 and 64 clients at once ask for so many cutouts in all, each for the next as soon as it has one; a
client that is refused waits as long as it is told, and asks again. Both servers run by themselves, with a network that
answers with the same ellipse at once: what is compared is all that isn't the network.
"""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

import click
import numpy as np

from background_remover import models
from background_remover.errors import Error
from background_remover.network import Network, fit_size
from background_remover.processor import cores
from files import COMMAND, CONTENDERS, OURS, in_one_line, make_network, photo_option
from installation import install
from peers import cache_option, machine
from photo import read

CLIENTS = (1, 4, 16, 64)
START_SECONDS, ASK_SECONDS = 90, 120
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
    """Lets so many clients get `count` cutouts in all; raises `Error` at any other answer, but for refusals."""
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
    """A request by POST."""

    def ask(connection: http.client.HTTPConnection) -> tuple[int, bytes, float]:
        connection.request("POST", path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read(), float(answer.headers.get("Retry-After", 1))

    return ask


def form(photo: bytes, model: str) -> tuple[str, bytes]:
    """The type and the body of a form as rembg's server takes it."""
    head = f'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n{model}\r\n--b\r\n'
    head += 'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n'
    return "multipart/form-data; boundary=b", head.encode() + photo + b"\r\n--b--\r\n"


@dataclass(frozen=True)
class Server:
    """A server that runs: its port, and what tells the most memory it has held."""

    port: int
    memory: Callable[[], int]


@contextlib.contextmanager
def running(line: Sequence[str], port: int | None, home: Path) -> Iterator[Server]:
    """A server in a process of its own, at a port that it is known to take, or at the one that it says it has."""
    environment = os.environ | {"U2NET_HOME": str(home), "BROWSER": "true"}
    log = home / "log.txt"
    with (
        log.open("wb") as words,
        subprocess.Popen(line, env=environment, stderr=words, stdout=words) as process,  # noqa: S603 - no shell
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while (found := _listening(port, log)) is None:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Error(f"{' '.join(line)}: doesn't start")
                time.sleep(0.1)
            yield Server(found, lambda: peak_of(process.pid))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _listening(port: int | None, log: Path) -> int | None:
    """The port, once somebody listens there."""
    if port is None:
        said = re.search(r"listening on http://[^ ]+:(\d+)\n", log.read_text())
        return None if said is None else int(said[1])
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return port
    return None


def peak_of(pid: int) -> int:
    """The most memory that a process has held, in bytes."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) * 1024


def loads(
    python: Path, program: str, photo: bytes, count: int, clients: Sequence[int], *, refined: bool = True
) -> list[Load]:
    """Presses a program's server by more and more clients, after one cutout that isn't counted.

    Ours finds edges and cleans colours unless `refined` says otherwise; rembg's does neither.
    """
    with tempfile.TemporaryDirectory() as name:
        home, port = Path(name), None
        model = home / "instant.onnx"
        make_network(model, program)
        if program == OURS:
            line = [str(python), "-m", "background_remover", "serve", "--port", "0", "--model", str(model)]
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
    """The seconds that so many answers take on one connection, and each on a fresh one."""

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


def load_table(rows: dict[str, list[Load]]) -> str:
    """The loads as Markdown; "of the best" compares with the best rate of the same server."""
    lines = ["| server | clients | a second | of the best | p50, s | p95, s | refused | memory, MB |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |")
    for name, found in rows.items():
        best = max(load.rate for load in found)
        for load in found:
            p95 = quantiles(load.seconds, n=20)[-1] if len(load.seconds) > 1 else load.seconds[0]
            refused = ", ".join(f"{times} x {status}" for status, times in sorted(load.refused.items())) or "-"
            cells = f"{load.rate:.2f} | {load.rate / best:.2f} | {median(load.seconds):.2f} | {p95:.2f} | {refused}"
            lines.append(f"| {name} | {load.clients} | {cells} | {load.memory / 1e6:.0f} |")
    return "\n".join(lines)


def batch_milliseconds(model: str, size: int, repeat: int) -> float:
    """The median milliseconds of the network for a picture where `size` of one shape are given to it at once."""
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
        rows["the same, as rembg does it"] = loads(python, OURS, data, count, CLIENTS, refined=False)
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
    click.echo("| connections | ms for each answer |\n| --- | ---: |")
    for words, seconds in zip(("one, kept", "fresh ones"), zip(*found, strict=True), strict=True):
        click.echo(f"| {words} | {median(seconds) / count * 1000:.2f} |")


@main.command()
@click.option("--model", default=models.DEFAULT, show_default=True)
@click.option("--repeat", type=click.IntRange(1), default=15, show_default=True)
def batches(model: str, repeat: int) -> None:
    """Print what the network takes for a picture, alone and in batches."""
    with in_one_line():
        times = {size: batch_milliseconds(model, size, repeat) for size in BATCHES}
    click.echo(f"{date.today()}, {machine()}; {model}, {cores()} cores.\n")
    click.echo("| pictures at once | ms for each |\n| ---: | ---: |")
    for size, milliseconds in times.items():
        click.echo(f"| {size} | {milliseconds:.1f} |")


if __name__ == "__main__":
    main()
