"""A file of JSON, a line for each thing that happened, which is in the file when `write` returns."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from background_remover.errors import ImageError


class JsonLines:
    """An open file of lines; whatever goes wrong is an `ImageError` that names it."""

    def __init__(self, path: Path, *, emptied: bool) -> None:
        """Open the file, made if it is missing, to add lines to those that it has, or `emptied`."""
        self._path = path
        wanted = os.O_TRUNC if emptied else os.O_APPEND
        try:
            flags = os.O_RDWR | os.O_CREAT | wanted | getattr(os, "O_BINARY", 0)
            self.number: int = os.open(path, flags, 0o666)  # no buffer, which would try again what has failed
        except OSError as error:
            raise self._unwritable(error.strerror) from error

    def write(self, line: Mapping[str, Any]) -> None:
        """Add a line."""
        data = json.dumps(line).encode() + b"\n"
        try:
            written = os.write(self.number, data)
        except OSError as error:
            raise self._unwritable(error.strerror) from error
        if written < len(data):
            raise self._unwritable("no space left")

    def to_disk(self) -> None:
        """Wait until what was written is on the disk, and not only on its way there."""
        try:
            os.fsync(self.number)
        except OSError as error:
            raise self._unwritable(error.strerror) from error

    def close(self) -> None:
        """Close the file."""
        os.close(self.number)

    def _unwritable(self, reason: str | None) -> ImageError:
        return ImageError(f"{self._path}: can't be written ({reason}); make room or choose another place")
