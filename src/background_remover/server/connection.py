"""`Connection`: uvicorn's, with limits on slow and endless headers, on unread responses, and on the number of clients.

uvicorn waits for ever for the headers of a request, reads on for ever after its response, and keeps for ever what a
client doesn't receive. Its own limit of connections answers in plain text. This file alone uses private parts of it;
`test_connection` fails where a version lacks one of them.
"""

import asyncio
import json
import socket
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_BYTES = 16_384  # of a request: its line and headers
HEAD_SECONDS = 10.0  # for the head to arrive, and for the rest of a body to arrive after the response
UNTAKEN_SECONDS = 30.0  # without a byte received, after which a client counts as gone
LINGER_BYTES = 8_000_000  # of a body that are read and dropped after the response, so that the client sees it
TICK = 1.0
_TOO_LONG = f"the head of the request is over {HEAD_BYTES} bytes; send fewer headers"


class Connection(H11Protocol):
    """A client's connection."""

    most = 512  # of them at once; the listener sets it

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection, or refuse it where there are too many."""
        super().connection_made(transport)
        # A head and its body are two packets: without this the second waits for the client to confirm the first, 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._begun: Any = None  # the cycle of the last request that began
        self._since = self.loop.time()  # when the head began to be waited for
        self._left, self._left_since = 0, self._since  # bytes that the client hasn't taken, and since when so many
        self._dropped = 0
        self._timer = self.loop.call_later(TICK, self._look)
        if len(self.connections) > self.most:
            self._refuse(503, "busy", "too many clients at once; try again", [(b"retry-after", b"1")])

    def connection_lost(self, exc: Exception | None) -> None:
        """End it."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Process data; close the connection if too much of it comes after the response."""
        if self.transport.is_closing():
            return
        if self._answered() and self.conn.their_state is h11.SEND_BODY:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.transport.abort()
                return
        if self.conn.their_state is h11.IDLE:  # h11 bounds a head only while its end hasn't come
            head = self.conn.trailing_data[0] + data[: HEAD_BYTES + 4]
            if len(head) > HEAD_BYTES and b"\r\n\r\n" not in head[: HEAD_BYTES + 4]:
                self._refuse(431, "bad_request", _TOO_LONG)
                return
        super().data_received(data)
        if self.cycle is not self._begun:
            self._begun, self._dropped = self.cycle, 0

    def on_response_complete(self) -> None:
        """Wait for the next head from now on."""
        self._since = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Answer data that isn't an HTTP request; uvicorn calls it."""
        if len(self.conn.trailing_data[0]) >= HEAD_BYTES:
            self._refuse(431, "bad_request", _TOO_LONG)
        else:
            self._refuse(400, "bad_request", "this is no HTTP request")

    def _answered(self) -> bool:
        return self.cycle is not None and bool(self.cycle.response_complete)

    def _look(self) -> None:
        now, waits = self.loop.time(), self.cycle is None or self._answered()
        self._timer = self.loop.call_later(TICK, self._look)
        left = self.transport.get_write_buffer_size()
        if not left or left != self._left:
            self._left, self._left_since = left, now
        untaken = now - self._left_since > UNTAKEN_SECONDS
        if untaken or (waits and not left and now - self._since > HEAD_SECONDS):
            self.transport.abort()

    def _refuse(self, status: int, code: str, message: str, more: list[tuple[bytes, bytes]] | None = None) -> None:
        """Send an error and close; what is still being read is dropped."""
        body = json.dumps({"error": {"code": code, "message": message}}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        headers += [(b"connection", b"close"), *(more or [])]
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):  # an answer is under way
            self.transport.abort()
            return
        events = (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage())
        for event in events:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def connections(most: int) -> type[Connection]:
    """Return the class for a listener with at most this number of connections at once."""
    return type("Connection", (Connection,), {"most": most})
