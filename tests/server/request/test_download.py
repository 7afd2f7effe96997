import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest

from background_remover.server.errors import RequestError
from background_remover.server.request import download as fetching
from background_remover.server.request.body import Budget
from background_remover.server.request.download import fetch, is_public


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:7f00:1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::169.254.169.254",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "localhost",
        "",
    ],
)
def test_addresses_that_are_none(address):
    assert not is_public(address)


class Site(BaseHTTPRequestHandler):
    """What is on the web, as far as these tests know it."""

    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        Site.asked.append(self.path)
        if self.path == "/photo":
            self.answer(200, b"PHOTO")
        elif self.path.startswith("/to/"):
            self.answer(302, b"", self.path.removeprefix("/to/"))
        elif self.path == "/loop":
            self.answer(302, b"", "/loop")
        elif self.path == "/large":
            self.answer(200, bytes(200_000))
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.answer(404, b"nothing")

    def answer(self, status: int, data: bytes, location: str | None = None) -> None:
        self.send_response(status)
        if location is not None:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *given: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a site at 127.0.0.2, which these tests take for public; 127.0.0.1 stays what it is."""
    Site.asked = []
    with ThreadingHTTPServer(("127.0.0.2", 0), Site) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


Get = Callable[..., bytes]


@pytest.fixture
def get(port: int) -> Get:
    def get(url: str, found: list[list[str]] | None = None, timeout: float = 5, budget: Budget | None = None) -> bytes:
        budget = budget or Budget(1_000_000)
        answers = iter(found or [])

        async def resolve(host: str, port: int) -> list[str]:
            return ["127.0.0.2"] if found is None and host == "site.example" else list(next(answers, [host]))

        return asyncio.run(
            fetch(
                url.replace("PORT", str(port)),
                budget,
                max_bytes=100_000,
                timeout=timeout,
                resolve=resolve,
                allowed=lambda address: address == "127.0.0.2",
                ports=(80, port),
            )
        )

    return get


def refusal(get: Get, *given: object, **options: object) -> str:
    with pytest.raises(RequestError) as refused:
        get(*given, **options)
    return refused.value.message


def test_a_picture_is_fetched_and_counted(get):
    budget = Budget(1_000_000)
    assert get("http://site.example:PORT/photo", budget=budget) == b"PHOTO"
    assert budget.held == 5


def test_a_redirect_is_followed(get, port):
    assert get("http://site.example:PORT/to//photo") == b"PHOTO"
    assert get(f"http://site.example:PORT/to/http://site.example:{port}/photo") == b"PHOTO"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:PORT/photo",
        "http://localhost:PORT/photo",
        "http://2130706433:PORT/photo",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_is_checked_as_the_first_address_was(get, port, target):
    message = refusal(get, "http://site.example:PORT/to/" + target.replace("PORT", str(port)))
    assert "public host" in message or "can't be read" in message
    assert not any("photo" in path and not path.startswith("/to") for path in Site.asked)


def test_redirects_end(get):
    assert "redirects too often" in refusal(get, "http://site.example:PORT/loop")
    assert len(Site.asked) == 4


def test_a_name_is_looked_up_once_and_what_was_found_is_connected_to(get, monkeypatch):
    """A name that is public when it is checked and ours when it is used (DNS rebinding) has no second chance."""
    connected = []
    connect = httpcore.AnyIOBackend.connect_tcp

    async def note(self, host: str, *given: object, **options: object):
        connected.append(host)
        return await connect(self, host, *given, **options)

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", note)
    assert get("http://rebinding.example:PORT/photo", [["127.0.0.2"], ["127.0.0.1"]]) == b"PHOTO"
    assert connected == ["127.0.0.2"]
    assert "public host" in refusal(get, "http://rebinding.example:PORT/photo", [["127.0.0.1"]])
    assert "public host" in refusal(get, "http://rebinding.example:PORT/photo", [["127.0.0.2", "127.0.0.1"]])
    assert connected == ["127.0.0.2"]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://site.example/photo",
        "gopher://site.example/",
        "//site.example/photo",
        "site.example/photo",
        "http:///photo",
        "http://user:word@site.example/photo",
        "http://site.example@127.0.0.1/photo",
        "http://site.example/a b",
        "http://site.example\\@127.0.0.1/",
        "http://site.example/\r\nX-Injected: 1",
        "http://site.example:99999/",
        "http://[::1/photo",
        "http://sïte.example/",
        "http://site.example/" + "a" * 3000,
        "",
    ],
)
def test_what_is_no_plain_address_is_refused(get, url):
    assert "can't be read" in refusal(get, url)
    assert not Site.asked


@pytest.mark.parametrize("url", ["http://site.example:22/", "http://site.example:6379/", "https://site.example:8443/"])
def test_other_ports_are_refused(get, url):
    assert "port" in refusal(get, url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]",
     "[::ffff:7f00:1]", "169.254.169.254", "[fe80::1]"],
)  # fmt: skip
def test_every_spelling_of_this_machine_is_refused(host):
    """By the system's own lookup and the real rule."""
    with pytest.raises(RequestError) as refused:
        asyncio.run(fetch(f"http://{host}/", Budget(1000), max_bytes=1000, timeout=5))
    assert refused.value.code == "no_download"
    assert "public host" in refused.value.message or "looked up" in refused.value.message


def test_too_much_too_slow_and_nothing(get):
    budget = Budget(1_000_000)
    assert "megabytes" in refusal(get, "http://site.example:PORT/large", budget=budget)
    assert "seconds" in refusal(get, "http://site.example:PORT/slow", timeout=0.3, budget=budget)
    assert "404" in refusal(get, "http://site.example:PORT/nothing", budget=budget)
    assert budget.held == 0


def test_a_host_that_isnt_there(get):
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
    assert "port" in refusal(get, f"http://site.example:{port}/")
    assert "no answer" in refusal(get, "http://site.example/")


def test_a_name_that_nobody_knows(monkeypatch):
    async def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror("nobody knows")

    with pytest.raises(RequestError, match="looked up"):
        asyncio.run(fetching.fetch("http://a.example/", Budget(9), max_bytes=9, timeout=5, resolve=unknown))
