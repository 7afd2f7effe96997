"""Standard input, output and error, any of which may be closed, as in a cron job or a program without a console."""

import os
import sys
from pathlib import Path
from typing import IO, Protocol

from background_remover.errors import Error, ImageError, OptionError

LONGEST = 2**30
"""The limit in bytes of a stream: more than any picture's file has, and less than most machines' memory."""
LONGEST_LIST = 2**26
"""The limit in bytes of a list of names: about a million paths."""
_PIECE = 2**20


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


def open_closed() -> None:
    """Open closed standard streams on the null device: otherwise the next opened file would get their number.

    Output for standard error would then be written into a picture. `sys.stdin` and `sys.stdout` stay None, so
    that a command that needs them can say so.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:  # noqa: PERF203 - three times
            opened = os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
            os.set_inheritable(opened, True)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open as long as the process runs


def standard_input() -> IO[bytes]:
    """Return standard input; raises `Error` where it is closed."""
    if sys.stdin is None:
        raise Error("standard input: closed; name a file")
    return sys.stdin.buffer


def standard_output() -> IO[bytes]:
    """Return standard output; raises `Error` where it is closed."""
    if sys.stdout is None:
        raise Error("standard output: closed; name a file")
    return sys.stdout.buffer


def read_all(stream: _Stream, name: str) -> bytes:
    """Return all bytes of a stream, called `name` in messages. Raises `ImageError` at more than `LONGEST` bytes."""
    data = _read(stream, LONGEST)
    if data is None:
        raise ImageError(f"{name}: does not end within {LONGEST:,} bytes; save it as a file, and name that")
    return data


def read_lines(file: Path, kind: str) -> list[str]:
    """Return the lines of a text file in UTF-8 that holds `kind`, such as "names of pictures".

    Raises `OptionError` where it can't be read, isn't UTF-8, or has more than `LONGEST_LIST` bytes.
    """
    try:
        with file.open("rb") as stream:
            data = _read(stream, LONGEST_LIST)
    except OSError as error:
        raise OptionError(f"{file}: can't be read ({error.strerror}); check the list's name") from error
    if data is None:
        raise OptionError(f"{file}: does not end within {LONGEST_LIST:,} bytes; give {kind}, one a line")
    try:
        return data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise OptionError(f"{file}: not a text file; give {kind}, one a line") from error


def _read(stream: _Stream, longest: int) -> bytes | None:
    """Return all bytes of a stream, or None where there are more than `longest`."""
    pieces: list[bytes] = []
    length = 0
    while piece := stream.read(_PIECE):
        pieces.append(piece)
        length += len(piece)
        if length > longest:
            return None
    return b"".join(pieces)
