"""What a cluster is to do: `ClusterSettings`, the pictures that its addresses name, and the plan for them."""

import dataclasses
import glob
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from background_remover import models
from background_remover.batch import discovery
from background_remover.batch.job import Record, Stamp
from background_remover.batch.journal import Entry, Settings
from background_remover.batch.naming import FORMAT, folds_case, name_places
from background_remover.batch.plan import is_done, objection, record_of
from background_remover.batch.ray.store import Address, RemoteJob, Store, address
from background_remover.batch.review import UNSURE
from background_remover.errors import OptionError
from background_remover.imaging.atomic import LEFT_OVER
from background_remover.imaging.formats import SUFFIXES
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options


@dataclass(frozen=True)
class ClusterSettings:
    """What is to be done with many pictures by a cluster.

    `inputs`, `out` and `report` are addresses, see `store.address`; local paths are those that every machine of the
    cluster sees. `resume` and `overwrite` are as in a `Batch`. `jobs` is the most pictures worked on at once, None as
    many as there are cores. `cluster` is Ray's address of it, None for a small one on this machine alone. `gpus` is the
    share of a graphics processor that each network takes, None for what lets all cores of a machine share those in it.
    """

    inputs: tuple[str, ...]
    out: str
    model: str = models.DEFAULT
    options: Options = field(default_factory=Options)
    saving: OutputOptions = field(default_factory=OutputOptions)
    resume: bool = False
    overwrite: bool = False
    jobs: int | None = None
    report: str | None = None
    unsure: float = UNSURE
    cluster: str | None = None
    gpus: float | None = None

    @property
    def suffix(self) -> str:
        """What the results' names end in."""
        return f".{self.saving.format or FORMAT}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, its place below the folder that all pictures of a run share, and its stamp where that is known."""

    address: Address
    place: PurePath
    stamp: Stamp | None = None


@dataclass
class Pictures:
    """What was found: the pictures, and what can't be one."""

    all: list[Picture] = field(default_factory=list)
    others: int = 0  # files in folders whose names aren't those of pictures
    unreadable: list[tuple[Address, str, str]] = field(default_factory=list)  # one of `job.CODES`, and the reason


@dataclass
class Plan:
    """The pictures of a run, each in one of the first three lists."""

    jobs: list[RemoteJob] = field(default_factory=list)
    earlier: list[Record] = field(default_factory=list)  # done, and left as they are
    refused: list[str] = field(default_factory=list)  # why results can't be written
    left_overs: list[str] = field(default_factory=list)  # places of half files of a run that was killed


def find(inputs: Sequence[str], out: Address) -> Pictures:
    """The pictures that `inputs` name: files and folders of one store, and of local ones also globs.

    What is taken is as `discovery.find` says, and nothing below `out`. Raises `OptionError` where the inputs aren't of
    one store or share no folder, at a glob that nothing matches, and at one that isn't local; `ImageError` where a
    folder can't be listed.
    """
    given = [address(name) for name in inputs]
    if len({each.store for each in given}) > 1:
        raise OptionError(f"{given[0]} and others: pictures of several file systems; run once for each")
    if all(each.store.is_local for each in given):
        return _find_local([each.key for each in given], out)
    found = Pictures()
    tops: list[str] = []
    files: dict[str, Stamp | None] = {}
    for each in given:
        stamp = each.stamp()
        if stamp is not None or not each.is_folder():
            if stamp is None and glob.has_magic(each.key):
                raise OptionError(f"{each}: no such file, and no globs are known there; name a folder, or give a list")
            tops.append(posixpath.dirname(each.key))
            files.setdefault(each.key, stamp)
            continue
        tops.append(each.key)
        for place, stamp in each.files():
            if any(part.startswith(".") for part in place.split("/")):
                continue
            if place.lower().endswith(SUFFIXES):
                files.setdefault(posixpath.join(each.key, place), stamp)
            else:
                found.others += 1
    top = posixpath.commonpath(tops)
    for key, stamp in files.items():
        picture = Address(given[0].store, key)
        if not _is_below(picture, out):
            _add(found, Picture(picture, PurePosixPath(key.removeprefix(top).lstrip("/")), stamp))
    return found


def plan(
    pictures: Sequence[Picture],
    out: Address,
    suffix: str,
    settings: Settings,
    entries: Mapping[str, Entry],
    *,
    allow_empty: bool,
    overwrite: bool,
) -> Plan:
    """Sorts the pictures by what is there already, as `plan.plan` does; the folder of results is listed once for it.

    Raises as `naming.name_targets` does, and `ImageError` where the folder can't be listed.
    """
    there = {place: length for place, (length, _) in out.files()}
    result = Plan(left_overs=[place for place in there if LEFT_OVER.fullmatch(posixpath.basename(place))])
    places = name_places(
        [(str(picture.address), picture.place) for picture in pictures],
        suffix,
        taken={place: entry.source for place, entry in entries.items()},
        folds_case=out.store.is_local and folds_case(Path(out.key)),
    )
    originals = {picture.address for picture in pictures} if there else set()
    for picture, place in zip(pictures, places, strict=True):
        job = RemoteJob(picture.address, out / place)
        entry = entries.get(place)
        if entry is not None and entry.source != str(job.source):
            entry = None
        length = there.get(place)
        record = record_of(entry, settings)
        if record is not None and is_done(record, picture.stamp or job.stamp(), length, allow_empty=allow_empty):
            result.earlier.append(dataclasses.replace(record, target=str(job.target)))
            continue
        reason = None
        if job.target in originals:
            reason = "is one of the pictures; choose another OUT"
        elif length is not None and not overwrite:
            reason = objection(entry, settings, length)
        if reason is None:
            result.jobs.append(job)
        else:
            result.refused.append(f"{job.target}: {reason}")
    return result


def _find_local(names: list[str], out: Address) -> Pictures:
    local = discovery.find(names, [Path(out.key)] if out.store.is_local else [])
    found = Pictures(others=local.others)
    for folder, reason in local.unreadable:
        place = Address(Store(), discovery.whole_path(folder))
        found.unreadable.append((place, "folder", f"can't be read ({reason}); check its permissions"))
    for source in local.sources:
        _add(found, Picture(Address(Store(), discovery.whole_path(source.path)), source.place))
    return found


def _add(found: Pictures, picture: Picture) -> None:
    """Adds a picture whose name can be written down, and whose place is below the folder of results."""
    address = picture.address
    shown = address.key.encode(errors="backslashreplace").decode()
    if shown != address.key:
        found.unreadable.append((Address(address.store, shown), "image", "its name is no UTF-8; rename it"))
    elif {"", ".", ".."} & set(address.key.strip("/").split("/")):
        found.unreadable.append((address, "image", "a part of its name is no name; rename it"))
    else:
        found.all.append(picture)


def _is_below(picture: Address, folder: Address) -> bool:
    return picture.store == folder.store and f"{picture.key}/".startswith(f"{folder.key}/" if folder.key else "")
