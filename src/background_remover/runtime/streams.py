"""Standard input, output and error: any of them may be closed, as a job's of cron or a program's without a console."""

import os
import sys
from pathlib import Path
from typing import IO, Protocol

from background_remover.errors import Error, ImageError, OptionError

LONGEST = 2**30
"""Bytes that are read of a stream: more than any picture's file has, and fewer than most memories."""
LONGEST_LIST = 2**26
"""Bytes that are read of a list of names: a million of them, and their paths."""
_PIECE = 2**20


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


def hold() -> None:
    """Opens those that are closed on nothing: the next file to be opened would be one of them, and be written into.

    `sys.stdin` and `sys.stdout` stay None, for whoever needs them to say so.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:  # noqa: PERF203 - three times
            opened = os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free, which is this one
            os.set_inheritable(opened, True)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open as long as the process runs


def standard_input() -> IO[bytes]:
    """Standard input; raises `Error` where it is closed."""
    if sys.stdin is None:
        raise Error("standard input: closed; name a file")
    return sys.stdin.buffer


def standard_output() -> IO[bytes]:
    """Standard output; raises `Error` where it is closed."""
    if sys.stdout is None:
        raise Error("standard output: closed; name a file")
    return sys.stdout.buffer


def read_all(stream: _Stream, name: str) -> bytes:
    """All that a stream holds; `name` stands for it in messages. Raises `ImageError` at more than `LONGEST` bytes."""
    data = _read(stream, LONGEST)
    if data is None:
        raise ImageError(f"{name}: does not end within {LONGEST:,} bytes; save it as a file, and name that")
    return data


def read_lines(file: Path, kind: str) -> list[str]:
    """The lines of a text in UTF-8, which holds `kind`, as "names of pictures".

    Raises `OptionError` where it can't be read, is no such text, or has more than `LONGEST_LIST` bytes.
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
    """All that a stream holds, or None where that is more than so many bytes."""
    pieces: list[bytes] = []
    length = 0
    while piece := stream.read(_PIECE):
        pieces.append(piece)
        length += len(piece)
        if length > longest:
            return None
    return b"".join(pieces)
