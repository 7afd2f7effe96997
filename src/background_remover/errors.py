"""The errors this package raises on purpose.

    Error                 any of the below; its text is one line: what was given, what was wanted, what to do
    ├── ImageError        a picture that can't be read, is too large, or can't be written
    │   ├── UnknownFormat     bytes that are no picture of a known format
    │   ├── TooLarge          a picture of more pixels than the limit
    │   └── NoPicture         an object whose type holds no picture; a `TypeError` too
    ├── ModelError        a model file that is missing, damaged or breaks the contract
    ├── OptionError       an option, name or value that this package doesn't know
    ├── NoSubject         the picture holds no subject to keep
    └── Cancelled         work that was stopped because nobody waits for its result any longer

At the command line `OptionError` ends with exit status 2, `NoSubject` with 3 and every other `Error` with 1.

A message names an option by `naming`, so that users see the name that they wrote: `str(error)` has the name in Python
and HTTP, `error.spelled(flag_of)` that of the flag.
"""

import re
from collections.abc import Callable

_BEGIN, _END = (
    "\x02",
    "\x03",
)  # mark an option's name in a message; control characters can't occur in a quoted file name
_NAMED = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")
_FLAGS = {"points": "point", "not_points": "not-point", "start": "from", "end": "to"}


class Error(Exception):
    """Base of every error raised on purpose."""

    def __str__(self) -> str:
        return self.spelled(str)

    def spelled(self, spell: Callable[[str], str]) -> str:
        """Return the message, with each option that was named by `naming` replaced by `spell` of it."""
        return _NAMED.sub(lambda named: spell(named[1]), super().__str__())


class ImageError(Error):
    """A picture that can't be read, is too large, or can't be written."""


class UnknownFormat(ImageError):
    """Bytes that are no picture of a known format."""


class TooLarge(ImageError):
    """A picture of more pixels than the limit."""


class NoPicture(ImageError, TypeError):
    """An object whose type holds no picture."""


class ModelError(Error):
    """A model file that is missing, damaged or breaks the contract."""


class OptionError(Error, ValueError):
    """An option, name or value that this package doesn't know."""


class NoSubject(Error):
    """The picture holds no subject to keep."""


class Cancelled(Error):
    """Work that was stopped because nobody waits for its result any longer."""


def naming(option: str) -> str:
    """Return an option's name, or `name=value`, marked so that `Error.spelled` can replace it."""
    return f"{_BEGIN}{option}{_END}"


OR_RAISE = f" or raise {naming('max_megapixels')}"
"""The end of an advice, without which it is for readers who can't raise that limit: clients of a service."""


def flag_of(option: str) -> str:
    """Return an option as a command writes it: `keep-colours` for `keep_colours`, `--frame 1` for `frame=1`."""
    name, is_set, value = option.partition("=")
    flag = _FLAGS.get(name, name.replace("_", "-"))
    return f"--{flag} {value}" if is_set else flag


def one_line(error: Exception, spell: Callable[[str], str] = str) -> str:
    """Return the message of an error on one line; `spell` is that of `Error.spelled`."""
    text = error.spelled(spell) if isinstance(error, Error) else str(error)
    return " ".join(text.split()) or type(error).__name__
