"""Questions to the file system that never raise: a link that loops, or leads where one may not go, leads nowhere."""

import os
from pathlib import Path


def is_folder(path: Path) -> bool:
    """Return whether there is a folder of that name; links are followed."""
    return os.path.isdir(path)  # noqa: PTH112 - `Path.is_dir` raises where a folder of the path may not be entered


def is_file(path: Path) -> bool:
    """Return whether there is a regular file of that name, which a pipe or a device isn't; links are followed."""
    return os.path.isfile(path)  # noqa: PTH113 - as above


def is_there(path: Path) -> bool:
    """Return whether there is anything of that name; links are followed."""
    return os.path.exists(path)  # noqa: PTH110 - as above


def is_special(path: Path) -> bool:
    """Return whether there is something of that name that is neither a file nor a folder: a pipe, say, or a device."""
    return is_there(path) and not (is_file(path) or is_folder(path))


def is_same(path: Path, other: Path) -> bool:
    """Return whether both names lead to one file or folder, which is there."""
    try:
        return os.path.samefile(path, other)  # noqa: PTH121 - as above
    except OSError:
        return False


def real(path: Path) -> Path:
    """Return the path with its links followed as far as they lead."""
    return Path(os.path.realpath(path))
