import dataclasses
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from background_remover.batch.journal import NAME, Entry, Journal, read
from background_remover.batch.record import Record, ResultFile
from background_remover.errors import ImageError, OptionError

PROVENANCE = {"model": "bright", "threshold": 0.5, "crop": True}


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def record(out: Path, name: str = "sub/a") -> Record:
    paths = f"/in/{name}.jpg", str(out / f"{name}.png")
    return Record(*paths, "done", "bright", 0.5, source_bytes=9, target_bytes=7)


def lines(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / NAME).read_text().splitlines()]


def test_what_is_written_is_read(out):
    with closing(Journal(out, PROVENANCE)) as file:
        assert read(out) == {}
        file.begin("/in/sub/a.jpg", "sub/a.png")
        assert read(out) == {"sub/a.png": Entry("/in/sub/a.jpg", PROVENANCE, None)}
        file.end(record(out), "sub/a.png")
        assert read(out) == {"sub/a.png": Entry("/in/sub/a.jpg", PROVENANCE, record(out))}


def test_a_beginning_is_on_the_disk_before_there_is_a_result(out, monkeypatch):
    fsync, flushed = os.fsync, []
    monkeypatch.setattr(os, "fsync", lambda file: flushed.append(lines(out)) or fsync(file))
    with closing(Journal(out, PROVENANCE)) as file:
        file.begin("/in/sub/a.jpg", "sub/a.png")
    assert flushed == [[{"run": PROVENANCE}, {"begin": "sub/a.png", "source": "/in/sub/a.jpg"}]]


def test_a_later_run_adds_its_own(out):
    with closing(Journal(out, PROVENANCE)) as file:
        file.end(record(out, "a"), "a.png")
        file.end(record(out, "b"), "b.png")
    with closing(Journal(out, {"model": "other"})) as file:
        file.begin("/in/b.jpg", "b.png")
    assert read(out) == {
        "a.png": Entry("/in/a.jpg", PROVENANCE, record(out, "a")),
        "b.png": Entry("/in/b.jpg", {"model": "other"}, None),
    }


def test_paths_are_whole_and_results_move_with_their_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(Journal(Path("out"), PROVENANCE)) as file:
        file.end(dataclasses.replace(record(Path("out"), "a"), source="in/a.jpg"), "a.png")
    Path("out").rename("moved")
    entry = read(Path("moved"))["a.png"]
    assert entry.source == str(tmp_path / "in" / "a.jpg")
    assert entry.record.target == "moved/a.png"


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_is_ignored_and_taken_away(out, cut):
    with closing(Journal(out, PROVENANCE)) as file:
        file.end(record(out, "a"), "a.png")
        file.begin("/in/b.jpg", "b" * 70000)  # longer than what is read at once
    whole = (out / NAME).read_bytes()
    (out / NAME).write_bytes(whole[:-cut])
    assert set(read(out)) == {"a.png"}
    with closing(Journal(out, PROVENANCE)) as file:
        file.end(record(out, "c"), "c.png")
    assert set(read(out)) == {"a.png", "c.png"}
    assert len(lines(out)) == 4


def test_at_every_length_it_says_no_more_than_was_written(out):
    with closing(Journal(out, PROVENANCE)) as file:
        file.begin("/in/a.jpg", "a.png")
        file.end(record(out, "a"), "a.png")
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
    with closing(Journal(out, PROVENANCE)) as file:
        file.end(record(out, "a"), "a.png")
    with (out / NAME).open("a") as file:
        file.write(f"{line}\n")
    assert read(out) == {"a.png": Entry("/in/a.jpg", PROVENANCE, record(out, "a"))}


@pytest.mark.skipif(sys.platform == "win32", reason="no locks here")
def test_two_runs_do_not_work_in_one_folder(out):
    with (
        closing(Journal(out, PROVENANCE)),
        pytest.raises(OptionError, match="another run is at work in this folder; wait"),
    ):
        Journal(out, PROVENANCE)
    Journal(out, PROVENANCE).close()


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
    Journal(out, PROVENANCE).close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ImageError, match="can't be written"):
        Journal(tmp_path / "file" / "out", PROVENANCE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk here")
def test_a_full_disk_is_told(out):
    out.mkdir()
    (out / NAME).symlink_to("/dev/full")
    with pytest.raises(ImageError, match=r"can't be written \(No space"):
        Journal(out, PROVENANCE)


def test_half_a_line_is_told(out, monkeypatch):
    with closing(Journal(out, PROVENANCE)) as file:
        monkeypatch.setattr(os, "write", lambda number, data: len(data) // 2)
        with pytest.raises(ImageError, match="no space left"):
            file.begin("/in/sub/a.jpg", "sub/a.png")


def test_one_that_cannot_be_read_is_told(out):
    (out / NAME).mkdir(parents=True)
    with pytest.raises(ImageError, match="can't be read"):
        read(out)


def test_files_that_a_run_made_are_known_until_others_have_replaced_them(out):
    each = {"model": "bright", "each": True}
    two = dataclasses.replace(record(out, "a"), files=(ResultFile("a-1.png", 3), ResultFile("a-2.png", 4)))
    failed = dataclasses.replace(two, status="failed", files=(ResultFile("a-1.png", 9),))
    one = dataclasses.replace(two, files=two.files[:1])
    steps: list[tuple[Record | None, set[str]]] = [
        (None, set()),
        (two, {"a-1.png", "a-2.png"}),
        (None, {"a-1.png", "a-2.png"}),  # a kill
        (None, {"a-1.png", "a-2.png"}),
        (failed, {"a-1.png", "a-2.png"}),
        (None, {"a-1.png", "a-2.png"}),
        (one, {"a-1.png"}),
    ]
    with closing(Journal(out, each)) as file:
        for ended, made in steps:
            if ended is None:
                file.begin("/in/a.jpg", "a.png")
            else:
                file.end(ended, "a.png")
            entry = read(out)["a.png"]
            assert (entry.record, entry.made("a.png")) == (ended, made)
