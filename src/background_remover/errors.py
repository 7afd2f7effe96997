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

A text names an option by `naming`, so that its reader sees the name that they wrote: the option's and HTTP field's own
in `str`, and the flag's by `spelled(flag_of)`.
"""

import re
from collections.abc import Callable

_BEGIN, _END = "\x02", "\x03"  # around an option's name; no file's name that is quoted in a message is taken for one
_NAMED = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")
_FLAGS = {"points": "point", "not_points": "not-point", "start": "from", "end": "to"}


class Error(Exception):
    """Base of every error raised on purpose."""

    def __str__(self) -> str:
        return self.spelled(str)

    def spelled(self, spell: Callable[[str], str]) -> str:
        """Return the text, in which `spell` writes the options that were named by `naming`."""
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
    """Return an option's name, or `name=value`, as the text of an `Error` holds it for its readers."""
    return f"{_BEGIN}{option}{_END}"


OR_RAISE = f" or raise {naming('max_megapixels')}"
"""The end of an advice, without which it is for readers who can't raise that limit: clients of a service."""


def flag_of(option: str) -> str:
    """Return how a command's messages write an option: `keep-colours` for `keep_colours`, `--frame 1` for `frame=1`."""
    name, is_set, value = option.partition("=")
    flag = _FLAGS.get(name, name.replace("_", "-"))
    return f"--{flag} {value}" if is_set else flag


def one_line(error: Exception, spell: Callable[[str], str] = str) -> str:
    """Return the text of an error on one line, to be quoted in another; of an `Error` see `Error.spelled`."""
    text = error.spelled(spell) if isinstance(error, Error) else str(error)
    return " ".join(text.split()) or type(error).__name__
