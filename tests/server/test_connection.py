"""Bad manners below HTTP, by sockets of our own."""

import asyncio
import contextlib
import inspect
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

import background_remover
from background_remover.server import connection
from background_remover.server.settings import ServerSettings
from server_process import Server
from service import kept
from tests.conftest import png, serving
from tests.server.private_parts import used_of_self

Address = tuple[str, int]


def test_uvicorn_has_the_private_parts_that_are_used():
    loop = asyncio.new_event_loop()
    config = uvicorn.Config(lambda scope: None, http=H11Protocol, ws="none", log_config=None)
    protocol = H11Protocol(config, ServerState(), {}, loop)
    loop.close()
    used = used_of_self(connection, "Connection")
    assert {"conn", "cycle", "connections", "transport", "loop", "data_received", "on_response_complete"} <= used
    lacking = [name for name in sorted(used | {"send_400_response"}) if not hasattr(protocol, name)]
    if "self.response_complete" not in inspect.getsource(RequestResponseCycle):
        lacking.append("cycle.response_complete")
    assert not lacking, (
        f"uvicorn {uvicorn.__version__}: H11Protocol lacks {', '.join(lacking)}; "
        "bring server/connection.py up to it, or hold uvicorn back in pyproject.toml"
    )


def test_private_parts_of_uvicorn_are_used_in_one_file():
    source = Path(background_remover.__file__).parent
    files = [path for path in source.rglob("*.py") if "uvicorn.protocols" in path.read_text(encoding="utf-8")]
    assert files == [Path(connection.__file__)]


@pytest.fixture(scope="module")
def address(bright) -> Iterator[Address]:
    with pytest.MonkeyPatch.context() as patch, serving(ServerSettings(str(bright), port=0, connections=8)) as url:
        patch.setattr(connection, "HEAD_SECONDS", 0.5)
        patch.setattr(connection, "UNTAKEN_SECONDS", 0.5)
        patch.setattr(connection, "TICK", 0.1)
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


def said(client: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    answer = b""
    while chunk := client.recv(65_536):
        answer += chunk
    return answer


def ask(address: Address, request: bytes) -> tuple[int, dict[str, str]]:
    """The status and the error of an answer after which the connection is closed."""
    with socket.create_connection(address) as client:
        client.sendall(request)
        head, _, body = said(client).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]


def test_what_is_no_http_is_refused_in_json(address):
    assert ask(address, b"GARBAGE\r\n\r\n") == (400, {"code": "bad_request", "message": "this is no HTTP request"})


def test_a_flood_of_headers_is_refused(address):
    headers = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 50) for number in range(1000))
    status, error = ask(address, b"GET / HTTP/1.1\r\nHost: a\r\n" + headers)
    assert (status, error["code"]) == (431, "bad_request")


def test_a_head_that_doesnt_end_is_given_up(address):
    with socket.create_connection(address) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n")
        assert said(client) == b""


def test_a_head_that_trickles_is_given_up(address):
    head, sent = b"GET /health HTTP/1.1\r\n" + b"X-A: b\r\n" * 100, 0
    with socket.create_connection(address) as client, contextlib.suppress(OSError):
        for byte in head:
            client.sendall(bytes([byte]))
            sent += 1
            time.sleep(0.02)
    assert sent < len(head)


def test_silence_is_given_up(address):
    with socket.create_connection(address) as client:
        assert said(client) == b""


def test_too_many_clients_are_turned_away(address):
    clients = [socket.create_connection(address) for _ in range(8)]
    try:
        status, error = ask(address, b"")
        assert (status, error["code"]) == (503, "busy")
    finally:
        for client in clients:
            client.close()


def test_a_body_that_goes_on_after_the_answer_is_cut_off(address):
    """1 GB is announced nowhere, comes in chunks and is refused at the limit; the rest is hardly read."""
    chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    sent = 0
    with socket.create_connection(address) as client, contextlib.suppress(OSError):
        client.sendall(b"POST /remove HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(1000):
            client.sendall(chunk)
            sent += 1
    assert 64 <= sent < 150


def test_an_answer_that_isnt_taken_is_given_up(address):
    """12 MB of a BMP file, of which the system's buffers hold a few."""
    body = png(np.full((2000, 2000), 255, np.uint8))
    head = f"POST /remove?background=red&format=bmp HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(address)
        client.sendall(head.encode() + body)
        client.settimeout(20)
        taken = len(client.recv(100))
        assert taken == 100
        time.sleep(2)
        with contextlib.suppress(ConnectionResetError):
            taken += len(said(client))
    assert taken < 12_000_000


def test_packets_are_sent_at_once(bright, monkeypatch):
    taken = []
    made = connection.Connection.connection_made

    def note(self: connection.Connection, transport: asyncio.Transport) -> None:
        made(self, transport)
        given = transport.get_extra_info("socket")
        taken.append(given.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(connection.Connection, "connection_made", note)
    with serving(ServerSettings(str(bright), port=0)) as url:
        assert httpx.get(f"{url}/health").status_code in (200, 503)
    assert taken
    assert all(taken)


def test_a_kept_connection_is_no_slower_than_fresh_ones(address):
    """The kernel's wait for what a client confirms makes it twenty times slower; three times is noise."""
    server = Server(address[1], lambda: 0, lambda: 0)
    kept(server, 3)
    seconds = [kept(server, 20) for _ in range(3)]
    assert min(on_one for on_one, _ in seconds) < 3 * max(on_fresh for _, on_fresh in seconds)


def test_a_connection_is_kept_for_the_next_request(address):
    with socket.create_connection(address) as client:
        for _ in range(3):
            client.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = b""
            while b'"}' not in answer:
                answer += client.recv(4096)
            assert answer.startswith(b"HTTP/1.1 ")
