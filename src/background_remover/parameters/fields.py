"""Fields of the options' dataclasses: their help, and range checks."""

from collections.abc import Callable, Collection
from dataclasses import field
from typing import TypeVar

from background_remover.errors import OptionError
from background_remover.parameters.values import shown

Value = TypeVar("Value", bool, int, float, str)


def option(default: Value, text: str, read: Callable[[str, object], Value] | None = None, *, each: str = "") -> Value:
    """Return a field with its default and its flag's help; `read` converts what is given, see `coerce_fields`.

    `each` is the name of the flag where it may be repeated; the field is then a text of parts separated by spaces.
    """
    return field(default=default, metadata={"help": text, "read": read, "each": each})


def one_of(name: str, value: str, known: Collection[str]) -> None:
    """Raise `OptionError`, which names the option and the known values, at any other value."""
    if value not in known:
        raise OptionError(f"{name} is {value!r}; known: {', '.join(known)}")


def between(name: str, value: float, least: float, most: float) -> None:
    """Raise `OptionError`, which names the option, at a value outside [`least`, `most`]."""
    if not least <= value <= most:
        text = f"{value:g}" if isinstance(value, float) else shown(value)
        raise OptionError(f"{name} is {text}; give a number from {least:g} to {most:g}")
