"""`Record`: what became of a picture, a line of the report and of the journal."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeAlias

from background_remover.imaging.output_options import Named
from background_remover.parameters.prompts import PicturePrompts

Stamp: TypeAlias = tuple[int, int]
"""A file's length in bytes and the time of its last change in nanoseconds: another stamp, another content."""
Status: TypeAlias = Literal["done", "empty", "failed"]

CODES = {
    "image": "the picture can't be read",
    "changed": "the picture changed while it was read",
    "folder": "a folder can't be read",
    "no-subject": "there is no subject to keep, so nothing is written",
    "model": "the network failed on this picture",
    "option": "an option can't be carried out on this picture, or not at all",
    "exists": "a file is where the result would be",
    "write": "the result can't be written",
    "disk-full": "there is no room for the result; the run stops",
    "memory": "there is not enough memory for this picture",
    "worker": "the process that worked on it was ended, as one that takes too much memory may be",
    "extra": "an extra is needed that isn't installed",
    "unexpected": "a fault of this package or of one that it uses",
}
"""Every `Record.code`, and what it means. Programs may rely on them."""


@dataclass(frozen=True)
class ResultFile:
    """One of several files of a result: its name, without the folder, and its length in bytes."""

    name: str
    bytes: int


@dataclass(frozen=True)
class Record:
    """What became of a picture: a line of a report.

    `status` is "done", "empty" where there is no subject and so nothing was written, or "failed". The last two have a
    `code`, one of `CODES`, an `error` of one line, and mostly a `hint`, its end, which says what to do. A result that
    should be reviewed is `unsure`. What isn't known is None. Where each subject has a file of its own, `target` is the
    name that these are numbered by, size and confidence are the first one's and the least one's, and `target_bytes` is
    the sum of their lengths.
    """

    source: str
    target: str
    status: Status
    model: str
    seconds: float
    width: int | None = None  # of the result
    height: int | None = None
    confidence: float | None = None
    unsure: bool = False
    code: str | None = None
    error: str | None = None
    hint: str | None = None
    source_bytes: int | None = None
    source_changed_ns: int | None = None
    target_bytes: int | None = None  # of whatever is there afterwards, which may be an older result
    files: tuple[ResultFile, ...] = ()  # the same for each file, where each subject has one
    frames: int | None = None  # of a video: this, its length in seconds, and what is lost or encoded again
    duration: float | None = None
    notes: tuple[str, ...] = ()
    points: str = ""  # this and what follows: the picture's own prompts
    not_points: str = ""
    box: str = ""
    subjects: str = ""
    part_start: str = ""
    part_end: str = ""

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Record":
        """Return the record whose `asdict` these fields are, as JSON or Parquet kept it; raises `TypeError`."""
        files = tuple(ResultFile(**file) for file in fields.get("files") or ())
        return cls(**{**fields, "files": files, "notes": tuple(fields.get("notes") or ())})

    def lengths(self, place: str) -> dict[str, int]:
        """Return the lengths of the files that were there afterwards, by their places; `place` is the result's."""
        if self.files:
            folder = PurePosixPath(place).parent
            return {(folder / file.name).as_posix(): file.bytes for file in self.files}
        return {} if self.target_bytes is None else {place: self.target_bytes}

    @property
    def stamp(self) -> Stamp | None:
        """The stamp that the source had."""
        if self.source_bytes is None or self.source_changed_ns is None:
            return None
        return self.source_bytes, self.source_changed_ns

    @property
    def prompts(self) -> PicturePrompts:
        """The picture's own prompts, as the run notes them in the record."""
        return PicturePrompts(**{field.name: getattr(self, field.name) for field in dataclasses.fields(PicturePrompts)})


def refused(source: Named, target: Named, model: str, code: str, message: str) -> Record:
    """Return the record of a picture that failed before work on it began; `code` is one of `CODES`."""
    return Record(str(source), str(target), "failed", model, 0.0, code=code, error=message, hint=hint_of(message))


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a file, or None where none can be had."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_size, facts.st_mtime_ns


def hint_of(message: str) -> str | None:
    """Return what an error of this package says is to be done: what stands behind its last semicolon."""
    before, _, after = message.rpartition("; ")
    return after if before else None
