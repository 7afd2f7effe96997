"""Parsers of the background, how it is fitted, and the outline."""

import math
import os
import re
from typing import Literal, NamedTuple, TypeAlias, cast, get_args

from background_remover.errors import OptionError, naming
from background_remover.parameters.colours import Colour, parse_colour, read_colour
from background_remover.parameters.gradient import PREFIX, Gradient, read_gradient
from background_remover.parameters.lengths import Length, parse_length
from background_remover.parameters.values import (
    ColourLike,
    PathLike,
    as_file,
    as_text,
    hex_colour,
    shown,
)

Fit: TypeAlias = Literal["cover", "contain", "stretch"]


class Backdrop(NamedTuple):
    """What is put behind the subject: nothing, or one of a colour, a gradient, a picture's file, a blur."""

    colour: Colour | None = None
    gradient: Gradient | None = None
    file: str | None = None
    blur: float | None = None  # standard deviation in pixels


def as_background(name: str, value: object) -> str:
    """Return a text for `read_background`, from a text, a path (always a file) or a colour's levels.

    Raises `OptionError` at anything else.
    """
    if isinstance(value, os.PathLike):
        file = as_file(name, value)
        return file if _names_a_file(file) else os.path.join(os.curdir, file)  # noqa: PTH118 - a Path drops the dot
    if isinstance(value, tuple | list):
        return hex_colour(name, value)
    if isinstance(value, str):
        return as_text(name, value)
    raise OptionError(f"{name} is {shown(value)}; give a text, the path of a picture's file, or a colour's levels")


def read_background(given: PathLike | ColourLike) -> Backdrop:
    """Parse `none`, a colour (see `read_colour`), a gradient (see `read_gradient`), `blur:RADIUS` in pixels, or a file.

    A file's name is any other text with a dot or a slash. Raises `OptionError` where it is none of these.
    """
    text = as_background("background", given)
    if text == "none":
        return Backdrop()
    if text.startswith("blur:"):
        try:
            radius = float(text.removeprefix("blur:"))
        except ValueError:
            radius = math.nan
        if not 0 < radius <= 1000:
            raise OptionError(f"background is {text!r}; give blur: and a radius from 0 to 1000 pixels, as in blur:20")
        return Backdrop(blur=radius)
    if text.startswith(PREFIX):
        return Backdrop(gradient=read_gradient(text))
    if _names_a_file(text):
        return Backdrop(file=text)
    return Backdrop(colour=read_colour(text))


def _names_a_file(text: str) -> bool:
    return bool(re.search(r"[./\\]", text)) and not re.match(rf"blur:|{PREFIX}|\w+\(", text)


def read_outline(text: str) -> tuple[Length, Colour] | None:
    """Parse `WIDTH,COLOUR`, white by default; None for an empty text. Raises `OptionError`."""
    if not text:
        return None
    width, _, colour = text.partition(",")
    length = parse_length(width)
    if length is None or length.value <= 0:
        raise OptionError(f"outline is {text!r}; give a width and a colour, as in 12,black or 2%,white")
    return length, parse_colour("outline", colour.strip() or "white")


def read_fit(text: str) -> Fit:
    """Parse `cover`, `contain` or `stretch`; raises `OptionError` at anything else."""
    for fit in get_args(Fit):
        if text == fit:
            return cast(Fit, fit)
    raise OptionError(f"{naming('background_fit')} is {text!r}; known: {', '.join(get_args(Fit))}")
