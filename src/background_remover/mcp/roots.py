"""The folders in which an assistant may read and write: every path that it names is checked against them."""

from collections.abc import Sequence
from pathlib import Path

from background_remover.errors import OptionError
from background_remover.imaging.output_options import check_target


class Roots:
    """Folders whose files, and no others, may be named."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Take folders; raises `OptionError` at none, and at one that isn't there."""
        if not folders:
            raise OptionError("no folder is given; name one or more that the assistant may work in, by --root")
        for folder in folders:
            if not folder.is_dir():
                raise OptionError(f"{folder}: no such folder; make it, or name another")
        self.folders: tuple[Path, ...] = tuple(folder.resolve() for folder in folders)

    def path(self, name: str) -> Path:
        """Return the path of a name, relative ones in the first folder; raises `OptionError` where it lies outside.

        Links are followed first, so that none leads out of the folders.
        """
        if "\0" in name or not name:
            raise OptionError(f"{name!r} is no path; name a file")
        path = (self.folders[0] / Path(name)).resolve()
        if not any(path.is_relative_to(folder) for folder in self.folders):
            raise OptionError(f"{name}: outside the folders {', '.join(map(str, self.folders))}; name a file in them")
        return path

    def target(self, name: str, source: Path, *, transparent: bool, overwrite: bool) -> Path:
        """Return the path of a file to be written; raises `OptionError` or `ImageError` where that isn't possible.

        Without `overwrite` no file that is there is replaced, and never the `source`.
        """
        path = self.path(name)
        if path.exists() and not overwrite:
            raise OptionError(f"{name}: is there already; choose another name, or set overwrite")
        check_target(path, source=source, transparent=transparent)
        return path
