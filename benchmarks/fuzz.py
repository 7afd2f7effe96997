"""Damaged inputs by the thousand for the picture decoder and the HTTP service: nothing but our errors may come out.

    python benchmarks/fuzz.py [--seconds 600] [--seed 0]
    python benchmarks/fuzz.py --seed 0 --case 1234

Every case is a valid input of small size, changed at random: bits, bytes and lengths, pieces left out, doubled, or
taken from another input. A case depends on the seed and its own number alone, so that one that fails can be tried
again. The decoder may raise `Error` and nothing else; the service has to answer every request with one of its own
statuses, an error in the shape of the address, and never with 500. The network answers with the same ellipse at once.
"""

import asyncio
import base64
import io
import json
import logging
import random
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
import httpx
import numpy as np
from PIL import Image as PillowImage

from background_remover.errors import Error
from background_remover.evaluation.tables import markdown
from background_remover.imaging.codecs.pillow_internals import silence_libtiff
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.reader import decode
from background_remover.options import Options
from background_remover.server.application import application
from background_remover.server.errors import STATUSES
from background_remover.server.rembg import parameters as rembg
from background_remover.server.removebg import parameters as removebg
from background_remover.server.removebg.routes import PREFIX
from background_remover.server.settings import ServerSettings
from files import OURS, make_network
from photo import ellipse

MEGAPIXELS = 1.0  # the limit that the decoder and the service are given: damaged headers may claim any size
MOST_CHANGES = 6
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
WORDS = ("", "true", "0", "-1", "1e309", "nan", "red", "#fff8", "50%", "10,20", "100x100", "blur:3", "png", "é\ud800")
BOUNDARY = "boundary"
Texts = list[tuple[str, str]]


class WrongAnswer(Exception):
    """An answer of the service that is none of its own."""


