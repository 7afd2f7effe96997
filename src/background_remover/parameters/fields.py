"""Fields of options: their help, and the checks of their values."""

from collections.abc import Callable, Collection
from dataclasses import field
from typing import TypeVar

from background_remover.errors import OptionError
from background_remover.parameters.values import shown

Value = TypeVar("Value", bool, int, float, str)


def option(default: Value, text: str, read: Callable[[str, object], Value] | None = None, *, each: str = "") -> Value:
    """A field with its default and what its flag's help says; `read` makes its value of what is given, see `settle`.

    `each` is the name of a flag that may be repeated: the field is then a list, a text with blanks between its parts.
    """
    return field(default=default, metadata={"help": text, "read": read, "each": each})


def one_of(name: str, value: str, known: Collection[str]) -> None:
    """Raises `OptionError`, which names the option and what is known, at a value that is none of these."""
    if value not in known:
        raise OptionError(f"{name} is {value!r}; known: {', '.join(known)}")


def between(name: str, value: float, least: float, most: float) -> None:
    """Raises `OptionError`, which names the option, at a value outside [`least`, `most`]."""
    if not least <= value <= most:
        text = f"{value:g}" if isinstance(value, float) else shown(value)
        raise OptionError(f"{name} is {text}; give a number from {least:g} to {most:g}")
