"""Files that are written whole or not at all."""

import contextlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from background_remover.errors import ImageError, OptionError
from background_remover.imaging.paths import is_folder, is_same, is_special, is_there, real

LEFT_OVER = re.compile(r"\.[0-9a-f]{16}\.part")
"""The names of `temporary_name`: a file that still has one was left behind by a process that was killed."""


def check_place(path: Path) -> None:
    """Raise `ImageError` where no file can be written to a path, before anybody works for it.

    That is so where its folder is missing or may not be written to, or where it is a folder itself or a device.
    """
    if is_folder(path):
        raise ImageError(f"{path}: a folder, and what is written is a file; name one in it, as in {path / 'NAME'}")
    _check_kind(path)
    if not is_folder(path.parent):
        raise ImageError(f"{path}: there is no folder {path.parent}; make it first")
    if not os.access(real(path).parent, os.W_OK | os.X_OK):
        raise ImageError(f"{path}: can't be written (its folder is read-only); choose another place")


def check_name(path: Path, kind: str, suffixes: Sequence[str], *sources: Path) -> None:
    """Check the name of a file of this kind, as in "a model file", which is to be made of sources.

    Raises `OptionError` as `check_suffix` does and at the name of a source, `ImageError` as `check_place` does.
    """
    check_suffix(path, kind, suffixes)
    check_place(path)
    if any(is_same(path, source) for source in sources):
        raise OptionError(f"{path}: is what it is to be made of, and would be lost; choose another name")


def check_suffix(path: Path, kind: str, suffixes: Sequence[str]) -> None:
    """Raise `OptionError` where the name of a file of this kind ends in none of these suffixes."""
    if path.suffix.lower() not in suffixes:
        raise OptionError(f"{path}: {kind} ends in {' or '.join(suffixes)}; choose another name")


def check_folder(folder: Path) -> None:
    """Raise `ImageError` where a folder can't be made or written into, before anybody works for it."""
    there = next(path for path in (folder, *folder.absolute().parents) if is_there(path))
    if not is_folder(there):
        raise ImageError(f"{folder}: {there} is a file, and no folder; choose another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ImageError(f"{folder}: can't be written (read-only); choose another place")


def temporary_name() -> str:
    """Return a new hidden name, for a file that isn't whole yet."""
    return f".{os.urandom(8).hex()}.part"


def remove_left_overs(folder: Path) -> None:
    """Remove the half files that processes which were killed left in a folder; what can't be removed stays."""
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if LEFT_OVER.fullmatch(path.name):
                path.unlink()


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give the block a hidden file beside `path` to write, which gets that name once the block is done.

    A symbolic link is followed. The file is on the disk, and not only on its way there, before it gets its name: a loss
    of power leaves it whole as well, or what had that name before. A block that raises leaves nothing behind, and an
    `OSError` in it becomes an `ImageError` that names `path`. So does a `path` that names a device or a pipe.
    """
    _check_kind(path)
    target = real(path)
    temporary = target.with_name(temporary_name())
    try:
        yield temporary
        with temporary.open("r+b") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise ImageError(f"{path}: can't be written ({error.strerror or error}); choose another place") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file by `whole`; raises `ImageError` where that fails."""
    with whole(path) as temporary:
        temporary.write_bytes(data)


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write several files, all of them or none; raises `ImageError` where one fails.

    No file gets its name before all are on the disk as far as can be seen; one that has it when another fails after
    all is removed again.
    """
    named: list[Path] = []

    def note(path: Path, error: object) -> None:
        if error is None:
            named.append(path)

    try:
        with contextlib.ExitStack() as stack:
            for path, data in files.items():
                stack.push(lambda _, error, __, path=path: note(path, error))
                stack.enter_context(whole(path)).write_bytes(data)
    except BaseException:
        for path in named:
            with contextlib.suppress(OSError):
                path.unlink()
        raise


def _check_kind(path: Path) -> None:
    """Raise `ImageError` at what is there and no regular file: a new file would take a device's place."""
    if is_special(path):
        raise ImageError(f"{path}: neither a file nor a folder, and would be replaced; name a file")
