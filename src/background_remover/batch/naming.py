"""The names and places of many pictures' results: the same tree, and never two results in one place."""

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeVar

from background_remover.batch.discovery import whole_path
from background_remover.errors import OptionError
from background_remover.imaging.paths import is_same, is_there

FORMAT = "png"  # of results, where no other is asked for
_NUMBERED = re.compile(r"(.+)-[1-9][0-9]*", re.DOTALL)
_Path = TypeVar("_Path", bound=PurePath)


def name_places(
    sources: Sequence[tuple[str, PurePath]],
    suffix_of: Callable[[PurePath], str],
    *,
    taken: Mapping[str, str],
    folds_case: bool,
    each: bool,
) -> list[str]:
    """Return the place of each result, in the order of the sources: that of its picture, with another suffix.

    A source is the picture's whole name and its place; `suffix_of` says the suffix of its result by either. Where two
    results, or a result and a folder, would have one name, the pictures keep their full old names: `a.jpg.png` beside
    `a.bmp.png`. `taken` gives the places that were given out earlier, and the whole name of the source of each; such a
    source keeps its place. With `folds_case` names that differ only in case, or in how Unicode writes them, are one
    name. With `each` a place is the name by which the files of a picture's subjects are numbered, see `numbered`.

    Raises `OptionError` where full names are one name as well, as those of `a.jpg` and `A.jpg` can be.
    """

    def key(place: str) -> str:
        return key_of(place, folds_case=folds_case)

    kept = {source: place for place, source in taken.items() if PurePath(place).suffix == suffix_of(PurePath(source))}
    places = [kept.get(name) for name, _ in sources]
    short = [place.with_suffix(suffix_of(place)).as_posix() for _, place in sources]
    wanted = Counter(key(name) for name, place in zip(short, places, strict=True) if place is None)
    folders = {key(parent.as_posix()) for name in (*short, *taken) for parent in PurePath(name).parents}
    if each:
        folders |= {key(base.as_posix()) for folder in folders if (base := unnumbered(PurePath(folder))) is not None}
    owners = {key(place): source for place, source in taken.items()}
    collides = [wanted[key(name)] > 1 or key(name) in folders for name in short]
    # Those that collide come first: a.jpg.gif has another choice than a.jpg.png, and a.jpg has none.
    for number in sorted(range(len(sources)), key=lambda number: not collides[number]):
        if places[number] is not None:
            continue
        (source, whole), place = sources[number], short[number]
        if collides[number] or key(place) in owners:
            place = f"{whole.as_posix()}{suffix_of(whole)}"
        if key(place) in owners or key(place) in folders:
            other = owners.get(key(place), "a folder")
            raise OptionError(f"{source}: its result {place} would be in the place of {other}; rename one of them")
        owners[key(place)] = source
        places[number] = place
    return [str(place) for place in places]


def key_of(place: str, *, folds_case: bool) -> str:
    """Return what is the same of places that are one file."""
    return unicodedata.normalize("NFC", place).casefold() if folds_case else place


def numbered(path: _Path, number: int) -> _Path:
    """Return the name of the file of one subject, numbered from 1: `a-2.png` of `a.png`."""
    return path.with_stem(f"{path.stem}-{number}")


def unnumbered(path: _Path) -> _Path | None:
    """Return the name of which `numbered` makes this one, or None where it makes it of none."""
    match = _NUMBERED.fullmatch(path.stem)
    return None if match is None else path.with_stem(match[1])


def file_names(name: str, *, each: bool) -> Iterator[str]:
    """Yield the names of a result's files: its own, or with `each` as many as there are subjects."""
    return (numbered(PurePath(name), number).name for number in itertools.count(1)) if each else iter([name])


def numbered_files(places: Iterable[str], *, folds_case: bool) -> dict[str, list[str]]:
    """Return the numbered ones of these places, by the `key_of` the name that they are numbered by."""
    files: dict[str, list[str]] = {}
    for place in places:
        base = unnumbered(PurePosixPath(place))
        if base is not None:
            files.setdefault(key_of(base.as_posix(), folds_case=folds_case), []).append(place)
    return files


def folds_case(folder: Path) -> bool:
    """Return whether `A` and `a` are one name in a folder, or in the nearest above it that exists and has letters."""
    folder = Path(whole_path(folder))
    while folder != folder.parent:
        other = folder.with_name(folder.name.swapcase())
        if is_there(folder) and other != folder:
            return is_same(other, folder)
        folder = folder.parent
    return False