@dataclass
class Found:
    """What came of the cases: how many of each target and outcome, those that failed, the seconds of the slowest."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


@cache
def pictures() -> tuple[bytes, ...]:
    """Return a small file of every kind that is read: formats, modes, bit depths, frames, metadata."""
    image = PillowImage.fromarray((ellipse((40, 48))[..., None] * np.array([250, 200, 150])).astype(np.uint8))
    alpha = image.convert("RGBA")
    alpha.putalpha(image.convert("L"))
    deep = PillowImage.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)
    turned = PillowImage.Exif()
    turned[0x0112] = 6
    frames = {"save_all": True, "append_images": [image.rotate(90), image.rotate(180)], "duration": 50}
    kinds: tuple[tuple[PillowImage.Image, str, dict[str, Any]], ...] = (
        (image, "JPEG", {"exif": turned, "dpi": (72, 72)}),
        (image, "JPEG", {"progressive": True}),
        (image.convert("CMYK"), "JPEG", {}),
        *((image.convert(mode), "PNG", {}) for mode in ("RGB", "L", "1", "P", "LA")),
        (alpha, "PNG", {"exif": turned}),
        (deep, "PNG", {}),
        (image, "PNG", frames),
        (image, "GIF", frames),
        (alpha, "WEBP", {"exif": turned}),
        (image, "WEBP", frames),
        (image, "TIFF", {"compression": "tiff_lzw"}),
        (deep, "TIFF", {}),
        (alpha, "TIFF", {"compression": "tiff_deflate"}),
        (image, "BMP", {}),
        (alpha, "AVIF", {}),
    )
    return tuple(_file(kept, kind, **given) for kept, kind, given in kinds)


def _file(image: PillowImage.Image, kind: str, **given: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **given)
    return buffer.getvalue()


def changed(rng: random.Random, data: bytes, others: tuple[bytes, ...]) -> bytes:
    """Return the bytes with a few changes; `others` lend pieces of theirs."""
    result = bytearray(data)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        _change(rng, result, others)
    return bytes(result)


def _change(rng: random.Random, data: bytearray, others: tuple[bytes, ...]) -> None:
    if not data:
        return
    place = rng.randrange(min(len(data), rng.choice((64, 512, len(data)))))  # headers are changed most
    piece = slice(place, place + rng.choice((1, 2, 4, 16, 64, 512)))
    kind = rng.randrange(8)
    if kind == 0:
        data[place] ^= 1 << rng.randrange(8)
    elif kind == 1:
        data[place] = rng.randrange(256)
    elif kind == 2:
        width = rng.choice((1, 2, 4))
        number = rng.choice(NUMBERS) & (256**width - 1)
        data[place : place + width] = number.to_bytes(width, rng.choice(("big", "little")))
    elif kind == 3:
        del data[piece]
    elif kind == 4:
        data[place:place] = data[piece] * rng.choice((1, 2, 50))
    elif kind == 5:
        del data[place:]
    elif kind == 6:
        data[piece] = rng.randbytes(piece.stop - piece.start)
    else:
        other = rng.choice(others)
        start = rng.randrange(len(other))
        data[piece] = other[start : start + piece.stop - piece.start]


def decoded(rng: random.Random) -> str:
    """Decode a damaged file, and return what came of it in a word. Any error but ours is raised."""
    damaged = changed(rng, rng.choice(pictures()), pictures())
    frame, longest = rng.choice((1, 1, 2, 9)), rng.choice((0, 0, 20))
    try:
        decode(damaged, max_megapixels=MEGAPIXELS, frame=frame, longest=longest)
    except Error as error:
        return type(error).__name__
    return "read"


def _texts(rng: random.Random, names: tuple[str, ...]) -> Texts:
    """Return a few fields of text, some known, with values that are good, odd or damaged."""
    chosen: Texts = []
    for _ in range(rng.randrange(4)):
        name = rng.choice(names) if rng.random() < 0.95 else rng.choice(WORDS)
        value = rng.choice((*WORDS, str(rng.choice(NUMBERS)), "9" * rng.choice((9, 400, 5000))))
        chosen.append((name, value))
    return chosen


def _picture(rng: random.Random) -> bytes:
    data = rng.choice(pictures())
    return data if rng.random() < 0.5 else changed(rng, data, pictures())


def form(files: dict[str, bytes], texts: Texts) -> bytes:
    """Return a body of multipart/form-data."""
    parts = [(f'; name="{name}"; filename="a"\r\nContent-Type: image/png', data) for name, data in files.items()]
    parts += [(f'; name="{name}"', text.encode(errors="replace")) for name, text in texts]
    body = b""
    for head, data in parts:
        body += (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data{head}\r\n\r\n".encode(errors="replace") + data + b"\r\n"
        )
    return body + f"--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True)
class Contract:
    """An address, the field of its picture, that of one in base64, those of other pictures and of text."""

    path: str
    image: str
    encoded: str
    beside: tuple[str, ...]
    texts: tuple[str, ...]


OPTIONS = tuple(each.name for kind in (Options, OutputOptions) for each in fields(kind))
CONTRACTS = (
    Contract("/remove", "image", "image", ("mask", "background"), OPTIONS),
    Contract("/v1.0/removebg", "image_file", "image_file_b64", ("bg_image_file",), removebg.FIELDS),
    Contract("/api/remove", "file", "file", (), rembg.FIELDS),
)


def request(rng: random.Random, contract: Contract) -> tuple[str, str, bytes]:
    """Return the address, the media type and the body of a request, damaged in its picture, its fields, or anywhere."""
    image, texts = _picture(rng), _texts(rng, contract.texts)
    files = {contract.image: image} | {name: _picture(rng) for name in contract.beside if rng.random() < 0.2}
    kind = rng.choice(("form", "form", "json", "query", "raw"))
    path = contract.path
    if rng.random() < 0.2:
        path += "?" + urlencode(_texts(rng, contract.texts), errors="replace")
    encoded = rng.choice(("", "data:image/png;base64,")) + base64.b64encode(image).decode()
    if kind == "form":
        media, body = f"multipart/form-data; boundary={BOUNDARY}", form(files, texts)
    elif kind == "json":
        given: dict[str, object] = {contract.encoded: encoded, **dict(texts)}
        if rng.random() < 0.2:
            given[rng.choice(contract.texts)] = rng.choice((None, [], {}, 10**400, -1.5, True))
        media, body = "application/json", json.dumps(given).encode()
    elif kind == "query":
        media = "application/x-www-form-urlencoded"
        body = urlencode([(contract.encoded, encoded), *texts], errors="replace").encode()
    else:
        media, body = rng.choice(("image/png", "", "text/plain; charset=utf-7", "multipart/form-data")), image
    if rng.random() < 0.5:
        body = changed(rng, body, pictures())
    return path, media, body


async def answered(rng: random.Random, client: httpx.AsyncClient, contract: Contract) -> str:
    """Return the status of what is answered to one damaged request; raises `WrongAnswer` where it is none of ours."""
    path, media, body = request(rng, contract)
    accept = rng.choice(("*/*", "application/json"))
    answer = await client.post(path, content=body, headers={"Content-Type": media, "Accept": accept})
    if answer.status_code == 200:
        return "200"
    known = {status for status, _ in STATUSES.values()} | {429}
    shape = {"errors"} if path.startswith(PREFIX) else {"error"}
    if answer.status_code not in known - {500} or set(answer.json()) != shape:
        raise WrongAnswer(f"{answer.status_code}: {answer.text}")
    return str(answer.status_code)


async def tried(rng: random.Random, client: httpx.AsyncClient, found: Found, name: str) -> None:
    """Try one case; `name` says which in the list of failures."""
    start, turn = time.perf_counter(), rng.randrange(2 * len(CONTRACTS))
    target = "decoder" if turn >= len(CONTRACTS) else CONTRACTS[turn].path
    try:
        outcome = decoded(rng) if turn >= len(CONTRACTS) else await answered(rng, client, CONTRACTS[turn])
    except Exception as error:  # any at all: they are what is looked for
        outcome = "failed"
        found.failures.append(f"{name}, {target}: {type(error).__name__}: {str(error)[:300]}")
    found.outcomes[target, outcome] += 1
    found.slowest = max(found.slowest, time.perf_counter() - start)


def run(model: Path, seed: int, cases: Iterator[int], until: float = float("inf")) -> Found:
    """Return the outcomes of these cases of a seed, as many of them as can be tried until then, by `time.monotonic`."""

    async def main() -> Found:
        found = Found()
        app = application(
            ServerSettings(str(model), max_megapixels=MEGAPIXELS, max_megabytes=1, workers=1, timeout=300)
        )
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                for number in cases:
                    if time.monotonic() >= until:
                        break
                    await tried(random.Random(f"{seed}/{number}"), client, found, f"case {number} of seed {seed}")  # noqa: S311
        return found

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on damaged files
        return asyncio.run(main())


def table(found: Found) -> str:
    """Return the number of cases of each kind and outcome, as Markdown."""
    outcomes = sorted(found.outcomes.items())
    return markdown(
        ["target", "outcome", "cases"], ([target, outcome, str(times)] for (target, outcome), times in outcomes)
    )


@click.command()
@click.option("--seconds", type=click.FloatRange(0), default=600.0, show_default=True, help="How long to go on.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another one gives other cases.")
@click.option("--first", type=click.IntRange(0), default=0, show_default=True, help="The number of the first case.")
@click.option("--case", type=click.IntRange(0), help="Try this case alone.")
def main(seconds: float, seed: int, first: int, case: int | None) -> None:
    """Try damaged inputs, and print how many there were and what came of them; ends with 1 where one failed."""
    silence_libtiff()
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "instant.onnx"
        make_network(model, OURS)
        cases = iter(range(first, 2**62)) if case is None else iter([case])
        start = time.monotonic()
        found = run(model, seed, cases, start + seconds)
    for failure in found.failures:
        click.echo(failure)
    click.echo(table(found))
    count = sum(found.outcomes.values())
    click.echo(
        f"\n{count} cases of seed {seed} in {time.monotonic() - start:.0f} s, the slowest in {found.slowest:.2f} s: "
        f"{len(found.failures)} failed"
    )
    if found.failures:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
