import dataclasses
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from background_remover.batch.job import Job, Record
from background_remover.batch.journal import NAME, Entry, Journal, read, remove_left_overs
from background_remover.errors import ImageError, OptionError
from background_remover.imaging.atomic import LEFT_OVER

SETTINGS = {"model": "bright", "threshold": 0.5, "crop": True}


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def job(out: Path, name: str = "sub/a") -> Job:
    return Job(Path("/in") / f"{name}.jpg", out / f"{name}.png")


def record(out: Path, name: str = "sub/a") -> Record:
    given = job(out, name)
    return Record(str(given.source), str(given.target), "done", "bright", 0.5, source_bytes=9, target_bytes=7)


def lines(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / NAME).read_text().splitlines()]


def test_what_is_written_is_read(out):
    with closing(Journal(out, SETTINGS)) as file:
        assert read(out) == {}
        file.begin(job(out))
        assert read(out) == {"sub/a.png": Entry("/in/sub/a.jpg", SETTINGS, None)}
        file.end(record(out))
        assert read(out) == {"sub/a.png": Entry("/in/sub/a.jpg", SETTINGS, record(out))}


def test_a_beginning_is_on_the_disk_before_there_is_a_result(out, monkeypatch):
    fsync, flushed = os.fsync, []
    monkeypatch.setattr(os, "fsync", lambda file: flushed.append(lines(out)) or fsync(file))
    with closing(Journal(out, SETTINGS)) as file:
        file.begin(job(out))
    assert flushed == [[{"run": SETTINGS}, {"begin": "sub/a.png", "source": "/in/sub/a.jpg"}]]


def test_a_later_run_adds_its_own(out):
    with closing(Journal(out, SETTINGS)) as file:
        file.end(record(out, "a"))
        file.end(record(out, "b"))
    with closing(Journal(out, {"model": "other"})) as file:
        file.begin(job(out, "b"))
    assert read(out) == {
        "a.png": Entry("/in/a.jpg", SETTINGS, record(out, "a")),
        "b.png": Entry("/in/b.jpg", {"model": "other"}, None),
    }


def test_paths_are_whole_and_results_move_with_their_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(Journal(Path("out"), SETTINGS)) as file:
        file.end(dataclasses.replace(record(Path("out"), "a"), source="in/a.jpg"))
    Path("out").rename("moved")
    entry = read(Path("moved"))["a.png"]
    assert entry.source == str(tmp_path / "in" / "a.jpg")
    assert entry.record.target == "moved/a.png"


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_is_ignored_and_taken_away(out, cut):
    with closing(Journal(out, SETTINGS)) as file:
        file.end(record(out, "a"))
        file.begin(job(out, "b" * 70000))  # longer than what is read at once
    whole = (out / NAME).read_bytes()
    (out / NAME).write_bytes(whole[:-cut])
    assert set(read(out)) == {"a.png"}
    with closing(Journal(out, SETTINGS)) as file:
        file.end(record(out, "c"))
    assert set(read(out)) == {"a.png", "c.png"}
    assert len(lines(out)) == 4


def test_at_every_length_it_says_no_more_than_was_written(out):
    with closing(Journal(out, SETTINGS)) as file:
        file.begin(job(out, "a"))
        file.end(record(out, "a"))
    whole = (out / NAME).read_bytes()
    first, second = (len(line) for line in whole.splitlines(keepends=True)[:2])
    for length in range(len(whole) + 1):
        (out / NAME).write_bytes(whole[:length])
        entries = read(out)
        assert (list(entries) == ["a.png"]) == (length >= first + second)
        assert (bool(entries) and entries["a.png"].record is not None) == (length == len(whole))


@pytest.mark.parametrize(
    "line", ['{"end": "a.png", "colour": 1}', "[1]", "{}", "no JSON", '{"begin": 1}', '{"run": 1}']
)
def test_lines_that_cannot_be_understood_are_passed_over(out, line):
    with closing(Journal(out, SETTINGS)) as file:
        file.end(record(out, "a"))
    with (out / NAME).open("a") as file:
        file.write(f"{line}\n")
    assert read(out) == {"a.png": Entry("/in/a.jpg", SETTINGS, record(out, "a"))}


@pytest.mark.skipif(sys.platform == "win32", reason="no locks here")
def test_two_runs_do_not_work_in_one_folder(out):
    with (
        closing(Journal(out, SETTINGS)),
        pytest.raises(OptionError, match="another run is at work in this folder; wait"),
    ):
        Journal(out, SETTINGS)
    Journal(out, SETTINGS).close()


@pytest.mark.skipif(sys.platform == "win32", reason="no locks here")
def test_a_killed_run_leaves_no_lock(out):
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from background_remover.batch.journal import Journal\n"
        "file = Journal(Path(sys.argv[1]), {})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(out)], check=False)
    assert (out / NAME).exists()
    Journal(out, SETTINGS).close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ImageError, match="can't be written"):
        Journal(tmp_path / "file" / "out", SETTINGS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk here")
def test_a_full_disk_is_told(out):
    out.mkdir()
    (out / NAME).symlink_to("/dev/full")
    with pytest.raises(ImageError, match=r"can't be written \(No space"):
        Journal(out, SETTINGS)


def test_half_a_line_is_told(out, monkeypatch):
    with closing(Journal(out, SETTINGS)) as file:
        monkeypatch.setattr(os, "write", lambda number, data: len(data) // 2)
        with pytest.raises(ImageError, match="no space left"):
            file.begin(job(out))


def test_one_that_cannot_be_read_is_told(out):
    (out / NAME).mkdir(parents=True)
    with pytest.raises(ImageError, match="can't be read"):
        read(out)


def test_left_overs_go_and_nothing_else_does(out):
    (out / "sub").mkdir(parents=True)
    half = [out / f".{'0123456789abcdef'}.part", out / "sub" / f".{'f' * 16}.part"]
    others = [out / name for name in ("a.png", ".hidden", ".0123.part", f"{'f' * 16}.part", "sub/b.png")]
    for path in half + others:
        path.touch()
    remove_left_overs(out, ["a.png", "sub/b.png", "none/c.png"])
    assert not any(path.exists() for path in half)
    assert all(path.exists() for path in others)


def test_its_name_for_left_overs_is_that_of_image(tmp_path, monkeypatch):
    """A kill in the midst of writing leaves a file that is known here."""
    from background_remover.imaging.atomic import write_whole

    monkeypatch.setattr(Path, "replace", lambda path, target: seen.append(path.name))
    seen: list[str] = []
    write_whole(tmp_path / "a.png", b"data")
    assert LEFT_OVER.fullmatch(seen[0])
