"""`Plan`: which pictures a run works on, which are done already, and what it must not touch."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePath, PurePosixPath
from typing import Generic

from background_remover import models
from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.discovery import Location, Source
from background_remover.batch.engine import Job, Store
from background_remover.batch.journal import Entry, Provenance
from background_remover.batch.naming import key_of, name_places, numbered_files
from background_remover.batch.record import Record, Stamp
from background_remover.errors import ImageError
from background_remover.imaging.output_options import Named, OutputOptions
from background_remover.imaging.paths import is_file, is_there, real
from background_remover.options import Options
from background_remover.parameters.background import read_background
from background_remover.parameters.prompts import PicturePrompts
from background_remover.video.formats import SUFFIXES

_WITHOUT_EFFECT = (
    "allow_empty",
    "max_megapixels",
    "format",
    "video_format",
)  # on a result that is there; `suffix` says the format

_UNKNOWN = "is there already; --overwrite replaces it, --resume keeps what an earlier run made"
_CHANGED = "was changed since it was made; --overwrite replaces it"
_OF_PICTURES = {"suffix", *(field.name for field in dataclasses.fields(OutputOptions))}
_OF_CLIPS = {"video suffix", *(field.name for field in dataclasses.fields(ClipOptions))}
_PIECE = 2**20  # bytes of a file that are in memory at once


@dataclass(frozen=True, slots=True)
class Task(Generic[Job]):
    """A job, the place of its result, and the full name of its picture."""

    job: Job
    place: str
    name: str


@dataclass
class Plan(Generic[Job]):
    """The pictures of a run, each in one of the three lists."""

    tasks: list[Task[Job]] = field(default_factory=list)
    earlier: list[Record] = field(default_factory=list)  # done, and left as they are
    refused: list[tuple[Job, str]] = field(default_factory=list)  # and why their results can't be written


def plan(
    sources: Sequence[Source[Location]],
    store: Store[Location, Job],
    provenance: Provenance,
    entries: Mapping[str, Entry],
    *,
    allow_empty: bool,
    overwrite: bool,
) -> Plan[Job]:
    """Sort the pictures by what is there already: `entries` says what was made in the store, and how.

    Videos are worked on after all pictures.

    A picture is done where its file has not changed since, the provenance is the same, and each file of the result has
    the length that it was given; with `allow_empty` those without a subject aren't. A result that is there and that no
    entry knows, or knows with another provenance or length, is refused, but for `overwrite`; so is always a result in
    the place of one of the pictures. Raises as `name_places` does, and `ImageError` where the store can't be listed.
    """
    there = _there(sources, store, provenance, entries)
    pictures: set[object] = set()
    result: Plan[Job] = Plan()
    tasks: dict[bool, list[Task[Job]]] = {False: [], True: []}  # by whether it is a video
    for source, (place, lengths) in zip(sources, there, strict=True):
        job, clip = store.job(source, place), is_clip(source.place, provenance)
        entry, own = _entry_of(source, place, entries, clip=clip), of_kind(provenance, clip=clip)
        record = record_of(entry, with_own(own, source.prompts))
        if record is not None and is_done(record, source.stamp or job.stamp(), place, lengths, allow_empty=allow_empty):
            result.earlier.append(dataclasses.replace(record, source=str(job.source), target=str(job.target)))
            continue
        objections: dict[str, str] = {}
        if lengths:
            pictures = pictures or {_identity(other.path) for other in sources}
            objections = {} if overwrite else objection(entry, own, place, lengths)
            in_use = [name for name in lengths if _identity(job.file(PurePosixPath(name).name)) in pictures]
            objections |= dict.fromkeys(in_use, "is one of the pictures; choose another OUT")
        if objections:
            name, reason = min(objections.items())
            result.refused.append((job, f"{job.file(PurePosixPath(name).name)}: {reason}"))
        else:
            tasks[clip].append(Task(job, place, source.name))
    result.tasks = tasks[False] + tasks[True]
    return result


def _entry_of(source: Source[Location], place: str, entries: Mapping[str, Entry], *, clip: bool) -> Entry | None:
    """Return what is known of a source's result, with the provenance of its kind alone."""
    entry = entries.get(place)
    if entry is None or entry.source != source.name:
        return None
    return dataclasses.replace(entry, provenance=of_kind(entry.provenance, clip=clip))


