"""Files that a whole cluster reaches, by addresses such as s3://bucket/photo.jpg: found, read, and put whole."""

import contextlib
import functools
import os
import posixpath
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from background_remover.batch.discovery import whole_path
from background_remover.batch.record import Stamp, stamp_of
from background_remover.errors import Error, ImageError, OptionError, one_line
from background_remover.imaging.atomic import temporary_name
from background_remover.imaging.paths import is_file
from background_remover.runtime.streams import read_all

try:
    import fsspec  # type: ignore[import-untyped]
    from pyarrow import fs  # type: ignore[import-untyped]
except ImportError as error:
    raise Error(f"a cluster needs pyarrow and fsspec ({error}): pip install 'background-remover[cluster]'") from error

_PIECE = 2**20  # bytes of a file that are in memory at once
_NAMES = {"S3FileSystem", "GcsFileSystem", "AzureFileSystem"}  # a file of theirs appears whole, or not at all
Facts: TypeAlias = tuple[str, Stamp]
"""A file's place below a folder, and its stamp."""


@dataclass(frozen=True, slots=True)
class FileSystem:
    """What the addresses of files on one file system have in common; `scheme` is "" of paths, and the rest as well.

    It is opened anew by each process that needs it, with the credentials of that process's own environment.
    """

    scheme: str = ""
    authority: str = ""  # mostly the bucket
    query: str = ""  # options of the file system, as in `?region=eu-west-1`

    @property
    def is_local(self) -> bool:
        """Whether its files are paths, which every machine of the cluster has to see under the same name."""
        return not self.scheme

    @property
    def puts_whole(self) -> bool:
        """Whether a file appears only when all of it is there, so that it needs no name before its own."""
        return type(_opened(self)[0]).__name__ in _NAMES

    def name(self, key: str) -> str:
        """Return the name of a file for people; a password or key in the address is left out."""
        return key if self.is_local else f"{self.scheme}://{posixpath.join(self.authority.rpartition('@')[2], key)}"


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a file or a folder: a file system, and the key of the file in it, which of a path is all of it."""

    filesystem: FileSystem
    key: str

    def __str__(self) -> str:
        return self.filesystem.name(self.key)

    def __truediv__(self, place: str) -> "Address":
        return Address(self.filesystem, posixpath.join(self.key, place))

    @property
    def name(self) -> str:
        """Its last part."""
        return PurePosixPath(self.key).name

    @property
    def suffix(self) -> str:
        """What its name ends in, from the last dot on."""
        return PurePosixPath(self.key).suffix

    def stamp(self) -> Stamp | None:
        """Return the stamp of a file, or None where none can be had. Its time is 0 where a file system gives none."""
        try:
            info = self._open.get_file_info(self._path)
        except Exception:  # of any kind: fsspec raises what its libraries raise
            return None
        return _stamp(info) if info.type == fs.FileType.File else None

    def is_folder(self) -> bool:
        """Return whether it is a folder. Raises `ImageError` where the file system doesn't answer."""
        with _as_image_errors(self, "can't be read"):
            return bool(self._open.get_file_info(self._path).type == fs.FileType.Directory)

    def files(self) -> Iterator[Facts]:
        """All files below a folder, hidden ones as well, in any order: none where there is no such folder.

        Of paths each folder is listed once, though several links may lead to it, and one that can't be read holds
        nothing. Raises `ImageError` where a file system can't be listed.
        """
        if self.filesystem.is_local:
            yield from _files_on_disk(self.key)
            return
        with _as_image_errors(self, "can't be listed"):
            there = self._open.get_file_info(self._path).type  # of fsspec a listing hides what is wrong
            selector = fs.FileSelector(self._path, recursive=True)
            infos = [] if there == fs.FileType.NotFound else self._open.get_file_info(selector)
        for info in infos:
            if info.type == fs.FileType.File:
                yield info.path.removeprefix(self._path).lstrip("/"), _stamp(info)

    def read(self) -> bytes:
        """All that is in a file; raises `ImageError` where it can't be read."""
        with _as_image_errors(self, "can't be read"), self._open.open_input_stream(self._path) as stream:
            return read_all(stream, str(self))

    def put(self, data: bytes) -> None:
        """Write a file, whole or not at all; missing folders are made. Raises `ImageError` where that fails."""
        self._put(lambda stream: stream.write(data))

    def upload(self, file: Path) -> None:
        """Write what is in a file of this machine, as `put` does."""
        with file.open("rb") as source:
            self._put(lambda stream: shutil.copyfileobj(source, stream, _PIECE))

    def download(self, file: Path) -> None:
        """Write all that is in it to a file of this machine; raises `ImageError` where it can't be read."""
        with (
            _as_image_errors(self, "can't be read"),
            self._open.open_input_stream(self._path) as stream,
            file.open("wb") as copy,
        ):
            shutil.copyfileobj(stream, copy, _PIECE)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Any]:
        """Open it to be read from any position; raises `ImageError` where it can't be."""
        with _as_image_errors(self, "can't be read"), self._open.open_input_file(self._path) as file:
            yield file

    def _put(self, write: Callable[[Any], object]) -> None:
        folder = posixpath.dirname(self._path)
        place = self._path if self.filesystem.puts_whole else posixpath.join(folder, temporary_name())
        with _as_image_errors(self, "can't be written"):
            if not self.filesystem.puts_whole:
                self._open.create_dir(folder, recursive=True)
            try:
                with self._open.open_output_stream(place) as stream:
                    write(stream)
                if place != self._path:
                    self._open.move(place, self._path)
            except BaseException:
                if place != self._path:
                    with contextlib.suppress(Exception):
                        self._open.delete_file(place)
                raise

    def delete(self) -> None:
        """Remove a file, if that can be done."""
        with contextlib.suppress(Exception):
            self._open.delete_file(self._path)

    def delete_folder(self) -> None:
        """Remove a folder and all that is in it, if that can be done."""
        with contextlib.suppress(Exception):
            self._open.delete_dir(self._path)

    @property
    def _open(self) -> Any:
        return _opened(self.filesystem)[0]

    @property
    def _path(self) -> str:
        root = _opened(self.filesystem)[1]
        return posixpath.join(root, self.key) if root and self.key else root or self.key


