"""What a run is to do: which pictures it works on, which are done already, and what it must not touch."""

import dataclasses
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from background_remover import models
from background_remover.batch.discovery import Source, whole_path
from background_remover.batch.job import Job, Record, Stamp
from background_remover.batch.journal import Entry, Settings
from background_remover.batch.naming import name_targets
from background_remover.errors import ImageError
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.paths import is_file, is_there
from background_remover.options import Options
from background_remover.parameters.background import read_background

_WITHOUT_EFFECT = ("allow_empty", "max_megapixels", "format")  # on a result that is there; `suffix` says the format

_PIECE = 2**20  # bytes of a file that are in memory at once


@dataclass
class Plan:
    """The pictures of a run, each in one of the three lists."""

    jobs: list[Job] = field(default_factory=list)
    earlier: list[Record] = field(default_factory=list)  # done, and left as they are
    refused: list[tuple[Job, str]] = field(default_factory=list)  # and why their results can't be written


def plan(
    sources: Sequence[Source],
    out: Path,
    settings: Settings,
    entries: Mapping[str, Entry],
    *,
    allow_empty: bool,
    overwrite: bool,
    folds_case: bool,
) -> Plan:
    """Sorts the pictures by what is there already: `entries` says what was made in `out`, by what settings.

    A picture is done where its file has not changed since, the settings are the same, and the result has the length
    that it was given; with `allow_empty` those without a subject aren't. A result that is there and that no entry
    knows, or knows with other settings or another length, is refused, but for `overwrite`; so is always a result in the
    place of one of the pictures. Raises as `name_targets` does.
    """
    taken = {place: entry.source for place, entry in entries.items()}
    jobs = name_targets(sources, out, str(settings["suffix"]), taken=taken, folds_case=folds_case)
    result = Plan()
    originals: set[str] | None = None
    for job in jobs:
        entry = entries.get(job.target.relative_to(out).as_posix())
        if entry is not None and entry.source != whole_path(job.source):
            entry = None
        there = job.written()
        record = record_of(entry, settings)
        if record is not None and is_done(record, job.stamp(), there, allow_empty=allow_empty):
            result.earlier.append(dataclasses.replace(record, source=str(job.source), target=str(job.target)))
            continue
        reason = None
        if os.path.lexists(job.target):
            originals = {os.path.realpath(source.path) for source in sources} if originals is None else originals
            if os.path.realpath(job.target) in originals:
                reason = "is one of the pictures; choose another OUT"
            elif not overwrite:
                reason = objection(entry, settings, there)
        if reason is None:
            result.jobs.append(job)
        else:
            result.refused.append((job, f"{job.target}: {reason}"))
    return result


def settings_of(model: str, options: Options, saving: OutputOptions, suffix: str) -> Settings:
    """All that a result depends on beside its picture. Raises as `models.locate` does, and `ImageError`."""
    settings: Settings = {"model": model, "model sha256": _sha256(models.locate(model)), "suffix": suffix}
    for choices in (options, saving):
        for choice in dataclasses.fields(choices):
            value = getattr(choices, choice.name)
            if value != choice.default and choice.name not in _WITHOUT_EFFECT:
                settings[choice.name] = value
    for name, file in (("mask", options.mask), ("background", read_background(options.background).file)):
        if file:
            settings[f"{name} sha256"] = _sha256(Path(file))
    return settings


def record_of(entry: Entry | None, settings: Settings) -> Record | None:
    """What came of a picture when it was worked on with these very settings, or None."""
    return entry.record if entry is not None and entry.settings == settings else None


def is_done(record: Record, stamp: Stamp | None, there: int | None, *, allow_empty: bool) -> bool:
    """Whether a record still holds of a picture with that stamp, and of a result of `there` bytes, None without one."""
    if record.stamp is None or record.stamp != stamp:
        return False
    if record.status == "empty":
        return not allow_empty
    return record.status == "done" and there is not None and there == record.target_bytes


def objection(entry: Entry | None, settings: Settings, there: int | None) -> str | None:
    """Why a result that is there must not be replaced, or None: a run made it, and it is out of date or half done."""
    if entry is None:
        return "is there already; --overwrite replaces it, --resume keeps what an earlier run made"
    if entry.record is None:  # a kill came between the result and the note of it
        return None
    if there is None or there != entry.record.target_bytes:
        return "was changed since it was made; --overwrite replaces it"
    if entry.settings != settings:
        names = sorted(name for name in entry.settings | settings if entry.settings.get(name) != settings.get(name))
        return f"was made with another {', '.join(names)}; --overwrite replaces it, another OUT keeps both"
    return None


def _sha256(file: Path) -> str:
    if is_there(file) and not is_file(file):  # a device has no end, and a pipe can be read once
        raise ImageError(f"{file}: can't be read (not a file on disk); name one")
    digest = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest()
    except FileNotFoundError as error:
        raise ImageError(f"{file}: no such file; check the name") from error
    except OSError as error:
        raise ImageError(f"{file}: can't be read ({error.strerror}); check its permissions") from error
