"""What addresses name, on a disk and in memory: both are read by the same rules as `batch` has."""

import os
import uuid
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from background_remover.batch.discovery import Found
from background_remover.batch.ray.address import Address, address
from background_remover.batch.ray.discovery import find
from background_remover.errors import OptionError


def found(tree: Address, names: str, out: str = "in/out") -> Found[Address]:
    return find([str(tree / name) for name in names.split()], tree / out)


def places(pictures: Found[Address]) -> list[str]:
    return sorted(picture.place.as_posix() for picture in pictures.sources)


WANTED = {
    "in": "a.jpg sub/d.PNG",
    "in/sub in/a.jpg": "a.jpg sub/d.PNG",
    "in/a.jpg in/a.jpg": "a.jpg",
    "in/b.txt": "b.txt",
    "f.jpg in/sub": "f.jpg in/sub/d.PNG",
    "in/none.jpg in/a.jpg": "a.jpg none.jpg",
    "in/out": "",
}


@pytest.mark.parametrize("names", WANTED)
def test_what_is_named_is_found(tree, names):
    assert places(found(tree, names)) == WANTED[names].split()


def test_what_is_left_out_is_counted(tree):
    assert found(tree, "in").others == 1
    assert found(tree, "in", "elsewhere").others == 1


def test_a_folder_that_is_no_results_is_not_left_out(tree):
    assert places(found(tree, "in", "in/ou")) == ["a.jpg", "out/e.png", "sub/d.PNG"]


def test_a_glob_is_for_the_disk(tree):
    if tree.filesystem.is_local:
        assert places(found(tree, "in/*.jpg")) == ["a.jpg"]
    else:
        with pytest.raises(OptionError, match=r"in/\*\.jpg: no such file, and no globs are known there; name a folder"):
            found(tree, "in/*.jpg")


@pytest.mark.parametrize("names", ["in/none.jpg", "in/none.jpg nowhere"])
def test_names_of_which_none_is_there_are_refused(tree, names):
    with pytest.raises(OptionError, match=r"in/none\.jpg: no such file or folder; check the name"):
        found(tree, names)


def test_several_file_systems_are_refused(tree, tmp_path):
    with pytest.raises(OptionError, match="pictures of several file systems; run once for each"):
        find([str(tree / "in"), "memory://other/x"], tree / "out")


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_cannot_be_written_down_is_told(tmp_path):
    (tmp_path / os.fsdecode(b"\xe4.jpg")).write_bytes(b"")
    ((place, code, reason),) = find([str(tmp_path)], address(str(tmp_path / "out"))).unreadable
    assert (str(place), code, reason) == (f"{tmp_path}/\\udce4.jpg", "image", "its name is no UTF-8; rename it")


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    def scandir(folder: Path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", scandir)
    ((place, code, reason),) = find([str(tmp_path)], address(str(tmp_path / "out"))).unreadable
    assert (place, code) == (address(str(tmp_path)), "folder")
    assert reason == "can't be read (Permission denied); check its permissions"


class Locked(MemoryFileSystem):
    """A file system with a folder that can't be listed."""

    protocol = "locked"

    def find(self, path: str, **given: object) -> object:
        if path.endswith("/in"):
            raise PermissionError(13, "Permission denied")
        return super().find(path, **given)


def test_a_folder_that_cannot_be_listed_is_told_and_others_are_found():
    fsspec.register_implementation("locked", Locked)
    top = address(f"locked://{uuid.uuid4().hex}/tree")
    for name in ("in/a.jpg", "b.jpg"):
        (top / name).put(b"123")
    given = find([str(top / "in"), str(top / "b.jpg")], top / "out")
    assert places(given) == ["b.jpg"]
    ((place, code, reason),) = given.unreadable
    assert (place, code) == (top / "in", "folder")
    assert reason == "can't be listed ([Errno 13] Permission denied); check its permissions, and the room there"
