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
"""


class Error(Exception):
    """Base of every error raised on purpose."""


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


def one_line(error: Exception) -> str:
    """Return the text of another library's error on one line, to be quoted in an error of this package."""
    return " ".join(str(error).split()) or type(error).__name__
