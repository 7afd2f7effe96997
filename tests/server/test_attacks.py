"""What an attacker would try, each with the status it gets; the table in docs/http.md is held to this one."""

import contextlib
import io
import re
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image as PillowImage

from background_remover.server import connection
from background_remover.server.settings import ServerSettings
from tests.conftest import png, serving

DOCS = Path(__file__).parents[2] / "docs" / "http.md"
TOKEN = "the-token"
WHITE = png(np.full((90, 120, 3), 250, np.uint8))
GB = 1_000_000_000


@dataclass(frozen=True)
class Target:
    """A server under attack."""

    address: str

    @property
    def place(self) -> tuple[str, int]:
        host, _, port = self.address.removeprefix("http://").partition(":")
        return host, int(port)

    def post(self, path: str = "/remove", token: str = TOKEN, **given: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} | given.pop("headers", {})
        return httpx.post(f"{self.address}{path}", headers=headers, timeout=None, **given)

    def raw(self, request: bytes) -> int:
        """The status of what answers to some bytes, or 0 where the connection is closed without an answer."""
        with socket.create_connection(self.place) as client, contextlib.suppress(OSError):
            client.sendall(request)
            answer = client.recv(65_536)
            return int(answer.split()[1]) if answer else 0
        return 0


@pytest.fixture(scope="module")
def target(bright) -> Iterator[Target]:
    settings = ServerSettings(str(bright), port=0, token=TOKEN, body_timeout=1, max_megapixels=10, allow_urls=True)
    with pytest.MonkeyPatch.context() as patch, serving(settings) as address:
        patch.setattr(connection, "HEAD_SECONDS", 1.0)
        patch.setattr(connection, "TICK", 0.1)
        yield Target(address)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def png_of(width: int, height: int, more: bytes = b"") -> bytes:
    """A PNG file that says it has that size, and holds next to nothing."""
    header = chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + more + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def gif_of(frames: int, side: int) -> bytes:
    first, *rest = [PillowImage.new("L", (side, side), 250 - number % 2) for number in range(frames)]
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=rest)
    return buffer.getvalue()


def truncated() -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()[:20_000]