def address(text: str) -> Address:
    """Return the address in a text: a path, file:///path, or that of another file system, as s3://bucket/folder.

    A path is made whole. What stands behind the last `?` are options of the file system, if there is an `=` in it.
    Raises `OptionError` at an address that nothing here can open.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        return Address(FileSystem(), whole_path(text))
    if scheme == "file":
        return Address(FileSystem(), whole_path(f"/{rest.lstrip('/')}"))
    before, _, query = rest.rpartition("?")
    if "=" in query and before:
        rest = before
    else:
        query = ""
    authority, _, key = rest.partition("/")
    filesystem = FileSystem(scheme, authority, query)
    _opened(filesystem)
    return Address(filesystem, key.rstrip("/"))


@functools.lru_cache(maxsize=64)
def _opened(filesystem: FileSystem) -> tuple[Any, str]:
    """Return the open file system, and what goes before a key to make a path of it."""
    if filesystem.is_local:
        return fs.LocalFileSystem(), ""
    name = f"{filesystem.scheme}://{filesystem.authority}/{f'?{filesystem.query}' if filesystem.query else ''}"
    try:
        try:
            system, root = fs.FileSystem.from_uri(name)
        except ValueError as error:
            if "Unrecognized filesystem" not in str(error):
                raise
            fsspec.get_filesystem_class(filesystem.scheme)  # its errors say what to install
            system, root = fs.FileSystem.from_uri(f"fsspec+{name}")
    except Exception as error:  # of any kind, as libraries of any kind are asked
        shown = filesystem.name("")
        raise OptionError(f"{shown}: can't be opened ({one_line(error)}); check the address") from error
    return system, root.rstrip("/")


def _files_on_disk(top: str) -> Iterator[Facts]:
    """Yield the files below a folder on a disk; links are followed, but never in a circle."""
    walked: set[str] = set()
    for folder, below, names in os.walk(top, followlinks=True):
        if (there := os.path.realpath(folder)) in walked:
            below.clear()
            continue
        walked.add(there)
        for name in names:
            path = Path(folder, name)
            stamp = stamp_of(path) if is_file(path) else None
            if stamp is not None:
                yield path.relative_to(top).as_posix(), stamp


def _stamp(info: Any) -> Stamp:
    return int(info.size or 0), int(info.mtime_ns or 0)


@contextlib.contextmanager
def _as_image_errors(place: Address, what: str) -> Iterator[None]:
    """Make an `ImageError` of whatever a file system raises."""
    try:
        yield
    except (Error, MemoryError):
        raise
    except FileNotFoundError as error:
        raise ImageError(f"{place}: no such file; check the name") from error
    except Exception as error:  # of any kind: fsspec raises what its libraries raise
        raise ImageError(f"{place}: {what} ({one_line(error)}); check its permissions, and the room there") from error
