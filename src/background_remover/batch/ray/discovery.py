"""The pictures that addresses name: files and folders of one file system become `Source`s, each with its place."""

import glob
import posixpath
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from background_remover.batch import discovery
from background_remover.batch.discovery import Found, Source
from background_remover.batch.ray.address import Address, FileSystem, address
from background_remover.batch.record import Stamp
from background_remover.errors import ImageError, OptionError
from background_remover.imaging.formats import SUFFIXES


def find(inputs: Sequence[str], out: Address, suffixes: tuple[str, ...] = SUFFIXES) -> Found[Address]:
    """Return the pictures that `inputs` name: files and folders of one file system, and of paths also globs.

    What is taken is as `discovery.find` says, and nothing below `out`. Raises `OptionError` where the inputs aren't of
    one file system or share no folder, where nothing that is named is there, at a glob that nothing matches, and at one
    that isn't of paths.
    """
    given = [address(name) for name in inputs]
    if len({each.filesystem for each in given}) > 1:
        raise OptionError(f"{given[0]} and others: pictures of several file systems; run once for each")
    if all(each.filesystem.is_local for each in given):
        return _find_local([each.key for each in given], out, suffixes)
    found: Found[Address] = Found()
    files: dict[str, Stamp | None] = {}
    top = posixpath.commonpath([_find_below(each, found, files, suffixes) for each in given])
    discovery.check_there(given, [each for each in given if files.get(each.key, each) is None])
    for key, stamp in files.items():
        picture = Address(given[0].filesystem, key)
        if not _is_below(picture, out):
            _add(found, Source(picture, PurePosixPath(key.removeprefix(top).lstrip("/")), str(picture), stamp))
    return found


def _find_below(
    given: Address, found: Found[Address], files: dict[str, Stamp | None], suffixes: tuple[str, ...]
) -> str:
    """Add a file, or a folder's pictures, to `files`, key -> stamp; return the key of the folder that holds them."""
    stamp = given.stamp()
    try:
        if stamp is not None or not given.is_folder():
            if stamp is None and glob.has_magic(given.key):
                raise OptionError(f"{given}: no such file, and no globs are known there; name a folder, or give a list")
            files.setdefault(given.key, stamp)
            return posixpath.dirname(given.key)
        for place, stamp in given.files():
            if any(part.startswith(".") for part in place.split("/")):
                continue
            if place.lower().endswith(suffixes):
                files.setdefault(posixpath.join(given.key, place), stamp)
            else:
                found.others += 1
    except ImageError as error:
        found.unreadable.append((given, "folder", str(error).removeprefix(f"{given}: ")))
    return given.key


def _find_local(names: list[str], out: Address, suffixes: tuple[str, ...]) -> Found[Address]:
    local = discovery.find(names, [Path(out.key)] if out.filesystem.is_local else [], suffixes)
    found: Found[Address] = Found(others=local.others)
    for folder, code, reason in local.unreadable:
        found.unreadable.append((Address(FileSystem(), discovery.whole_path(folder)), code, reason))
    for source in local.sources:
        _add(found, Source(Address(FileSystem(), source.name), source.place, source.name))
    return found


def _add(found: Found[Address], picture: Source[Address]) -> None:
    """Add a picture whose name can be written down, and whose place is below the folder of results."""
    address = picture.path
    shown = address.key.encode(errors="backslashreplace").decode()
    if shown != address.key:
        found.unreadable.append((Address(address.filesystem, shown), "image", "its name is no UTF-8; rename it"))
    elif {"", ".", ".."} & set(address.key.strip("/").split("/")):
        found.unreadable.append((address, "image", "a part of its name is no name; rename it"))
    else:
        found.sources.append(picture)


def _is_below(picture: Address, folder: Address) -> bool:
    return picture.filesystem == folder.filesystem and f"{picture.key}/".startswith(
        f"{folder.key}/" if folder.key else ""
    )
