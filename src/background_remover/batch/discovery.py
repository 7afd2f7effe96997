"""`Found`: the pictures that a command line names by file, folder, glob or list, as `Source`s each with its place."""

import dataclasses
import functools
import glob
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Generic, TypeAlias, TypeVar

from background_remover.batch.record import Stamp
from background_remover.errors import OptionError
from background_remover.imaging.formats import SUFFIXES
from background_remover.imaging.output_options import Named
from background_remover.imaging.paths import is_folder
from background_remover.parameters.prompts import NO_PROMPTS, PicturePrompts

Location = TypeVar("Location", bound=Named)
"""Where a picture is: a path, or an address."""
_Identity: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Source(Generic[Location]):
    """A picture's file, its place below the folder that all pictures of a run share, and its stamp where that is known.

    `name` is its full name, by which it is known from run to run. `prompts` are its own.
    """

    path: Location
    place: PurePath
    name: str
    stamp: Stamp | None = None
    prompts: PicturePrompts = NO_PROMPTS


@dataclass
class Found(Generic[Location]):
    """What was found: the pictures folder by folder, and what can't be one."""

    sources: list[Source[Location]] = field(default_factory=list)
    others: int = 0  # files in folders whose names aren't those of what is taken
    unreadable: list[tuple[Location, str, str]] = field(default_factory=list)  # one of `job.CODES`, and the reason

    def add_folder(self, path: Location, reason: str | None) -> None:
        """Note a folder, or a link, that can't be read; `reason` is the system's."""
        self.unreadable.append((path, "folder", f"can't be read ({reason or 'unknown'}); check its permissions"))


def find(inputs: Sequence[str], leave_out: Sequence[Path] = (), suffixes: tuple[str, ...] = SUFFIXES) -> Found[Path]:
    """Return the pictures that `inputs` name: files, folders with all they hold, and globs.

    Of a folder only files whose names end in one of `suffixes` are taken, and none that is hidden. Each folder is
    walked once, those that links lead to last. Nothing is taken that lies in the folders `leave_out`. A picture that is
    named twice is taken once; a missing file that is named beside others is taken, for its reader to complain. The
    folder that all share is the deepest one above every folder, every glob's fixed part and every file that is named.

    Raises `OptionError` at a glob that nothing matches, where nothing that is named is there, and where the inputs
    share no folder.
    """
    found: Found[Path] = Found()
    tops: list[str] = []
    paths: dict[str, Path] = {}
    missing: list[str] = []
    left_out = {identity for identity in map(_identity, leave_out) if identity is not None}
    walked = set(left_out)
    is_left_out = _inside(left_out)
    for name in inputs:
        path = Path(name)
        if is_folder(path):
            tops.append(whole_path(path))
            new: Iterator[Path] = _walk(path, walked, found, suffixes)
        elif glob.has_magic(name) and not os.path.lexists(path):
            base, matches = _matches(path, found)
            tops.append(whole_path(base))
            new = (
                file
                for match in matches
                for file in (_walk(match, walked, found, suffixes) if is_folder(match) else [match])
            )
        else:
            tops.append(str(Path(whole_path(path)).parent))
            new = iter([path])
            if _is_missing(path):
                missing.append(name)
        for file in new:
            whole = whole_path(file)
            if not is_left_out(Path(whole).parent):
                paths.setdefault(whole, file)
    check_there(inputs, missing)
    try:
        top = os.path.commonpath(tops) if tops else ""
    except ValueError as error:
        raise OptionError("the pictures lie on several drives and share no folder; run once for each drive") from error
    found.sources = [Source(path, PurePath(os.path.relpath(whole, top)), whole) for whole, path in paths.items()]
    return found


