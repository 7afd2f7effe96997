"""Parsers of the canvas and the position on it."""

import math
import re

from background_remover.errors import OptionError
from background_remover.parameters.fields import one_of
from background_remover.parameters.values import (
    CanvasLike,
    as_canvas,
)
from background_remover.types import Size

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


def read_canvas(given: CanvasLike, max_megapixels: float = math.inf) -> Size | None:
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
