"""The errors this package raises on purpose.

    Error                 anything below; its text is one line that says what was given, what was wanted, what to do
    ├── ImageError        a picture that can't be read, is too large, or can't be written
    │   ├── UnknownFormat     bytes that are no picture of a known format
    │   ├── TooLarge          a picture of more pixels than the limit
    │   └── NoPicture         what can't be a picture by its type; a `TypeError` too
    ├── ModelError        a model file that is missing, damaged or lacks the contract
    ├── OptionError       an option, name or value this package doesn't know
    ├── NoSubject         the picture holds no subject to keep
    └── Cancelled         work that was stopped because nobody waits for it any longer

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
    """What can't be a picture by its type."""


class ModelError(Error):
    """A model file that is missing, damaged or lacks the contract."""


class OptionError(Error, ValueError):
    """An option, name or value this package doesn't know."""


class NoSubject(Error):
    """The picture holds no subject to keep."""


class Cancelled(Error):
    """Work that was stopped because nobody waits for it any longer."""


def one_line(error: Exception) -> str:
    """What another library's error says, on one line, to be quoted in one of these."""
    return " ".join(str(error).split()) or type(error).__name__
