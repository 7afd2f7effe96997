import errno
import os
import re
from pathlib import Path

import pytest

import background_remover
from background_remover.errors import ImageError, OptionError
from background_remover.imaging.atomic import (
    check_folder,
    check_name,
    check_place,
    remove_left_overs,
    temporary_name,
    whole,
    write_all,
    write_whole,
)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system doesn't tell what a file is")
def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    """A loss of power can't be had here; what it leaves depends on the order of these steps."""
    steps, fsync, replace = [], os.fsync, Path.replace

    def noted_fsync(file: int) -> None:
        path = Path(f"/proc/self/fd/{file}").readlink()
        steps.append(("flushed", path.name, path.read_bytes()))
        fsync(file)

    def noted_replace(path: Path, target: Path) -> None:
        steps.append(("named", path.name, target.name))
        replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write_whole(tmp_path / "x.png", b"all of it")
    part = steps[0][1]
    assert steps == [("flushed", part, b"all of it"), ("named", part, "x.png")]
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_a_file_that_does_not_reach_the_disk_is_no_file(tmp_path, monkeypatch):
    def refuse(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    (tmp_path / "x.png").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ImageError, match=r"x\.png: can't be written \(Input/output error\); choose another place"):
        write_whole(tmp_path / "x.png", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x.png", b"old")]


@pytest.mark.parametrize(
    ("error", "raised"), [(ValueError("no"), ValueError), (OSError(28, "No space left"), ImageError)]
)
def test_a_block_that_raises_leaves_what_was_there(tmp_path, error, raised):
    (tmp_path / "x.png").write_bytes(b"old")

    def write_half() -> None:
        with whole(tmp_path / "x.png") as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(raised) as caught:
        write_half()
    if raised is ImageError:
        assert str(caught.value) == f"{tmp_path / 'x.png'}: can't be written (No space left); choose another place"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x.png", b"old")]


def test_a_link_is_followed_and_one_that_loops_is_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.png").symlink_to(tmp_path / "folder" / "x.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    for name in ("link.png", "loop.png"):
        write_whole(tmp_path / name, b"new")
    assert (tmp_path / "folder" / "x.png").read_bytes() == (tmp_path / "loop.png").read_bytes() == b"new"
    assert (tmp_path / "link.png").is_symlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("name", ["pipe", "link"])
def test_a_pipe_or_device_is_not_replaced(tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for attempt in (check_place, lambda path: write_whole(path, b"new")):
        with pytest.raises(ImageError, match=rf"{name}: neither a file nor a folder, and would be replaced; name a"):
            attempt(tmp_path / name)
    assert (tmp_path / "pipe").is_fifo()
    assert len(list(tmp_path.iterdir())) == 2


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    for name in (temporary_name(), temporary_name(), ".hidden.part", "x.png", ".0123456789abcdef.part2"):
        (tmp_path / name).touch()
    remove_left_overs(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".0123456789abcdef.part2", ".hidden.part", "x.png"]
    remove_left_overs(tmp_path / "none")


def test_a_place_where_nothing_can_be_written_is_refused_before_the_work(tmp_path, monkeypatch):
    check_place(tmp_path / "x.png")
    with pytest.raises(ImageError, match=r": a folder, and what is written is a file; name one in it, as in .*NAME$"):
        check_place(tmp_path)
    with pytest.raises(ImageError, match=r"none/x\.png: there is no folder .*none; make it first"):
        check_place(tmp_path / "none" / "x.png")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ImageError, match=r"x\.png: can't be written \(its folder is read-only\); choose another place"):
        check_place(tmp_path / "x.png")


def test_a_folder_that_cannot_be_written_to_or_made_is_refused_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    check_folder(tmp_path)
    check_folder(tmp_path / "new" / "newer")
    with pytest.raises(ImageError, match=r"new: .*file is a file, and no folder; choose another place"):
        check_folder(tmp_path / "file" / "new")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ImageError, match=r"new: can't be written \(read-only\); choose another place"):
        check_folder(tmp_path / "new")


@pytest.mark.parametrize("moment", ["write_bytes", "replace"])
def test_of_several_files_all_are_written_or_none(tmp_path, monkeypatch, moment):
    files = {tmp_path / f"{number}.png": b"new" for number in range(3)}
    (tmp_path / "1.png").write_bytes(b"older")
    calls, real_call = [], getattr(Path, moment)

    def fail(path: Path, given: object) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real_call(path, given)

    with monkeypatch.context() as patch:
        patch.setattr(Path, moment, fail)
        with pytest.raises(ImageError, match=r"\.png: can't be written \(No space left on device\)"):
            write_all(files)
    older = [tmp_path / "1.png"] if moment == "write_bytes" else []  # else the new one had its name already
    assert list(tmp_path.iterdir()) == older
    write_all(files)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("m.txt", OptionError, r"m\.txt: a sheet ends in \.svg or \.png; choose another name"),
        ("M.PNG", OptionError, r"M\.PNG: is what it is to be made of, and would be lost; choose another name"),
        ("none/m.png", ImageError, "there is no folder"),
    ],
)
def test_a_file_to_be_made_has_the_suffix_of_its_kind_and_another_name_than_its_sources(tmp_path, name, error, message):
    (tmp_path / "M.PNG").touch()
    with pytest.raises(error, match=message):
        check_name(tmp_path / name, "a sheet", [".svg", ".png"], tmp_path / "other.png", tmp_path / "M.PNG")
    check_name(tmp_path / "sheet.SVG", "a sheet", [".svg", ".png"], tmp_path / "M.PNG")


def test_what_is_wrong_with_a_files_suffix_is_said_in_one_place():
    root = Path(background_remover.__file__).parent
    says = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"ends in [^\n]*; choose", path.read_text(encoding="utf-8"))
    }
    assert says == {"imaging/atomic.py", "batch/ray/journal.py"}  # the second checks addresses
