"""Conversion of option values of many types (numbers, tuples, paths) to the one type of each option."""

import math
import os
import sys
from collections.abc import Callable
from dataclasses import fields
from numbers import Integral, Real
from typing import Any, TypeAlias

from background_remover.errors import OptionError, naming

PathLike: TypeAlias = str | os.PathLike[str]
"""The name of a file."""
LengthLike: TypeAlias = str | float
"""A length: a number of pixels, or a text as in `read_length`."""
OffsetLike: TypeAlias = str | tuple[LengthLike, LengthLike]
"""Two lengths, right and down, or a text as in `read_offset`."""
CanvasLike: TypeAlias = str | tuple[int, int]
"""A width and a height in pixels, in the order of the text "1200x800" that `read_canvas` reads."""
ColourLike: TypeAlias = tuple[int, int, int] | tuple[int, int, int, int]
"""Red, green, blue and optionally alpha, each 0 to 255."""
PointsLike: TypeAlias = str | tuple[OffsetLike, ...] | tuple[LengthLike, LengthLike]
"""A point, several of them, or a text as in `read_points`; each is how far right and how far down."""
BoxLike: TypeAlias = str | tuple[LengthLike, LengthLike, LengthLike, LengthLike]
"""How far right and down a box begins, its width and its height, or a text as in `read_box`."""

_LONGEST_SHOWN = 64  # characters of a text that a message repeats


def coerce_fields(choices: object) -> None:
    """Convert every field of a frozen dataclass to the type of its default, in place.

    A field whose metadata hold a function `read` is converted by that, from the option's name and the value. Raises
    `OptionError`, which names the option, at a value of another type.
    """
    for field in fields(choices):  # type: ignore[arg-type]
        read = field.metadata.get("read") or _READERS[type(field.default)]
        value = read(naming(field.name), getattr(choices, field.name))
        object.__setattr__(choices, field.name, value)


def shown(value: object) -> str:
    """Return a value as messages quote it: a text in quotes, a number as it is, anything else by its type."""
    if isinstance(value, str):
        return repr(value[:_LONGEST_SHOWN])
    if _is_switch(value) or _is_fraction(value) or value is None:
        return str(value)
    if isinstance(value, Integral):
        return _whole_number(int(value))
    return f"of type {type(value).__name__}"


def _is_switch(value: object) -> bool:
    """Return whether it is a bool of Python or of NumPy, which isn't imported for that: whoever has one has it too."""
    return isinstance(value, (bool, getattr(sys.modules.get("numpy"), "bool_", bool)))


def _is_fraction(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, Integral)


def as_switch(name: str, value: object) -> bool:
    """Return a bool of Python or NumPy; raises `OptionError` at anything else, also at 0 and 1."""
    if _is_switch(value):
        return bool(value)
    raise OptionError(f"{name} is {shown(value)}; give True or False")


def read_switch(name: str, text: str) -> bool:
    """Parse a switch, in any case: true, 1, yes, on, or false, 0, no, off.

    Raises `OptionError`, which names the option, at any other text.
    """
    known = {True: ("true", "1", "yes", "on"), False: ("false", "0", "no", "off")}
    for value, words in known.items():
        if text.lower() in words:
            return value
    raise OptionError(f"{name} is {shown(text)}; give true or false")


def as_whole(name: str, value: object) -> int:
    """Return a whole number of any integer type; raises `OptionError` at anything else."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    raise OptionError(f"{name} is {shown(value)}; give a whole number")


def as_number(name: str, value: object) -> float:
    """Return a number of any real type, also infinity and NaN; raises `OptionError` at anything else."""
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value == abs(value) else -math.inf
    raise OptionError(f"{name} is {shown(value)}; give a number")


def as_text(name: str, value: object) -> str:
    """Return a text; raises `OptionError` at anything else, and where it holds a NUL."""
    if not isinstance(value, str):
        raise OptionError(f"{name} is {shown(value)}; give a text")
    if "\0" in value:
        raise OptionError(f"{name} is {shown(value)}; leave the NUL out")
    return value


def as_file(name: str, value: object) -> str:
    """Return the name of a file, given as a text or a path; raises `OptionError` at anything else."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    elif not isinstance(value, str):
        raise OptionError(f"{name} is {shown(value)}; give the path of a file")
    return as_text(name, value)


def as_length(name: str, value: object) -> str:
    """Return a length as a text; a number is one of pixels. Raises `OptionError` at anything else."""
    if isinstance(value, str):
        return as_text(name, value)
    try:
        pixels = as_number(name, value)
    except OptionError as error:
        raise OptionError(f"{name} is {shown(value)}; give pixels or a share, as in 20, '20px' or '5%'") from error
    return f"{pixels:.9f}".rstrip("0").rstrip(".")


def as_offset(name: str, value: object) -> str:
    """Return two lengths, right and down, as a text; raises `OptionError` at anything but a text or two lengths."""
    if isinstance(value, tuple | list) and len(value) == 2:
        return ",".join(as_length(name, length) for length in value)
    if isinstance(value, str):
        return as_text(name, value)
    raise OptionError(f"{name} is {shown(value)}; give two lengths, right and down, as in (10, 20) or '1%,-2%'")


def as_points(name: str, value: object) -> str:
    """Return points as a text, separated by spaces; raises `OptionError` at anything but a text, a point or points."""
    if isinstance(value, str):
        return " ".join(as_text(name, value).split())
    if isinstance(value, tuple | list):
        pair = len(value) == 2 and not any(isinstance(part, tuple | list) or "," in str(part) for part in value)
        return " ".join(as_offset(name, point) for point in ([value] if pair else value))
    raise OptionError(f"{name} is {shown(value)}; give points, as in [(120, 80), ('40%', '50%')] or '120,80 40%,50%'")


def as_box(name: str, value: object) -> str:
    """Return a box as a text; raises `OptionError` at anything but a text or four lengths."""
    if isinstance(value, tuple | list) and len(value) == 4:
        return ",".join(as_length(name, length) for length in value)
    if isinstance(value, str):
        return as_text(name, value)
    raise OptionError(
        f"{name} is {shown(value)}; give where it begins, its width and its height, as in (10, 20, 300, 200)"
    )


def as_canvas(name: str, value: object) -> str:
    """Return a width and a height as a text; raises `OptionError` at anything but a text or two whole numbers."""
    if isinstance(value, tuple | list) and len(value) == 2:
        return "x".join(_whole_number(as_whole(name, side)) for side in value)
    if isinstance(value, str):
        return as_text(name, value)
    raise OptionError(f"{name} is {shown(value)}; give a width and a height, as in (1200, 800) or '1200x800'")


def hex_colour(name: str, value: tuple[object, ...] | list[object]) -> str:
    """Return three or four levels, red first, as a text in hexadecimal; raises `OptionError` at anything else."""
    levels = [as_whole(name, level) for level in value]
    if len(levels) in (3, 4) and all(0 <= level <= 255 for level in levels):
        return "#" + "".join(f"{level:02x}" for level in levels)
    raise OptionError(f"{name} is a {type(value).__name__} of {len(levels)}; give 3 or 4 levels of a colour, 0 to 255")


def _whole_number(number: int) -> str:
    """Return the digits of a number, or its size if it has more than 16: Python refuses to print thousands."""
    return str(number) if abs(number) < 10**16 else f"{'-' * (number < 0)}10^16 or more"


_READERS: dict[type, Callable[[str, Any], object]] = {
    bool: as_switch,
    int: as_whole,
    float: as_number,
    str: as_text,
}
