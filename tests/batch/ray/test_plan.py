"""What a cluster is to do, on a disk and in memory: both are read by the same rules as `batch` has."""

import dataclasses
import os
import uuid
from pathlib import Path

import pytest

from background_remover.batch.job import Record
from background_remover.batch.journal import Entry, Settings
from background_remover.batch.ray.plan import ClusterSettings, Pictures, Plan, find, plan
from background_remover.batch.ray.store import Address, address
from background_remover.errors import OptionError
from background_remover.imaging.output_options import OutputOptions

SETTINGS: Settings = {"model": "bright"}
NAMES = ("in/a.jpg", "in/b.txt", "in/.hidden.jpg", "in/.cache/c.jpg", "in/sub/d.PNG", "in/out/e.png", "f.jpg")


@pytest.fixture(params=["disk", "memory"])
def tree(request, tmp_path) -> Address:
    """A folder with `NAMES`."""
    folder = address(str(tmp_path) if request.param == "disk" else f"memory://{uuid.uuid4().hex}/tree")
    for name in NAMES:
        (folder / name).put(b"123")
    return folder


def found(tree: Address, names: str, out: str = "in/out") -> Pictures:
    return find([str(tree / name) for name in names.split()], tree / out)


def places(pictures: Pictures) -> list[str]:
    return sorted(picture.place.as_posix() for picture in pictures.all)


WANTED = {
    "in": "a.jpg sub/d.PNG",
    "in/sub in/a.jpg": "a.jpg sub/d.PNG",
    "in/a.jpg in/a.jpg": "a.jpg",
    "in/b.txt": "b.txt",
    "f.jpg in/sub": "f.jpg in/sub/d.PNG",
    "in/none.jpg": "none.jpg",
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
    if tree.store.is_local:
        assert places(found(tree, "in/*.jpg")) == ["a.jpg"]
    else:
        with pytest.raises(OptionError, match=r"in/\*\.jpg: no such file, and no globs are known there; name a folder"):
            found(tree, "in/*.jpg")


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


def planned(
    tree: Address, names: str, entries: dict[str, Entry], *, allow_empty: bool = False, overwrite: bool = False
) -> Plan:
    pictures = found(tree, names, "out").all
    given = sorted(pictures, key=lambda picture: picture.place)
    return plan(given, tree / "out", ".png", SETTINGS, entries, allow_empty=allow_empty, overwrite=overwrite)


def record(tree: Address, name: str, place: str) -> Record:
    """That of a picture that was done, and whose result is there."""
    (tree / "out" / place).put(b"1234")
    size, changed = (tree / name).stamp()
    done = Record(str(tree / name), str(tree / "out" / place), "done", "bright", 0.5, source_bytes=size)
    return dataclasses.replace(done, source_changed_ns=changed, target_bytes=4)


def test_each_picture_has_its_place(tree):
    (tree / "in/a.png").put(b"")
    jobs = planned(tree, "in", {}).jobs
    assert [str(job.target) for job in jobs] == [
        str(tree / "out" / place) for place in ("a.jpg.png", "a.png.png", "out/e.png", "sub/d.png")
    ]


def test_what_is_done_is_left(tree):
    done = record(tree, "in/a.jpg", "a.png")
    entries = {"a.png": Entry(str(tree / "in/a.jpg"), SETTINGS, done)}
    now = planned(tree, "in/a.jpg", entries)
    assert (now.jobs, now.earlier, now.refused) == ([], [done], [])
    (tree / "in/a.jpg").put(b"changed")
    now = planned(tree, "in/a.jpg", entries)
    assert ([job.source for job in now.jobs], now.earlier, now.refused) == ([tree / "in/a.jpg"], [], [])


def test_what_was_in_hand_is_done_again(tree):
    record(tree, "in/a.jpg", "a.png")
    now = planned(tree, "in/a.jpg", {"a.png": Entry(str(tree / "in/a.jpg"), SETTINGS, None)})
    assert (len(now.jobs), now.refused) == (1, [])


REFUSED = {
    "is there already; --overwrite": lambda source, done: {},
    "was made with another feather;": lambda source, done: {"a.png": Entry(source, SETTINGS | {"feather": 1.0}, done)},
    "was changed since it was made;": lambda source, done: {
        "a.png": Entry(source, SETTINGS, dataclasses.replace(done, target_bytes=9))
    },
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_nobody_may_replace_is_refused(tree, reason):
    done = record(tree, "in/a.jpg", "a.png")
    entries = REFUSED[reason](str(tree / "in/a.jpg"), done)
    now = planned(tree, "in/a.jpg", entries)
    assert now.jobs == []
    (message,) = now.refused
    assert message.startswith(f"{tree / 'out/a.png'}: {reason}")
    assert len(planned(tree, "in/a.jpg", entries, overwrite=True).jobs) == 1


def test_a_picture_is_never_replaced(tree):
    pictures = found(tree, "in/a.jpg", "elsewhere").all
    for overwrite in (False, True):
        now = plan(pictures, tree / "in", ".jpg", SETTINGS, {}, allow_empty=False, overwrite=overwrite)
        assert now.refused == [f"{tree / 'in/a.jpg'}: is one of the pictures; choose another OUT"]


def test_left_overs_are_found(tree):
    (tree / "out/s/.0123456789abcdef.part").put(b"half")
    (tree / "out/.mine.part").put(b"")
    assert planned(tree, "in", {}).left_overs == ["s/.0123456789abcdef.part"]


def test_the_suffix_is_what_was_asked_for():
    assert ClusterSettings(("in",), "out").suffix == ".png"
    assert ClusterSettings(("in",), "out", saving=OutputOptions(format="webp")).suffix == ".webp"
