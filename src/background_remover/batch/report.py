"""The report of a run: a line of JSON for each picture, the fields of its `Record`."""

import dataclasses
from pathlib import Path

from background_remover.batch.json_lines import JsonLines
from background_remover.batch.record import Record
from background_remover.errors import OptionError
from background_remover.imaging.atomic import check_place, check_suffix
from background_remover.imaging.paths import is_file, is_folder, is_there

SUFFIX = ".jsonl"


class Report:
    """An open report. Every line is in the file when `write` returns."""

    def __init__(self, path: Path) -> None:
        """Open the file, emptied if it is there. Raises `ImageError` where it can't be written."""
        self._lines = JsonLines(path, emptied=True)

    def write(self, record: Record) -> None:
        """Add a line. Raises `ImageError` where that can't be written."""
        self._lines.write(dataclasses.asdict(record))

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


def check_report(path: Path) -> None:
    """Raise `OptionError` at a name that isn't a report's: a slip of the finger must not empty a picture.

    Raises `ImageError` where a report can't be written there.
    """
    check_suffix(path, "a report", [SUFFIX])
    if not is_folder(path.parent):
        raise OptionError(f"{path}: there is no folder {path.parent}; make it first")
    if not is_there(path) or is_file(path) or is_folder(path):  # a pipe or a device takes lines as they come
        check_place(path)