def _there(
    sources: Sequence[Source[Location]],
    store: Store[Location, Job],
    provenance: Provenance,
    entries: Mapping[str, Entry],
) -> list[tuple[str, dict[str, int]]]:
    """Return the place of each picture's result, with the places and lengths of the files of it that are there.

    These are also the files that a run with another `each` made.
    """
    each, folds_case = bool(provenance.get("each")), store.folds_case()
    names = [(source.name, source.place) for source in sources]
    taken = {place: entry.source for place, entry in entries.items()}

    def suffix_of(source: PurePath) -> str:
        return str(provenance["video suffix" if is_clip(source, provenance) else "suffix"])

    places = name_places(names, suffix_of, taken=taken, folds_case=folds_case, each=each)
    made = [entries[place].made(place) if place in entries else () for place in places]
    lengths = store.lengths(chain(places, *made))
    numbered = numbered_files(lengths, folds_case=folds_case) if each else {}
    found = []
    for place, known in zip(places, made, strict=True):
        own = numbered.get(key_of(place, folds_case=folds_case), ()) if each else (place,)
        found.append((place, {name: lengths[name] for name in dict.fromkeys((*own, *known)) if name in lengths}))
    return found


def _identity(file: Named) -> object:
    """Return what is the same of two names of one file; of an address that is the address itself."""
    return real(file) if isinstance(file, Path) else file


def is_clip(source: PurePath, provenance: Provenance) -> bool:
    """Return whether a run that makes results so takes a file for a video."""
    return "video suffix" in provenance and source.suffix.lower() in SUFFIXES


def of_kind(provenance: Provenance, *, clip: bool) -> Provenance:
    """Return the part of a run's provenance that videos depend on, or that pictures do."""
    others = _OF_PICTURES if clip else _OF_CLIPS
    return {name: value for name, value in provenance.items() if name not in others}


def provenance_of(
    model: str, options: Options, saving: OutputOptions, suffix: str, clips: ClipOptions, *, each: bool
) -> Provenance:
    """All that a result depends on beside its picture. Raises as `models.locate` does, and `ImageError`."""
    provenance: Provenance = {"model": model, "model sha256": _sha256(models.locate(model)), "suffix": suffix}
    if clips.suffixes:
        provenance["video suffix"] = clips.suffix
    for choices in (options, saving, clips):
        for choice in dataclasses.fields(choices):
            value = getattr(choices, choice.name)
            if value != choice.default and choice.name not in _WITHOUT_EFFECT:
                provenance[choice.name] = value
    if each:
        provenance["each"] = True
    for name, file in (("mask", options.mask), ("background", read_background(options.background).file)):
        if file:
            provenance[f"{name} sha256"] = _sha256(Path(file))
    return provenance


def with_own(provenance: Provenance, prompts: PicturePrompts) -> Provenance:
    """Return the provenance of a picture that has these prompts of its own; like others it has no defaults in it."""
    both = provenance | prompts.given()
    return {name: value for name, value in both.items() if (name, value) != ("subjects", Options.subjects)}


def record_of(entry: Entry | None, provenance: Provenance) -> Record | None:
    """Return what came of a picture when it was worked on in this very way, or None."""
    if entry is None or entry.record is None:
        return None
    return entry.record if with_own(entry.provenance, entry.record.prompts) == provenance else None


def is_done(record: Record, stamp: Stamp | None, place: str, there: Mapping[str, int], *, allow_empty: bool) -> bool:
    """Return whether a record still holds of a picture with that stamp and files of these lengths at the places."""
    if record.stamp is None or record.stamp != stamp:
        return False
    if record.status == "empty":
        return not allow_empty
    made = record.lengths(place)
    return record.status == "done" and bool(made) and made.items() <= there.items()


def objection(entry: Entry | None, provenance: Provenance, place: str, there: Mapping[str, int]) -> dict[str, str]:
    """Return why files of a result must not be replaced, by their places; a run made others, and they are out of date.

    So are all after a kill, which came between the result and the note of it.
    """
    if entry is None:
        return dict.fromkeys(there, _UNKNOWN)
    if entry.record is None:
        return {}
    known = entry.record.lengths(place)
    changed = [name for name, length in there.items() if known.get(name) != length]
    if changed:
        return {name: _CHANGED if name in (place, *known) else _UNKNOWN for name in changed}
    if entry.provenance != provenance:
        old = entry.provenance
        names = sorted(name for name in old | provenance if old.get(name) != provenance.get(name))
        reason = f"was made with another {', '.join(names)}; --overwrite replaces it, another OUT keeps both"
        return dict.fromkeys(there, reason)
    return {}


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