def stream(total: int) -> Iterator[bytes]:
    block = bytes(1_000_000)
    for _ in range(total // len(block)):
        yield block


def a_polyglot(target: Target) -> int:
    """A picture that is a page and an archive as well comes back as a picture and nothing else."""
    answer = target.post(content=WHITE + b"<script>alert(1)</script>PK\x03\x04" + bytes(100))
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert b"script" not in answer.content
    return answer.status_code


def a_streamed_gigabyte(target: Target) -> int:
    """It isn't held: the process grows by far less than what was sent, and nothing is held afterwards."""
    process = psutil.Process()
    before = process.memory_info().rss
    status = 0
    with contextlib.suppress(httpx.WriteError):
        status = target.post(content=stream(GB)).status_code
    assert process.memory_info().rss - before < 300_000_000
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert "background_remover_held_bytes 0.0" in httpx.get(f"{target.address}/metrics", headers=headers).text
    return status


def a_slow_body(target: Target) -> int:
    head = f"POST /remove HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection(target.place) as client:
        client.sendall(head.encode())
        with contextlib.suppress(OSError):
            for _ in range(30):
                client.sendall(b"x")
                time.sleep(0.05)
        return int(client.recv(4096).split()[1])


def a_slow_head(target: Target) -> int:
    return target.raw(b"POST /remove HTTP/1.1\r\nHost: a\r\n")  # without an end of the wait it wouldn't return


def url(target: Target, url: str) -> int:
    answer = target.post("/v1.0/removebg", data={"image_url": url})
    assert answer.json()["errors"][0]["code"] == "failed_to_download"
    return answer.status_code


def path(target: Target, path: str) -> int:
    return target.raw(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode("latin-1"))


def form(target: Target, **texts: str) -> int:
    return target.post(files={"image": WHITE}, data=texts).status_code


Attack = Callable[[Target], int]
ATTACKS: dict[str, tuple[int, tuple[Attack, ...]]] = {
    "a decompression bomb: 10,000 megapixels in 100 bytes": (
        413,
        (
            lambda to: to.post(content=png_of(100_000, 100_000)).status_code,
            lambda to: to.post(content=png_of(2**31 - 1, 2**31 - 1)).status_code,
        ),
    ),
    "an animation of very many frames": (413, (lambda to: to.post(content=gif_of(60, 500)).status_code,)),
    "a decompression bomb in a text chunk of a PNG": (
        422,
        (lambda to: to.post(content=png_of(8, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**8))))).status_code,),
    ),
    "a canvas of 10,000 megapixels": (413, (lambda to: form(to, canvas="99999x99999"),)),
    "lengths without end": (
        422,
        (
            lambda to: form(to, shadow="true", shadow_blur="9" * 400),
            lambda to: form(to, feather="1e308"),
            lambda to: form(to, grow="9" * 4000),
            lambda to: form(to, max_megapixels="inf"),
        ),
    ),
    "a shadow as wide as a million pictures": (200, (lambda to: form(to, shadow="true", shadow_blur="999999%"),)),
    "a truncated picture": (422, (lambda to: to.post(content=truncated()).status_code,)),
    "a picture that is also a page and an archive (a polyglot)": (200, (a_polyglot,)),
    "a page, a script, an SVG, a PDF": (
        415,
        tuple(
            lambda to, body=body: to.post(content=body, headers={"Content-Type": "image/png"}).status_code
            for body in (b"<html>" + WHITE, b"#!/bin/sh\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7\n")
        ),
    ),
    "a gigabyte, announced": (
        413,
        (
            lambda to: to.raw(
                f"POST /remove HTTP/1.1\r\nHost: a\r\nX-Api-Key: {TOKEN}\r\nContent-Length: {GB}\r\n\r\n".encode()
            ),
        ),
    ),
    "a gigabyte, streamed": (413, (a_streamed_gigabyte,)),
    "a body that arrives very slowly": (408, (a_slow_body,)),
    "headers that don't end": (0, (a_slow_head,)),
    "too many headers": (
        431,
        (
            lambda to: to.raw(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-A: bbbbbbbb\r\n" * 2000 + b"\r\n"),
            lambda to: to.raw(b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"b" * 30_000),
        ),
    ),
    "a request that isn't HTTP, or has two lengths": (
        400,
        (
            lambda to: to.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
            lambda to: to.raw(b"POST /remove HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            lambda to: to.raw(b"POST /remove HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
        ),
    ),
    "too many fields or files": (
        413,
        (
            lambda to: to.post(files=[("a", (None, b"x"))] * 1000).status_code,
            lambda to: to.post(files=[(f"f{number}", ("f", b"x")) for number in range(1000)]).status_code,
            lambda to: to.post(files={"image": WHITE}, data={"margin": "1" * 100_000}).status_code,
        ),
    ),
    "too many headers in a part of a form, a malformed form": (
        400,
        tuple(
            lambda to, body=body: (
                to.post(content=body, headers={"Content-Type": "multipart/form-data; boundary=b"}).status_code
            )
            for body in (b"--b\r\n" + b"X-A: b\r\n" * 10_000, b"--b\r\nX: " + b"a" * 10**6, b"nothing")
        ),
    ),
    "JSON nested to its full length": (
        400,
        (
            lambda to: (
                to.post(
                    "/v1.0/removebg", content=b"[" * 10**6, headers={"Content-Type": "application/json"}
                ).status_code
            ),
        ),
    ),
    "a path out of the page's folder": (
        404,
        tuple(
            lambda to, way=way: path(to, way)
            for way in (
                "/static/../remover.py",
                "/static/%2e%2e/remover.py",
                "/static/..%2fserver.py",
                "/static/..%5cserver.py",
                "/static//etc/passwd",
                "/static/%2fetc%2fpasswd",
                "//etc/passwd",
                "/static/index.html%00.png",
            )
        ),
    ),
    "a file of the server as an option": (
        422,
        (
            lambda to: form(to, background="/etc/hostname"),
            lambda to: to.post("/remove?mask=/etc/hostname", content=WHITE).status_code,
            lambda to: form(to, background="sent/background"),
            lambda to: form(to, background="file:///etc/hostname"),
            lambda to: form(to, background="http://127.0.0.1/a.png"),
        ),
    ),
    "a path as an uploaded file's name": (
        200,
        (lambda to: to.post(files={"image": ("../../../../tmp/owned", WHITE)}).status_code,),
    ),
    "wrong tokens": (
        401,
        tuple(
            lambda to, token=token: to.post(token=token, content=WHITE).status_code
            for token in ("wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "x" * 8000)
        ),
    ),
    "a page of another origin": (
        403,
        (lambda to: to.post(content=WHITE, headers={"Origin": "https://evil.example"}).status_code,),
    ),
    "an address of this machine or its network, in any spelling": (
        400,
        tuple(
            lambda to, name=name: url(to, f"http://{name}/")
            for name in (
                "127.0.0.1",
                "localhost",
                "2130706433",
                "0x7f000001",
                "0177.0.0.1",
                "127.1",
                "0.0.0.0",
                "[::1]",
                "[::]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[64:ff9b::7f00:1]",
                "169.254.169.254",
                "10.0.0.1",
                "192.168.0.1",
            )
        ),
    ),
    "an address that isn't HTTP or HTTPS": (
        400,
        tuple(
            lambda to, text=text: url(to, text)
            for text in (
                "file:///etc/passwd",
                "gopher://127.0.0.1:6379/_x",
                "http://a@127.0.0.1/",
                "http://8.8.8.8:22/",
            )
        ),
    ),
}
# Tried in test_fetch.py, where a name may be given addresses, for they need a site of their own, and in test_armour.py.
ELSEWHERE = {
    "a redirect to this machine": 400,
    "a name that changes its address (DNS rebinding)": 400,
    "a page whose host name points to the service (DNS rebinding)": 421,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack(name, target):
    status, tries = ATTACKS[name]
    assert [attack(target) for attack in tries] == [status] * len(tries)


def test_it_works_on_after_all_that(target):
    assert target.post(content=WHITE).status_code == 200
    assert not Path("/tmp/owned").exists()


def test_the_table_in_the_documentation_is_this_one():
    rows = re.findall(r"^\| ([^|]+?) \| (\d{3}|closed)[^|]* \|$", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    expected = {name: str(status or "closed") for name, (status, _) in ATTACKS.items()}
    expected |= {name: str(status) for name, status in ELSEWHERE.items()}
    assert {name: status for name, status in rows if name in expected} == expected
