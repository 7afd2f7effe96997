"""Parsers of colours."""

from typing import TypeAlias

from PIL import ImageColor

from background_remover.errors import OptionError, naming
from background_remover.parameters.values import ColourLike, as_text, hex_colour

Colour: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue and alpha, each 0 to 255."""


def as_colour(name: str, value: object) -> str:
    """Return a colour, given as a text or as levels, as a text; raises `OptionError` at anything else."""
    return hex_colour(name, value) if isinstance(value, tuple | list) else as_text(name, value)


def read_colour(text: str) -> Colour:
    """Parse a CSS name, #rgb, #rgba, #rrggbb, #rrggbbaa, rgb() or another form of Pillow's; raises `OptionError`."""
    others = ", gradient:COLOUR,COLOUR, a picture's file, or blur:RADIUS"
    return parse_colour("background", text, "none, a colour", others)


def parse_colour(name: str, text: str, before: str = "a colour", after: str = "") -> Colour:
    """Parse the colour of the option `name`; `before` and `after` say in the error what else it may be."""
    try:
        red, green, blue, *alpha = ImageColor.getrgb(text)
    except ValueError as error:
        raise OptionError(
            f"{name} is {text!r}; give {before} (white, #fff, #ffffff80, rgb(255, 255, 255)){after}"
        ) from error
    if max(red, green, blue, *alpha) > 255:
        raise OptionError(f"{name} is {text!r}; a colour's levels end at 255")
    return red, green, blue, alpha[0] if alpha else 255


def read_remove_colour(given: ColourLike | str) -> Colour | None:
    """Parse the colour to remove; None for an empty text. Raises `OptionError` at anything but an opaque colour."""
    name = naming("remove_colour")
    text = as_colour(name, given)
    if not text:
        return None
    colour = parse_colour(name, text)
    if colour[3] < 255:
        raise OptionError(f"{name} is {text!r}, which is transparent; give an opaque colour")
    return colour
