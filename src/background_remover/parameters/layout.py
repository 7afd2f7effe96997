"""Parsers of the canvas and the position on it."""

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from background_remover.errors import OptionError
from background_remover.parameters.fields import one_of
from background_remover.parameters.lengths import Length, parse_length
from background_remover.parameters.values import (
    CanvasLike,
    as_canvas,
    as_length,
    as_text,
    shown,
)

if TYPE_CHECKING:
    from background_remover.types import Size

LARGEST_FACTOR = 100.0
_UNCHANGED = Length(1, percent=False), Length(0, percent=False)  # the default scale and angle

POSITIONS = {
    f"{row}-{column}".replace("middle-centre", "centre").replace("-centre", "").replace("middle-", ""): (down, along)
    for row, down in (("top", 0.0), ("middle", 0.5), ("bottom", 1.0))
    for column, along in (("left", 0.0), ("centre", 0.5), ("right", 1.0))
}
"""The name of a position -> the shares of the free height above it and of the free width to its left."""


def read_position(text: str) -> tuple[float, float]:
    """Parse the name of a position into the shares of the free height above it and of the free width to its left.

    "center" is taken for "centre". Raises `OptionError` at anything else.
    """
    name = text.replace("center", "centre")
    one_of("position", name, POSITIONS)
    return POSITIONS[name]


def read_canvas(given: CanvasLike, max_megapixels: float = math.inf) -> "Size | None":
    """Parse `WIDTHxHEIGHT` in pixels into (height, width); None for an empty text.

    Raises `OptionError` at anything else, and at a canvas of more than `max_megapixels` million pixels.
    """
    text = as_canvas("canvas", given)
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text, re.ASCII)
    if match is None or not all(int(side) for side in match.groups()):
        raise OptionError(f"canvas is {text!r}; give its width and height in pixels, as in 1200x800")
    width, height = int(match[1]), int(match[2])
    if width * height > max_megapixels * 1e6:
        raise OptionError(f"canvas is {text}; the most is {max_megapixels:g} megapixels: make it smaller")
    return height, width


class Placement(NamedTuple):
    """Where the middle of the subject's box goes on the canvas, the factor of its size, and its rotation.

    `angle` is in degrees clockwise.
    """

    right: Length
    down: Length
    factor: float = 1.0
    angle: float = 0.0


def as_place(name: str, value: object) -> str:
    """Return a placement as a text; raises `OptionError` at anything but a text or two to four numbers or lengths."""
    if isinstance(value, tuple | list) and 2 <= len(value) <= 4:
        return ",".join(as_length(name, part) for part in value)
    if isinstance(value, str):
        return as_text(name, value)
    raise OptionError(f"{name} is {shown(value)}; give where, and perhaps scale and angle, as in ('50%', '60%', 1.2)")


def read_place(text: str) -> Placement | None:
    """Parse `X,Y[,SCALE[,ANGLE]]`, whose lengths may be negative; None for an empty text.

    Raises `OptionError` at anything else, and at a scale beyond 0 to `LARGEST_FACTOR`.
    """
    if not text:
        return None
    given = [parse_length(part) for part in text.split(",")]
    right, down, factor, angle = [*given, *_UNCHANGED[len(given) - 2 :]] if 2 <= len(given) <= 4 else [None] * 4
    if right is None or down is None or factor is None or angle is None or factor.percent or angle.percent:
        raise OptionError(f"place is {text!r}; give X,Y and perhaps SCALE and ANGLE, as in 50%,60%,1.2,-8")
    if not 0 < factor.value <= LARGEST_FACTOR:
        raise OptionError(f"place is {text!r}; give a scale above 0, at most {LARGEST_FACTOR:g}")
    return Placement(right, down, factor.value, angle.value)
