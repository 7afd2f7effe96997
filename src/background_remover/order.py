"""`Order`: what one request asks for, and the work on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from background_remover.errors import NoSubject
from background_remover.fields import SENT
from background_remover.files import Made, make
from background_remover.image import load
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.saving import Saving

NAME = "image"  # of the picture in messages


@dataclass(frozen=True)
class Order:
    """The bytes of a picture's file, what is to be done with it, and the pictures that came beside it, by field."""

    image: bytes
    options: Options
    saving: Saving
    beside: Mapping[str, bytes] = field(default_factory=dict)


def fill(order: Order, remover: Remover) -> Made:
    """The cutout that was asked for.

    Raises `Error`: `NoSubject` where there is none and `allow_empty` doesn't say that this is fine.
    """
    options = order.options
    file = load(order.image, name=NAME, max_megapixels=options.max_megapixels)
    beside = {SENT.format(name): data for name, data in order.beside.items()}
    made = make(remover, file, None, options, order.saving, beside)
    if made.empty and not options.allow_empty:
        raise NoSubject(f"no subject found (confidence {made.confidence:.2f}); allow_empty gives the cutout even so")
    return made
