"""The flags that name the sources of the samples, and what they mean."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from background_remover.errors import OptionError
from background_remover.evaluation.datasets import read_names
from background_remover.remover import Remover
from background_remover.train.data.decode import Kind, Source, Teacher

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
_FOLDER_HELP = "DIR or DIR=WEIGHT; repeat for several"
_KINDS: dict[Kind, tuple[str, str]] = {  # kind of source -> its flag, the flag's help
    "pairs": ("data", f"Pictures with masks, or a file that pack wrote: {_FOLDER_HELP}."),
    "cutouts": ("cutouts", f"Pictures with an alpha channel: {_FOLDER_HELP}."),
    "backgrounds": ("backgrounds", f"Pictures without a subject: {_FOLDER_HELP}."),
    "unlabelled": ("unlabelled", f"Pictures whose masks the teacher makes: {_FOLDER_HELP}."),
}
WITHOUT = click.option("--without", type=FILE, help="A text file: names of pictures not to use, one a line.")
BEHIND_ONLY = click.option(
    "--behind-only",
    type=FILE,
    help="A text file: names of backgrounds to put behind subjects only, never to show as a picture without a subject.",
)


@dataclass(frozen=True)
class SourceFlags:
    """The values of the flags that `with_sources` gives a command."""

    folders: dict[Kind, tuple[str, ...]]  # DIR or DIR=WEIGHT
    without: Path | None
    behind_only: Path | None

    def sources(self) -> list[Source | Path]:
        """Return the folders with their weights, and the packed files, in the order of the kinds.

        Raises `OptionError` where there are none, at a weight that is no positive number, and at one of a packed file.
        """
        left_out, behind = names(self.without), names(self.behind_only)
        found: list[Source | Path] = []
        for kind, values in self.folders.items():
            for value in values:
                source = _source(kind, value, left_out)
                if isinstance(source, Source) and kind == "backgrounds" and behind:
                    found.append(replace(source, without=(*left_out, *behind)))
                    found.append(replace(source, kind="behind", weight=0.0, only=behind))
                else:
                    found.append(source)
        if not found:
            raise OptionError("no data; give --data DIR")
        return found


def with_sources(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the flags of the sources, as a `SourceFlags` named `given`, and --teacher."""

    @functools.wraps(command)
    def with_flags(without: Path | None, behind_only: Path | None, **values: Any) -> None:
        folders = {kind: values.pop(flag) for kind, (flag, _) in _KINDS.items()}
        command(given=SourceFlags(folders, without, behind_only), **values)

    flagged: Callable[..., None] = BEHIND_ONLY(WITHOUT(with_flags))
    flagged = click.option("--teacher", help="The model that labels the unlabelled: a name or a file.")(flagged)
    for flag, text in reversed(_KINDS.values()):
        flagged = click.option(f"--{flag}", multiple=True, help=text)(flagged)
    return flagged


def names(file: Path | None) -> tuple[str, ...]:
    """Return the names in a list of pictures, sorted; none without a list."""
    return () if file is None else tuple(sorted(read_names(file)))


def teacher_of(model: str | None) -> Teacher | None:
    """Return what labels the unlabelled pictures: a model, by a shipped one's name or by its file."""
    return None if model is None else Remover(model, threads=1).alpha


def _source(kind: Kind, value: str, left_out: tuple[str, ...]) -> Source | Path:
    folder, _, weight = value.partition("=")
    path = Path(folder)
    if path.is_file() and weight:
        raise OptionError(f"{value!r}: a packed file has the weights it was packed with; give none")
    try:
        source = Source(path, kind, float(weight or 1), left_out)
    except ValueError as error:
        raise OptionError(f"{value!r}: the weight after = must be a number") from error
    if not 0 < source.weight < math.inf:
        raise OptionError(f"{value!r}: the weight after = must be above 0")
    return path if path.is_file() else source