def with_prompts(
    sources: Sequence[Source[Location]], listed: Iterable[tuple[str, PicturePrompts]]
) -> list[Source[Location]]:
    """Return the pictures with the prompts that are `listed` by their full names.

    Raises `OptionError` where a picture is listed with several prompts, and where what is listed with some is none of
    the pictures, as a folder and a glob are.
    """
    own: dict[str, PicturePrompts] = {}
    for name, prompts in listed:
        if own.setdefault(name, prompts) != prompts:
            raise OptionError(f"{name}: listed twice with different prompts; keep one of its lines")
    strange = {name for name, prompts in own.items() if prompts.given()} - {source.name for source in sources}
    if strange:
        raise OptionError(f"{min(strange)}: listed with prompts, and no picture of this run; list files one by one")
    return [dataclasses.replace(source, prompts=own.get(source.name, NO_PROMPTS)) for source in sources]


def check_there(inputs: Sequence[Named | str], missing: Sequence[Named | str]) -> None:
    """Raise `OptionError` where all of the inputs are missing: a slip of the finger, and no picture that fails."""
    if missing and len(missing) == len(inputs):
        raise OptionError(f"{missing[0]}: no such file or folder; check the name")


def whole_path(path: Path | str) -> str:
    """Return a file's path from the root, by which it is known from run to run; links in it are kept."""
    return os.path.abspath(path)  # noqa: PTH100 - `Path.resolve` would follow links, `Path.absolute` would keep `..`


def _walk(top: Path, walked: set[_Identity], found: Found[Path], suffixes: tuple[str, ...]) -> Iterator[Path]:
    folders, links = [top], list[Path]()
    while folders or links:
        folder = folders.pop() if folders else links.pop(0)
        identity = _identity(folder)
        if identity in walked:  # left out, named twice, or a link that leads in a circle
            continue
        try:
            with os.scandir(folder) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            found.add_folder(folder, error.strerror)
            continue
        if identity is not None:
            walked.add(identity)
        below: list[Path] = []
        for entry in inside:
            if entry.name.startswith("."):
                continue
            mode, reason = _mode(entry)
            if stat.S_ISDIR(mode):
                (links if entry.is_symlink() else below).append(folder / entry.name)
            elif entry.name.lower().endswith(suffixes) and (stat.S_ISREG(mode) or not mode):
                yield folder / entry.name  # not pipes and devices, which would be waited for
            elif reason:
                found.add_folder(folder / entry.name, reason)
            else:
                found.others += 1
        folders += reversed(below)


def _is_missing(path: Path) -> bool:
    """Return whether nothing has that name; what a link that loops leads to may be there."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _mode(entry: os.DirEntry[str]) -> tuple[int, str]:
    """Return a name's mode, and why none can be had; of a link that leads nowhere neither: its reader may complain."""
    try:
        return entry.stat().st_mode, ""
    except FileNotFoundError:
        return 0, ""
    except OSError as error:  # a link that loops, or that leads where one may not go
        return 0, error.strerror or "unknown"


def _matches(path: Path, found: Found[Path]) -> tuple[Path, list[Path]]:
    """Return the folder before a glob's first star, and what matches, hidden names left out.

    What can't be read ends the matches, and is noted in `found`.
    """
    fixed = next(number for number, part in enumerate(path.parts) if glob.has_magic(part))
    base, pattern = Path(*path.parts[:fixed]), str(PurePath(*path.parts[fixed:]))
    matches: list[Path] = []
    broken = False
    try:
        matches.extend(base.glob(pattern))  # `**` follows no links, and so never in a circle
    except OSError as error:  # what came before it is in the list
        broken = True
        found.add_folder(Path(error.filename or base), error.strerror)
    matches.sort()
    seen = [match for match in matches if not any(part.startswith(".") for part in match.relative_to(base).parts)]
    if not seen and not broken:
        raise OptionError(f"{path}: no such file or folder, and nothing matches; check the name")
    return base, seen


def _identity(folder: Path) -> _Identity | None:
    try:
        facts = folder.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _inside(folders: set[_Identity]) -> Callable[[Path], bool]:
    """Return a function that says of a folder's whole path whether it is one of `folders` or lies in one."""

    @functools.cache
    def is_inside(folder: Path) -> bool:
        return _identity(folder) in folders or (folder != folder.parent and is_inside(folder.parent))

    return is_inside
