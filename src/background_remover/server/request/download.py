"""Pictures fetched from addresses that clients name, without being led to hosts that only this machine can reach.

What is checked is the very address that is connected to: a name is looked up once, and the connection goes to what
was found (OWASP, "Server-Side Request Forgery Prevention"). Every redirect is a new connection, checked again.
"""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

import httpcore

from background_remover.server.errors import RequestError
from background_remover.server.request.body import Budget

PORTS = {"http": 80, "https": 443}
REDIRECTS = 3
SECONDS = 20.0
_MOVED = (301, 302, 303, 307, 308)
_MAX_URL = 2048
_UNREADABLE = "the address can't be read; give one as in https://example.org/photo.jpg"
_FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # with an IPv4 address inside (RFC 6052)

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
"""Returns the addresses of a host."""


def is_public(text: str) -> bool:
    """Return whether an IP address is public: not of this machine, its networks, or a special use."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or (
            ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
        )
        if inside is not None:
            return is_public(str(inside))
        if address.sixtofour is not None or address.teredo is not None:  # tunnels that nobody offers pictures in
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system knows them; numbers in all their spellings are hosts as well."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for _, _, _, _, address in found]


class PublicBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only."""

    def __init__(self, resolve: Resolve, allowed: Callable[[str], bool]) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._resolve = resolve
        self._allowed = allowed

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Look up the host, and connect if all addresses found are public."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise RequestError("no_download", "the address can't be looked up; check it") from error
        if not addresses or not all(self._allowed(address) for address in addresses):
            raise RequestError("no_download", "the address leads to no public host; send the picture itself")
        for address in addresses[:-1]:
            with contextlib.suppress(httpcore.ConnectError):
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)


async def fetch(
    url: str,
    budget: Budget,
    *,
    max_bytes: int,
    timeout: float = SECONDS,
    resolve: Resolve = resolve,
    allowed: Callable[[str], bool] = is_public,
    ports: Iterable[int] = tuple(PORTS.values()),
) -> bytes:
    """Return what is at a public address; its bytes are acquired from the budget, and the caller has to release them.

    Raises `RequestError` where nothing is there, it is too large or too slow, or the address isn't public.
    """
    try:
        return await asyncio.wait_for(
            _follow(url, budget, max_bytes, PublicBackend(resolve, allowed), tuple(ports)), timeout
        )
    except asyncio.TimeoutError as error:
        raise RequestError(
            "no_download", f"the address took over {timeout:g} seconds; send the picture itself"
        ) from error
    except _FAILURES as error:
        raise RequestError("no_download", "the address gives no answer; check it") from error


async def _follow(url: str, budget: Budget, max_bytes: int, network: PublicBackend, ports: tuple[int, ...]) -> bytes:
    for _ in range(REDIRECTS + 1):
        _check(url, ports)
        async with httpcore.AsyncConnectionPool(network_backend=network) as pool:
            headers = [("Host", urlsplit(url).netloc), ("Accept", "image/*"), ("Accept-Encoding", "identity")]
            async with pool.stream("GET", url, headers=headers) as response:
                if response.status not in _MOVED:
                    return await _read(response, budget, max_bytes)
                targets = [value.decode("latin-1") for name, value in response.headers if name.lower() == b"location"]
        if not targets:
            raise RequestError("no_download", "the address redirects to none; check it")
        url = urljoin(url, targets[0])
    raise RequestError("no_download", "the address redirects too often; give the last one")


def _check(url: str, ports: tuple[int, ...]) -> None:
    """Raise `RequestError` at what is no plain address of a web page."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError as error:
        raise RequestError("no_download", _UNREADABLE) from error
    printable = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc or not printable or len(url) > _MAX_URL:
        raise RequestError("no_download", _UNREADABLE)
    if port not in ports:
        raise RequestError("no_download", "the address names an unusual port; send the picture itself")


async def _read(response: httpcore.Response, budget: Budget, max_bytes: int) -> bytes:
    if response.status != 200:
        raise RequestError("no_download", f"the address answers {response.status}; check it")
    data = bytearray()
    try:
        async for chunk in response.aiter_stream():
            budget.acquire(len(chunk))
            data += chunk
            if len(data) > max_bytes:
                break
    except BaseException:
        budget.release(len(data))
        raise
    if len(data) > max_bytes:
        budget.release(len(data))
        raise RequestError("too_many_bytes", f"the address gives over {max_bytes / 1e6:g} megabytes; send less")
    return bytes(data)
