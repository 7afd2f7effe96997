"""`Length`: pixels or per cent, and its parsers."""

import re
from typing import NamedTuple

from background_remover.errors import OptionError
from background_remover.parameters.values import LengthLike, OffsetLike, as_length, as_offset


class Length(NamedTuple):
    """A number of pixels, or of hundredths of a side."""

    value: float
    percent: bool

    def pixels(self, whole: int) -> float:
        """Return the length in pixels, where 100 % are `whole`."""
        return self.value * whole / 100 if self.percent else self.value


def read_length(name: str, given: LengthLike) -> Length:
    """Parse `20`, `20px` or `5%`, not negative; raises `OptionError`, which names the option, at anything else."""
    text = as_length(name, given)
    length = parse_length(text)
    if length is None or length.value < 0:
        raise OptionError(f"{name} is {text!r}; give pixels or a share, as in 20, 20px or 5%")
    return length


def read_offset(name: str, given: OffsetLike) -> tuple[Length, Length]:
    """Parse `RIGHT,DOWN`, two lengths that may be negative; raises `OptionError` at anything else."""
    text = as_offset(name, given)
    lengths = [parse_length(part) for part in text.split(",")]
    if len(lengths) == 2 and lengths[0] is not None and lengths[1] is not None:
        return lengths[0], lengths[1]
    raise OptionError(f"{name} is {text!r}; give two lengths, right and down, as in 10,20 or 1%,-2%")


def parse_lengths(text: str, count: int) -> list[Length] | None:
    """Parse `count` lengths separated by commas, none of them negative; None where the text is anything else."""
    lengths = [length for length in map(parse_length, text.split(",")) if length is not None and length.value >= 0]
    return lengths if len(lengths) == count == text.count(",") + 1 else None


def parse_length(text: str) -> Length | None:
    """Parse a length in pixels or per cent, which may be negative; None where the text is anything else."""
    match = re.fullmatch(r"\s*([+-]?\d{1,6}(?:\.\d{1,9})?)\s*(px|%)?\s*", text, re.ASCII)
    return None if match is None else Length(float(match[1]), match[2] == "%")
