"""What was made in a folder of results, kept there in a hidden file, so that a run can go on where one was killed.

The file has a line of JSON for each of these:

    {"run": PROVENANCE}                       a run began; what follows was made so
    {"begin": PLACE, "source": PATH}          work on the result at that place, below the folder, began
    {"end": PLACE, "source": PATH, ...}       it ended; the rest are the fields of its `Record`

A line is written, and not kept in memory, before the next step is taken. So at any moment the file names every result
there is: of one whose end it doesn't name, a kill may have come after its last step and before that line. The last line
may be torn; it is ignored.
"""

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from background_remover.batch.discovery import whole_path
from background_remover.batch.json_lines import JsonLines
from background_remover.batch.record import Record
from background_remover.errors import ImageError, OptionError
from background_remover.runtime.file_lock import lock

NAME = ".background-remover.jsonl"

Provenance: TypeAlias = dict[str, str | int | float | bool]
"""All that a result depends on beside its picture: the model, its hash, the suffix, options that aren't the default."""


@dataclass(frozen=True)
class Entry:
    """What is known of one place: whose result it is, how it was made, and what came of it, or None."""

    source: str  # a whole path
    provenance: Provenance
    record: Record | None
    before: frozenset[str] = frozenset()  # places of files that were made for it earlier, and may be there still

    def made(self, place: str) -> frozenset[str]:
        """Return the places of all files that runs are known to have made for this one."""
        if self.record is None or self.record.status != "done":
            return self.before
        return self.before.union(self.record.lengths(place))


def with_begin(entries: dict[str, Entry], place: str, source: str, provenance: Provenance) -> None:
    """Note in `entries` that work on a place began."""
    earlier = entries.get(place)
    before = frozenset[str]() if earlier is None else earlier.made(place)
    own = () if provenance.get("each") else (place,)  # which is replaced as a whole
    entries[place] = Entry(source, provenance, None, before.difference(own))


def with_end(entries: dict[str, Entry], place: str, source: str, provenance: Provenance, record: Record) -> None:
    """Note in `entries` what came of it; a result that is done has replaced what was there."""
    earlier = entries.get(place)
    before = frozenset[str]() if earlier is None or record.status == "done" else earlier.before
    entries[place] = Entry(source, provenance, record, before)


class Journal:
    """The open file of a run, which holds it alone."""

    def __init__(self, out: Path, provenance: Provenance) -> None:
        """Open the file in the folder `out`, made if it is missing, and note that a run begins.

        Raises `OptionError` where another run is at work in the folder, `ImageError` where the file can't be written.
        """
        path = out / NAME
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ImageError(f"{out}: can't be written ({error.strerror}); choose another place") from error
        self._lines = JsonLines(path, emptied=False)
        try:
            if not lock(self._lines.number):
                raise OptionError(f"{out}: another run is at work in this folder; wait for its end")  # noqa: TRY301
            _drop_torn_line(self._lines.number)
            self._lines.write({"run": provenance})
        except BaseException:
            self.close()
            raise

    def begin(self, source: str, place: str) -> None:
        """Note that work on a picture begins, on the disk itself. Raises `ImageError` where that can't be written."""
        self._lines.write({"begin": place, "source": whole_path(source)})
        self._lines.to_disk()  # or a loss of power might leave a result that no run is known to have made

    def end(self, record: Record, place: str) -> None:
        """Note what became of a picture. Raises `ImageError` where that can't be written."""
        facts = {"end": place, **dataclasses.asdict(record)}
        del facts["target"]  # it is below a folder that may be moved
        self._lines.write(facts | {"source": whole_path(record.source)})

    def flush(self) -> None:
        """Do nothing: every line is written at once."""

    def close(self) -> None:
        """Close the file; another run may then open it."""
        self._lines.close()


def read(out: Path) -> dict[str, Entry]:
    """Return what is known of every place below a folder of results: nothing where no run was at work in it.

    Lines that can't be understood are passed over. Raises `ImageError` where the file can't be read.
    """
    entries: dict[str, Entry] = {}
    provenance: Provenance = {}
    for line in _lines(out / NAME):
        if isinstance(line.get("run"), dict):
            provenance = line["run"]
        elif isinstance(line.get("begin"), str) and isinstance(line.get("source"), str):
            with_begin(entries, line["begin"], line["source"], provenance)
        elif isinstance(line.get("end"), str):
            place = line.pop("end")
            with contextlib.suppress(TypeError):  # fields that another version of this package wrote
                record = Record.from_fields(line | {"target": str(out / place)})
                with_end(entries, place, record.source, provenance, record)
    return entries


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            for line in file:
                with contextlib.suppress(ValueError):
                    value = json.loads(line)
                    if isinstance(value, dict) and line.endswith(b"\n"):
                        yield value
    except FileNotFoundError:
        return
    except OSError as error:
        raise ImageError(f"{path}: can't be read ({error.strerror}); check its permissions") from error


def _drop_torn_line(file: int) -> None:
    size = end = os.lseek(file, 0, os.SEEK_END)
    while end > 0:
        begin = max(0, end - 65536)
        os.lseek(file, begin, os.SEEK_SET)
        newline = os.read(file, end - begin).rfind(b"\n")
        end = begin if newline < 0 else begin + newline + 1
        if newline >= 0:
            break
    if end < size:
        os.ftruncate(file, end)
