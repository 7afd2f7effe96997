"""`Gradient`: two colours between which a background changes, and its parser."""

import re
from typing import NamedTuple

from background_remover.errors import OptionError
from background_remover.parameters.colours import Colour, parse_colour

PREFIX = "gradient:"
DOWNWARDS = 180.0
"""The angle that a gradient has where none is given, from top to bottom."""


class Gradient(NamedTuple):
    """A gradient from one colour to another: linear, or radial where it has no angle.

    The angle is CSS's: in degrees, clockwise, from 0 for bottom to top; 90 is from left to right.
    """

    start: Colour
    end: Colour
    angle: float | None = DOWNWARDS


def read_gradient(text: str) -> Gradient:
    """Parse `gradient:COLOUR,COLOUR`, to which an angle in degrees or `radial` may be added; raises `OptionError`."""
    parts = [part.strip() for part in re.split(r",(?![^(]*\))", text.removeprefix(PREFIX))]  # no comma of rgb(1, 2, 3)
    if len(parts) not in (2, 3):
        raise _unreadable(text)
    start, end = (parse_colour("background", part) for part in parts[:2])
    return Gradient(start, end, _angle(text, parts[2]) if len(parts) == 3 else DOWNWARDS)


def _angle(whole: str, text: str) -> float | None:
    if text == "radial":
        return None
    if not re.fullmatch(r"[+-]?\d{1,6}(\.\d{1,9})?", text, re.ASCII):
        raise _unreadable(whole)
    return float(text) % 360


def _unreadable(text: str) -> OptionError:
    return OptionError(
        f"background is {text[:64]!r}; give gradient: and two colours, then an angle in degrees or radial if you like, "
        "as in gradient:white,#c9dcf5,135"
    )
