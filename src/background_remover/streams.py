"""Standard input, output and error: any of them may be closed, as a job's of cron or a program's without a console."""

import os
import sys
from typing import IO

from background_remover.errors import Error, ImageError

LONGEST = 2**30
"""Bytes that are read of a stream: more than any picture's file has, and fewer than most memories."""
_PIECE = 2**20


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


def read_all(stream: IO[bytes], name: str) -> bytes:
    """All that a stream holds; `name` stands for it in messages. Raises `ImageError` at more than `LONGEST` bytes."""
    pieces: list[bytes] = []
    length = 0
    while piece := stream.read(_PIECE):
        pieces.append(piece)
        length += len(piece)
        if length > LONGEST:
            raise ImageError(f"{name}: does not end within {LONGEST:,} bytes; save it as a file, and name that")
    return b"".join(pieces)
