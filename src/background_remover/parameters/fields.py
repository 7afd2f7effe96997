"""Checks of an option's value: that it is one of several, or in a range."""

from collections.abc import Collection

from background_remover.errors import OptionError
from background_remover.parameters.values import shown


def one_of(name: str, value: str, known: Collection[str]) -> None:
    """Raise `OptionError`, which names the option and the known values, at any other value."""
    if value not in known:
        raise OptionError(f"{name} is {value!r}; known: {', '.join(known)}")


def between(name: str, value: float, least: float, most: float) -> None:
    """Raise `OptionError`, which names the option, at a value outside [`least`, `most`]."""
    if not least <= value <= most:
        text = f"{value:g}" if isinstance(value, float) else shown(value)
        raise OptionError(f"{name} is {text}; give a number from {least:g} to {most:g}")
