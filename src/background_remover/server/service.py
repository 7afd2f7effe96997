"""What a server is to be: `Service`, its address and every limit it keeps, written once."""

from dataclasses import dataclass

from background_remover import models
from background_remover.errors import OptionError
from background_remover.options import option
from background_remover.processor import cores


@dataclass(frozen=True)
class Service:
    """Where a server listens and what it bears; raises `OptionError` at a value out of range."""

    model: str = option(models.DEFAULT, "A shipped model, or a model file that ends in .onnx.")
    host: str = option("127.0.0.1", "The address to listen on; 0.0.0.0 is every one of this machine.")
    port: int = option(7000, "The port to listen on; 0 takes a free one.")
    token: str = option("", "Answer only those who send it, as Authorization: Bearer TOKEN or X-Api-Key.")
    workers: int = option(0, "Pictures worked on at once; 0 is one for each core.")
    queue: int = option(32, "Pictures that may wait for a worker; more are refused (503).")
    timeout: float = option(60.0, "Seconds that a picture may wait and be worked on (504).")
    body_timeout: float = option(60.0, "Seconds in which a request must have arrived (408).")
    max_megabytes: float = option(64.0, "Refuse larger requests (413).")
    max_megapixels: float = option(50.0, "Refuse larger pictures, frames and canvases (413).")
    max_held: float = option(512.0, "Megabytes of requests held at once; what is more is refused (503).")
    connections: int = option(512, "Clients connected at once; more are turned away.")
    allow_urls: bool = option(False, "Fetch pictures from public addresses that clients name (image_url).")
    cors: str = option("", "Let pages of this origin use the service, as in https://shop.example; * is all.")

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise OptionError(f"port is {self.port}; give a number from 0 to 65535")
        for name, number, least in (
            ("workers", self.workers, 0),
            ("queue", self.queue, 0),
            ("connections", self.connections, 1),
        ):
            if number < least:
                raise OptionError(f"{name} is {number}; give a number from {least}")
        for name, limit in (
            ("timeout", self.timeout),
            ("body-timeout", self.body_timeout),
            ("max-megabytes", self.max_megabytes),
            ("max-megapixels", self.max_megapixels),
            ("max-held", self.max_held),
        ):
            if not limit > 0:  # true of NaN as well
                raise OptionError(f"{name} is {limit:g}; give a number above 0")

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
