"""A line of JSON for each picture of a run: the fields of its `Record`."""

import dataclasses
import json
from pathlib import Path

from background_remover.errors import ImageError, OptionError
from background_remover.job import Record

SUFFIX = ".jsonl"


class Report:
    """An open report. Every line is in the file when `write` returns."""

    def __init__(self, path: Path) -> None:
        """Opens the file, emptied if it is there. Raises `ImageError` where it can't be written."""
        self._path = path
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise self._unwritable(error) from error

    def write(self, record: Record) -> None:
        """Adds a line. Raises `ImageError` where that can't be written."""
        data = json.dumps(dataclasses.asdict(record)).encode() + b"\n"
        try:
            if self._file.write(data) < len(data):
                raise ImageError(f"{self._path}: can't be written (no space left); make room or choose another place")
        except OSError as error:
            raise self._unwritable(error) from error

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _unwritable(self, error: OSError) -> ImageError:
        return ImageError(f"{self._path}: can't be written ({error.strerror}); make room or choose another place")


def check_report(path: Path) -> None:
    """Raises `OptionError` at a name that isn't a report's: a slip of the finger must not empty a picture."""
    if path.suffix != SUFFIX:
        raise OptionError(f"{path}: a report ends in {SUFFIX}; choose such a name")
    if not path.parent.is_dir():
        raise OptionError(f"{path}: there is no folder {path.parent}; make it first")
