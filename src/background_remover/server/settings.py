"""`ServerSettings`: the address of a server and every limit it keeps, written once."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from background_remover import models
from background_remover.errors import OptionError
from background_remover.parameters.groups import CLIENTS, LIMITS, RUNNING, VIDEOS
from background_remover.runtime.parallel import cores
from background_remover.segmentation.device import CPU, NAMES, check_name


@dataclass(frozen=True)
class ServerSettings:
    """Where a server listens and its limits; raises `OptionError` at a value out of range."""

    model: str = RUNNING(models.DEFAULT, "A shipped model, or a model file that ends in .onnx.")
    device: str = RUNNING(CPU, f"What the network runs on: {', '.join(NAMES)}.")
    host: str = CLIENTS("127.0.0.1", "The address to listen on; 0.0.0.0 is every one of this machine.")
    port: int = CLIENTS(7000, "The port to listen on; 0 takes a free one.")
    token: str = CLIENTS("", "Answer only those who send it, as Authorization: Bearer TOKEN or X-Api-Key.")
    workers: int = RUNNING(0, "Pictures worked on at once; 0 is one for each core.")
    processes: bool = RUNNING(False, "Work on each picture in a process of its own: more a second, and more memory.")
    queue: int = LIMITS(32, "Pictures that may wait for a worker; more are refused (503).")
    timeout: float = LIMITS(60.0, "Seconds that a picture may wait and be worked on (504).")
    body_timeout: float = LIMITS(60.0, "Seconds in which a request must have arrived (408).")
    max_megabytes: float = LIMITS(64.0, "Refuse larger requests (413).")
    max_megapixels: float = LIMITS(50.0, "Refuse larger pictures, frames and canvases (413).")
    max_held: float = LIMITS(512.0, "Megabytes of requests held at once; what is more is refused (503).")
    connections: int = CLIENTS(512, "Clients connected at once; more are turned away.")
    allow_urls: bool = CLIENTS(False, "Fetch pictures from public addresses that clients name (image_url).")
    cors: str = CLIENTS("", "Let pages of this origin use the service, as in https://shop.example; * is all.")
    allow_host: str = CLIENTS("", "Answer by this host name as well, as in cutouts.example; * is any.")
    video: bool = VIDEOS(False, "Take videos as well (POST /video), which needs the extra video.")
    video_seconds: float = VIDEOS(300.0, "Refuse longer videos, or parts of them (413).")
    video_megabytes: float = VIDEOS(500.0, "Refuse larger videos (413), and results.")
    video_megapixels: float = VIDEOS(9.0, "Refuse videos of larger frames (413).")
    video_queue: int = VIDEOS(4, "Videos that may wait, for one is worked on at a time; more are refused (503).")
    video_keep: float = VIDEOS(3600.0, "Seconds that a video's result is kept.")

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise OptionError(f"port is {self.port}; give a number from 0 to 65535")
        check_name(self.device)
        for name, number, least in (
            ("workers", self.workers, 0),
            ("queue", self.queue, 0),
            ("connections", self.connections, 1),
            ("video-queue", self.video_queue, 0),
        ):
            if number < least:
                raise OptionError(f"{name} is {number}; give a number from {least}")
        for name, limit in (
            ("timeout", self.timeout),
            ("body-timeout", self.body_timeout),
            ("max-megabytes", self.max_megabytes),
            ("max-megapixels", self.max_megapixels),
            ("max-held", self.max_held),
            ("video-seconds", self.video_seconds),
            ("video-megabytes", self.video_megabytes),
            ("video-megapixels", self.video_megapixels),
            ("video-keep", self.video_keep),
        ):
            if not limit > 0:  # true of NaN as well
                raise OptionError(f"{name} is {limit:g}; give a number above 0")
        for origin in self.origins:
            _check_origin(origin)
        for host in self.hosts:
            _check_host(host)

    def accepts_host(self, host: str) -> bool:
        """Return whether to answer a request with this `Host` header.

        A page elsewhere may make its own host name point to this machine (DNS rebinding), so that browsers take the
        service for a part of that page. On loopback without a token only loopback names and `host` are accepted, which
        no page can have; where `allow_host` is given, those and its names are, at any address.
        """
        name = host_of(host)
        if not self.hosts and (self.token or not (is_loopback(self.host) or _is_name(self.host))):
            return True
        return "*" in self.hosts or is_loopback(name) or name in (self.host.lower(), *self.hosts)

    @property
    def hosts(self) -> list[str]:
        """The names of `allow_host`."""
        return [host.strip().lower() for host in self.allow_host.split(",") if host.strip()]

    @property
    def origins(self) -> list[str]:
        """The origins of pages that may use the service, beside its own."""
        return [origin.strip() for origin in self.cors.split(",") if origin.strip()]

    @property
    def threads(self) -> int:
        """How many pictures are worked on at once."""
        return self.workers or cores()

    @property
    def max_bytes(self) -> int:
        """`max_megabytes` in bytes."""
        return int(self.max_megabytes * 1e6)


def host_of(header: str) -> str:
    """Return the host in a `Host` header, without its port, in lower case; an empty text where there is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Return whether a host, a name or an address, is this machine and can be nothing else (RFC 6761, 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host)
    return False


def _check_host(host: str) -> None:
    if host != "*" and _is_name(host) and not re.fullmatch(r"[a-z0-9._-]+", host):
        raise OptionError(f"allow-host is {host!r}; give a name without scheme and port, as in cutouts.example")


def _check_origin(origin: str) -> None:
    """Raise `OptionError` at what no browser sends as an origin, and so would let nobody in."""
    if origin == "*":
        return
    try:
        parts = urlsplit(origin)
        default = parts.port == {"http": 80, "https": 443}.get(parts.scheme, -1)
        whole = bool(parts.hostname) and origin == f"{parts.scheme}://{parts.netloc}" and "@" not in origin
    except ValueError:
        whole = default = False
    if not whole or default or not re.fullmatch(r"[!-@\[-~]+", origin):  # ASCII without spaces and capitals
        raise OptionError(
            f"cors is {origin!r}; give an origin as browsers send it, scheme, host and port if unusual, "
            "as in https://shop.example"
        )
