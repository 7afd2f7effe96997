"""Folders of pictures, by the command itself: what comes out, what is refused, and what every fault leaves behind."""

import contextlib
import dataclasses
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from PIL import Image as PillowImage

from background_remover import Remover
from background_remover.batch.job import Job
from background_remover.batch.journal import NAME
from background_remover.batch.local import executor as local
from background_remover.batch.local.executor import work_locally
from background_remover.batch.local.store import local_store
from background_remover.batch.record import Record
from background_remover.batch.review import LIST
from background_remover.batch.run import run as run_batch
from background_remover.batch.settings import BatchSettings
from background_remover.cli.program import cli, main
from tests.conftest import CARD
from tests.waiting import wait_until

COMMAND = [sys.executable, "-m", "background_remover", "batch"]


@dataclasses.dataclass(frozen=True)
class Ran:
    status: int
    error: str


@pytest.fixture
def run(bright, tmp_path, monkeypatch, capsys) -> Callable[..., Ran]:
    """Runs `batch` in this process and in the folder that holds in/."""
    monkeypatch.chdir(tmp_path)

    def run(line: str, *, model: Path = bright, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(["batch", *line.split(), "--model", str(model)])
        output, error = capsys.readouterr()
        assert output == ""
        return Ran(status, error)

    return run


@pytest.fixture
def tree(tmp_path) -> Path:
    """in/ with a few pictures, each of another size."""
    names = ["a.jpg", "b.png", "sub/c.webp", "sub/deep/d.bmp"]
    for number, name in enumerate(names):
        save(tmp_path / "in" / name, number)
    return tmp_path


def save(path: Path, number: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = np.zeros((20 + number % 7, 30 + number % 11, 3), np.uint8)
    levels[5:15, 5:15] = 250
    PillowImage.fromarray(levels).save(path)


def results(out: Path) -> dict[str, bytes]:
    """Place -> bytes of every file that isn't hidden, and a check that all are whole pictures."""
    files = {
        path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("[!.]*")) if path.is_file()
    }
    for data in files.values():
        PillowImage.open(io.BytesIO(data)).load()
    return files


def report(path: Path = Path("r.jsonl")) -> dict[str, dict[str, object]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({line["source"] for line in lines}) == len(lines)
    return {line["source"]: line for line in lines}


def nobody(job: Job, **given: object) -> Record:
    raise AssertionError(f"there is no work to be done on {job.source}")


def originals(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


# What works


def test_the_same_tree_comes_out(run, tree, bright):
    before = originals(Path("in"))
    ran = run("in out")
    assert (ran.status, ran.error.splitlines()) == (
        0,
        ["4 done in 0:00"] if "0:00" in ran.error else [ran.error.strip()],
    )
    assert list(results(Path("out"))) == ["a.png", "b.png", "sub/c.png", "sub/deep/d.png"]
    wanted = Remover(bright).remove(Path("in/b.png"))
    with PillowImage.open("out/b.png") as cutout:
        assert np.array_equal(np.asarray(cutout), np.asarray(wanted))
    assert originals(Path("in")) == before


def test_one_at_a_time_gives_the_same(run, tree, monkeypatch):
    run("in out --jobs 1")
    run("in other --jobs 4")
    assert results(Path("out")) == results(Path("other"))
    monkeypatch.setattr(local, "WORTH", 1)
    monkeypatch.setattr(local, "do", nobody)  # in this process
    assert run("in third --jobs 2").status == 0
    assert results(Path("out")) == results(Path("third"))


def test_options_and_format_are_as_with_one_picture(run, tree):
    assert run("in out --format webp --lossless --crop --canvas 64x48").status == 0
    assert list(results(Path("out"))) == ["a.webp", "b.webp", "sub/c.webp", "sub/deep/d.webp"]
    with PillowImage.open("out/a.webp") as picture:
        assert picture.size == (64, 48)


def test_an_animation_stays_one(run, tree):
    frames = [PillowImage.new("RGB", (20, 20), (level, level, level)) for level in (0, 150, 255)]
    frames[0].save("in/moving.gif", save_all=True, append_images=frames[1:], duration=50)
    assert run("in out").status == 0
    with PillowImage.open("out/moving.png") as picture:
        assert picture.n_frames == 3
    ran = run("in tiff --format tiff --report r.jsonl")
    assert (ran.status, len(results(Path("tiff")))) == (1, 4)
    assert report()["in/moving.gif"]["code"] == "option"


def test_a_list_on_standard_input(run, tree):
    assert run("- out", stdin=b"in/a.jpg\nin/sub/c.webp\n").status == 0
    assert list(results(Path("out"))) == ["a.png", "sub/c.png"]
    assert run("- in/b.png out2", stdin=b"in/sub\0").status == 0
    assert list(results(Path("out2"))) == ["b.png", "sub/c.png", "sub/deep/d.png"]


def test_a_name_without_a_suffix_is_no_full_old_name(run, tree):
    Path("in/a.jpg").rename("plain")
    ran = run("plain out")
    assert (ran.status, list(results(Path("out")))) == (0, ["plain.png"])
    assert "full old names" not in ran.error


def test_two_sources_of_one_name_keep_their_full_names(run, tree):
    save(Path("in/a.bmp"))
    save(Path("in/sub/c.gif"))
    ran = run("in out --report r.jsonl")
    assert list(results(Path("out"))) == [
        "a.bmp.png",
        "a.jpg.png",
        "b.png",
        "sub/c.gif.png",
        "sub/c.webp.png",
        "sub/deep/d.png",
    ]
    said = "full old names are kept where two would be one: a.bmp.png, a.jpg.png, c.gif.png, c.webp.png"
    assert ran.error.splitlines().count(said) == 1
    assert {line["target"] for line in report().values()} == {f"out/{place}" for place in results(Path("out"))}


def test_results_below_the_pictures_are_no_pictures(run, tree):
    assert run("in in/out").status == 0
    assert run("in in/out --resume --report r.jsonl").status == 0
    assert len(results(Path("in/out"))) == len(report()) == 4


def test_a_report_tells_everything(run, tree):
    Path("in/e.jpg").touch()
    assert run("in out --report r.jsonl").status == 1
    lines = report()
    assert set(lines) == {"in/a.jpg", "in/b.png", "in/sub/c.webp", "in/sub/deep/d.bmp", "in/e.jpg"}
    done, failed = lines["in/a.jpg"], lines["in/e.jpg"]
    assert (done["target"], done["width"], done["height"], done["status"]) == ("out/a.png", 30, 20, "done")
    assert done["seconds"] > 0 <= done["confidence"] <= 1
    assert (failed["status"], failed["code"], failed["hint"]) == ("failed", "image", "get a whole copy of the picture")


def test_unsure_ones_are_collected(run, tree, make_model):
    PillowImage.new("RGB", (30, 20)).save("in/dark.png")
    model = make_model(metadata=dataclasses.replace(CARD, empty_below=0.01).to_metadata())
    assert run("in out --review look --unsure 1", model=model).status == 3
    listed = (Path("look") / LIST).read_text().splitlines()
    assert listed[0] == "in/dark.png"
    assert (Path("look") / "sheet-001.png").exists()
    ran = run("- again --matting none", model=model, stdin=(Path("look") / LIST).read_bytes())
    assert ran.status == 3
    assert "in/dark.png: no subject found" in ran.error
    assert run("in out2 --allow-empty", model=model).status == 0
    assert Path("out2/dark.png").exists()


def test_the_list_of_unsure_ones_gives_them_their_prompts_again(run, tree):
    rows = b'image,point,box\nin/a.jpg,,"0,0,20,20"\nin/b.png,"8,8",\nsub/../in/sub/c.webp,,\n'
    Path("sub").mkdir()
    assert run("- out --review look --unsure 1 --report r.jsonl", stdin=rows).status == 0
    before = report()
    assert run("- again --report r.jsonl", stdin=(Path("look") / LIST).read_bytes()).status == 0
    for source, line in report().items():
        assert [line[name] for name in ("points", "box")] == [before[source][name] for name in ("points", "box")]
    assert results(Path("again")) == results(Path("out"))


def test_what_the_model_is_unsure_of_is_reported_counted_and_collected(run, tree, make_model):
    PillowImage.new("RGB", (30, 20), (130, 130, 130)).save("in/fog.png")
    model = make_model(metadata=dataclasses.replace(CARD, empty_below=0.3, unsure_below=0.6).to_metadata())
    ran = run("in out --report r.jsonl --review look --unsure 0", model=model)
    assert ran.status == 0
    assert ran.error.rstrip().endswith(", 1 unsure, 1 to review")
    assert [source for source, line in report().items() if line["unsure"]] == ["in/fog.png"]
    assert (Path("look") / LIST).read_text().splitlines() == ["in/fog.png"]
    assert (Path("look") / "fog.png").read_bytes() == Path("out/fog.png").read_bytes()


# Going on


def test_what_is_done_is_not_done_again(run, tree, monkeypatch):
    assert run("in out --report r.jsonl").status == 0
    first, lines = results(Path("out")), report()
    monkeypatch.setattr(local, "do", nobody)
    ran = run("in out --resume --report r.jsonl")
    assert ran.status == 0
    assert re.fullmatch(r"0 done in \d+:\d\d, 4 done earlier\n", ran.error)
    assert (results(Path("out")), report()) == (first, lines)


def test_only_what_is_new_or_has_changed_is_done(run, tree, monkeypatch):
    run("in out")
    save(Path("in/a.jpg"), 3)
    save(Path("in/new.jpg"))
    save(Path("in/b.jpg"))  # now two are called b
    Path("out/sub/c.png").unlink()
    done = []
    do = local.do
    monkeypatch.setattr(local, "do", lambda job, **given: done.append(job.target.as_posix()) or do(job, **given))
    assert run("in out --resume").status == 0
    assert sorted(done) == ["out/a.png", "out/b.jpg.png", "out/new.png", "out/sub/c.png"]
    run("in fresh")
    assert results(Path("out"))["a.png"] == results(Path("fresh"))["a.png"]


def test_a_picture_without_a_subject_is_done_once(run, tree, make_model, monkeypatch):
    PillowImage.new("RGB", (30, 20)).save("in/dark.png")
    model = make_model(metadata=dataclasses.replace(CARD, empty_below=0.01).to_metadata())
    assert run("in out", model=model).status == 3
    monkeypatch.setattr(local, "do", nobody)
    ran = run("in out --resume", model=model)
    assert ran.status == 3
    assert "in/dark.png: no subject found" in ran.error


def test_a_failure_is_tried_again(run, tree):
    whole = Path("in/a.jpg").read_bytes()
    Path("in/a.jpg").write_bytes(whole[:100])
    assert run("in out").status == 1
    assert run("in out --resume").status == 1
    Path("in/a.jpg").write_bytes(whole)
    assert run("in out --resume").status == 0
    assert len(results(Path("out"))) == 4


def test_other_options_are_not_mixed_in(run, tree):
    run("in out")
    before = results(Path("out"))
    ran = run("in out --resume --threshold 0.5")
    assert ran.status == 2
    assert (
        "4 results can't be written, the first is out/a.png: was made with another threshold; --overwrite" in ran.error
    )
    assert results(Path("out")) == before
    assert run("in out --resume --overwrite --threshold 0.5").status == 0
    assert "4 done earlier" in run("in out --resume --threshold 0.5").error
    assert results(Path("out")) != before


# What is refused: nothing is read, made or changed

REFUSED = {
    "results that are there": (
        "in done",
        "4 results can't be written, the first is done/a.png: is there already; --over",
    ),
    "a file that is there": ("in some", "some/a.png: is there already; --overwrite replaces it, --resume keeps"),
    "a file that no run made": ("in some --resume", "some/a.png: is there already; --overwrite"),
    "the pictures' own folder": ("in in --overwrite", "in: both IN and OUT, and results need a folder of their own"),
    "no pictures": ("none-here out", "no pictures or videos in none-here; their names end in"),
    "no such folder": ("no-folder out", "no-folder: no such file or folder; check the name"),
    "none of several": ("no-folder no.png out", "no-folder: no such file or folder; check the name"),
    "no match": ("in/*.gif out", "in/*.gif: no such file or folder, and nothing matches; check the name"),
    "OUT is a file": ("in in/a.jpg", "in/a.jpg: a file, and results need a folder; choose another OUT"),
    "no OUT": ("in", "Missing argument"),
    "transparent JPEG": ("in out --format jpg", "format jpg: a picture with transparency ends in .png"),
    "unknown format": ("in out --format pdf", "format is 'pdf'; known"),
    "a report of another name": ("in out --report in/a.jpg", "in/a.jpg: a report ends in .jsonl; choose another name"),
    "a report nowhere": ("in out --report no/r.jsonl", "there is no folder no; make it first"),
    "a review among files": ("in out --review in", "in: not empty; choose another folder for the review"),
    "unknown model": ("in out --model isnet", "unknown model 'isnet'"),
    "missing background": ("in out --background none.png", "none.png: no such file; check the name"),
    "a list and a watch": ("- out --watch", "a list on standard input can't be watched; name the folder"),
    "no jobs": ("in out --jobs 0", "0 is not in the range"),
    "unsure of what": ("in out --unsure 2", "2.0 is not in the range"),
}


@pytest.mark.parametrize(("line", "message"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_one_line_and_leaves_everything(tree, bright, monkeypatch, capsys, line, message):
    monkeypatch.chdir(tree)
    Path("none-here").mkdir()
    Path("some").mkdir()
    Path("some/a.png").write_bytes(b"somebody's")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert main(["batch", "in", "done", "--model", str(bright)]) == 0
    capsys.readouterr()
    before = originals(tree)
    model = [] if "--model" in line else ["--model", str(bright)]
    assert main(["batch", *line.split(), *model]) in (1, 2)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert originals(tree) == before
    assert not Path("out").exists()


def test_a_picture_is_never_replaced(run, tree):
    """Links stand where the results would go, and lead to the pictures."""
    save(Path("in/a.png"))
    before = originals(Path("in"))
    Path("out").mkdir()
    for name in ("a.png", "b.png"):
        Path("out", name).symlink_to(Path("in", name).resolve())
    ran = run("in/a.png in/b.png out --overwrite")
    assert ran.status == 2
    assert "2 results can't be written, the first is out/a.png: is one of the pictures; choose another OUT" in ran.error
    assert originals(Path("in")) == before


# Faults

KILLED = {
    "before any work": "kill()",
    "while a result is written": "Path.write_bytes = lambda path, data: (write_bytes(path, data[:50]), kill())",
    "before it has its name": "Path.replace = kill",
    "before that is noted": "Journal.end = kill",
    "in the midst of the note": "os.write = lambda file, data: (write(file, data[:30]), kill())",
}
KILLER = """
import itertools, os, signal, sys
from pathlib import Path
from background_remover.batch.local import executor as local
from background_remover.cli import program as cli
from background_remover.batch.journal import Journal

do, write, write_bytes = local.do, os.write, Path.write_bytes
calls = itertools.count()

def kill(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

def do_or_die(job, **given):
    if next(calls) == 5:
        MOMENT
    return do(job, **given)

local.do = do_or_die
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("moment", KILLED.values(), ids=KILLED)
def test_a_run_that_was_killed_goes_on(run, tree, bright, moment):
    for number in range(12):
        save(Path(f"in/{number}.png"), number)
    code = KILLER.replace("MOMENT", moment)
    command = [sys.executable, "-c", code, "batch", "in", "out", "--jobs", "2", "--model", str(bright)]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    made = results(Path("out"))
    assert 0 < len(made) < 16
    ran = run("in out --resume --report r.jsonl")
    assert ran.status == 0
    assert set(made.items()) <= set(results(Path("out")).items())
    assert not [path for path in Path("out").rglob(".*") if path.name != NAME]
    run("in fresh")
    assert results(Path("out")) == results(Path("fresh"))
    assert len(report()) == 16
    done, earlier = (int(text.split()[0]) for text in ran.error.splitlines()[-1].split(", ")[:2])
    assert (done + earlier, earlier >= len(made) - 3) == (16, True)


def test_a_run_of_processes_that_was_killed_goes_on(run, tree, bright):
    for number in range(60):
        save(Path(f"in/{number}.png"), number)
    code = "import sys; from background_remover.batch.local import executor as local; local.WORTH = 1; "
    code += "from background_remover.cli import program as cli; sys.exit(cli.main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "batch", "in", "out", "--jobs", "2", "--model", str(bright)],
        stderr=subprocess.PIPE,
    )
    while len(list(Path("out").glob("*.png"))) < 5:
        time.sleep(0.01)
        assert process.poll() is None
    process.kill()
    process.communicate()  # until those that it started have closed their ends as well
    made = results(Path("out"))
    assert 5 <= len(made) < 64
    assert run("in out --resume --report r.jsonl").status == 0
    assert set(made.items()) <= set(results(Path("out")).items())
    assert not [path for path in Path("out").rglob(".*") if path.name != NAME]
    run("in fresh")
    assert results(Path("out")) == results(Path("fresh"))
    assert len(report()) == 64


@pytest.mark.parametrize("worth", [1, 1000], ids=["processes", "threads"])
def test_ctrl_c_ends_it_in_order_and_it_can_go_on(run, tree, bright, worth):
    for number in range(60):
        save(Path(f"in/{number}.png"), number)
    code = f"import sys; from background_remover.batch.local import executor as local; local.WORTH = {worth}; "
    code += "from background_remover.cli import program as cli; sys.exit(cli.main())"
    command = [sys.executable, "-c", code, "batch", "in", "out", "--report", "r.jsonl", "--review", "look"]
    command += ["--jobs", "2", "--model", str(bright)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while not list(Path("out").glob("*.png")):
        time.sleep(0.01)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    error = process.communicate()[1]
    assert process.returncode == 130
    assert "interrupted: --resume goes on" in error.splitlines()[-1]
    made = results(Path("out"))
    assert len(report()) == len(made) < 64
    ran = run("in out --resume --review look")
    assert ran.status == 0
    assert f"{len(made)} done earlier" in ran.error
    assert len(results(Path("out"))) == 64


def can_mount() -> bool:
    command = ["unshare", "--mount", "--map-root-user", "mount", "-t", "tmpfs", "none", "/mnt"]
    return (
        shutil.which("unshare") is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(not can_mount(), reason="a small disk can't be had here")
def test_a_full_disk_ends_it_and_it_can_go_on(run, tree, bright):
    noise = np.random.default_rng(0).integers(0, 255, (150, 150, 3), dtype=np.uint8)
    for number in range(8):
        PillowImage.fromarray(noise).save(f"in/{number}.png")
    for folder in ("small", "kept"):
        Path(folder).mkdir()
    line = f"mount -t tmpfs -o size=300k none small && {sys.executable} -m background_remover batch in small"
    line += f" --keep-hidden --model {bright}; status=$?; cp -a small/. kept; exit $status"
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", line]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("background-remover: small")
    assert "run again with --resume" in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr
    made = results(Path("kept"))
    assert 0 < len(made) < 12
    assert not [path for path in Path("kept").rglob(".*") if path.name != NAME]
    again = run("in kept --resume --keep-hidden")
    assert again.status == 0
    assert f"{len(made)} done earlier" in again.error
    assert len(results(Path("kept"))) == 12


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk here")
@pytest.mark.parametrize("full", ["r.jsonl", f"out/{NAME}"])
def test_a_report_or_note_that_cannot_be_written_ends_it(run, tree, full):
    for number in range(20):
        save(Path(f"in/{number}.png"), number)
    Path("out").mkdir()
    Path(full).symlink_to("/dev/full")
    ran = run("in out --report r.jsonl")
    assert ran.status == 1
    assert f"{full}: can't be written (No space left on device); make room" in ran.error
    assert len(results(Path("out"))) < 24


def test_a_file_that_cannot_be_read_is_a_failure(run, tree, monkeypatch):
    """Not by its permissions, which mean nothing to an administrator."""
    opened = Path.open

    def open_unlocked(path: Path, *given: object, **named: object) -> object:
        if path == Path("in/a.jpg"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *given, **named)

    monkeypatch.setattr(Path, "open", open_unlocked)
    ran = run("in out --report r.jsonl")
    assert ran.status == 1
    assert "in/a.jpg: can't be read (Permission denied); check its permissions" in ran.error
    assert report()["in/a.jpg"]["code"] == "image"
    assert len(results(Path("out"))) == 3


def test_a_thousand_files_and_every_fault(run, tree):
    """By processes: there are more than `local.WORTH` for each core."""
    for number in range(1000):
        PillowImage.new("RGB", (1 + number % 5, 1 + number % 3), (number % 256,) * 3).save(f"in/sub/{number}.bmp")
    Path("in/empty.jpg").touch()
    Path("in/text.png").write_text("this is no picture but a line of text")
    Path("in/half.png").write_bytes(Path("in/b.png").read_bytes()[:60])
    Path("in/nowhere.jpg").symlink_to("none.jpg")
    Path("in/around").symlink_to(Path("in").resolve())
    save(Path("in/folder.jpg/x.png"))
    Path("in/notes.txt").touch()
    ran = run("in out --report r.jsonl")
    assert ran.status == 1
    failed = {name: line["code"] for name, line in report().items() if line["status"] == "failed"}
    bad = ["in/empty.jpg", "in/text.png", "in/half.png", "in/nowhere.jpg"]
    assert failed == dict.fromkeys(bad, "image"), ran.error[-600:]
    assert len(results(Path("out"))) == 1005
    for name in failed:
        assert sum(line.startswith(f"{name}: ") for line in ran.error.splitlines()) == 1
    assert len(report()) == 1009
    assert ran.error.splitlines()[0] == "left out, for their names aren't those of pictures or videos: 1"
    assert ran.error.splitlines()[-1].startswith("1,005 done in ")
    assert ", 4 failed" in ran.error.splitlines()[-1]


def test_a_picture_that_changes_while_it_is_read_is_done_by_the_next_run(run, tree, monkeypatch):
    do = local.do

    def disturbed(job: Job, **given: object) -> Record:
        if job.source.name == "a.jpg":
            return dataclasses.replace(do(job, **given), status="failed", code="changed", error="a.jpg: changed; again")
        return do(job, **given)

    with monkeypatch.context() as patched:
        patched.setattr(local, "do", disturbed)
        assert run("in out").status == 1
    save(Path("in/a.jpg"), 5)
    ran = run("in out --resume")
    assert ran.status == 0
    assert re.fullmatch(r"1 done in \d+:\d\d, 3 done earlier\n", ran.error)


def test_a_folder_that_cannot_be_read_is_a_failure(run, tree, monkeypatch):
    scandir = os.scandir

    def refuse(folder: Path) -> object:
        if Path(folder).name == "deep":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    ran = run("in out --report r.jsonl")
    assert ran.status == 1
    assert "in/sub/deep: can't be read (Permission denied); check its permissions" in ran.error
    assert report()["in/sub/deep"]["code"] == "folder"
    assert len(results(Path("out"))) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="no locks here")
def test_two_runs_do_not_work_in_one_folder(run, tree, monkeypatch):
    tried = []
    do = local.do

    def nested(job: Job, **given: object) -> Record:
        if not tried:
            tried.append(
                subprocess.run([*COMMAND, "in", "out", "--overwrite"], capture_output=True, text=True, check=False)
            )
        return do(job, **given)

    monkeypatch.setattr(local, "do", nested)
    assert run("in out --jobs 1").status == 0
    assert tried[0].returncode == 2
    assert "out: another run is at work in this folder; wait for its end" in tried[0].stderr


# Watching


def test_files_that_appear_are_taken_once_they_are_still(tree, bright):
    command = [*COMMAND, "in", "out", "--watch", "--still", "1", "--report", "r.jsonl", "--model", str(bright)]
    process = subprocess.Popen(command, cwd=tree, stderr=subprocess.PIPE, text=True)

    def wait_for(name: str) -> None:
        while not (tree / "out" / name).exists():
            time.sleep(0.02)
            assert process.poll() is None

    wait_for("a.png")
    whole = (tree / "in" / "b.png").read_bytes()
    with (tree / "in" / "slow.png").open("wb") as file:  # grows for longer than it would have to be still
        for start in range(0, len(whole), 1 + len(whole) // 15):
            file.write(whole[start : start + 1 + len(whole) // 15])
            file.flush()
            time.sleep(0.1)
    save(tree / "in" / "a.bmp")
    wait_for("slow.png")
    wait_for("a.bmp.png")
    (tree / "in" / "broken.jpg").touch()
    (tree / "in" / "new").mkdir()
    save(tree / "in" / "new" / "e.jpg")
    wait_for("new/e.png")
    while "broken.jpg" not in (tree / "r.jsonl").read_text():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    error = process.communicate()[1]
    assert process.returncode == 1, error
    assert "in/broken.jpg: empty; get a whole copy" in error
    assert set(results(tree / "out")) == {
        *("a.png", "a.bmp.png", "b.png", "slow.png", "sub/c.png", "sub/deep/d.png", "new/e.png")
    }
    assert {line["status"] for name, line in report(tree / "r.jsonl").items() if "broken" not in name} == {"done"}


def test_every_flag_of_one_picture_is_one_of_many():
    one, many = ({flag.name: flag.default for flag in cli.commands[name].params} for name in ("remove", "batch"))
    assert {name: one[name] for name in one if name not in ("source", "target", "as_json")}.items() <= many.items()


def test_a_file_that_changes_while_it_is_worked_on_is_taken_again_afterwards(tree, bright, monkeypatch):
    """The new content is never in work beside the old, whose result might come last."""
    monkeypatch.chdir(tree)
    monkeypatch.setattr("background_remover.batch.watch.INTERVAL", 0.01)
    do, stop = local.do, threading.Event()
    begun: list[tuple[int, int]] = []
    ended: list[str] = []
    at_once: list[int] = []

    def slow(job: Job, **given: object) -> Record:
        at_once.append(len(begun) - len(ended))
        with PillowImage.open(job.source) as picture:
            begun.append(picture.size)
        record = do(job, **given)
        if len(begun) == 1:
            save(job.source, 1)
            time.sleep(0.5)  # in which the watch sees the new content many times
        else:
            stop.set()
        ended.append(record.status)
        return record

    monkeypatch.setattr(local, "do", slow)
    settings = BatchSettings(("in/a.jpg",), "out", str(bright), watch=True, still=0.0, jobs=2)
    outcome = run_batch(settings, local_store(settings), work_locally, stop)
    assert (begun, at_once, ended) == ([(30, 20), (31, 21)], [0, 0], ["done", "done"])
    with PillowImage.open("out/a.png") as picture:
        assert picture.size == (31, 21)
    assert (outcome.done, outcome.failed) == (2, {})


# The engine of a cluster: what is refused before any cluster is asked; test_cluster.py lets one work


REFUSED_BY_RAY = {
    "in out --watch": "--watch is not for a cluster; leave it out, or --engine ray",
    "in out --review look": "--review is not for a cluster; leave it out, or --engine ray",
    "in out --still 5": "--still is not for a cluster; leave it out, or --engine ray",
    "in out --report r.jsonl": "r.jsonl: a report of --engine ray ends in .parquet; choose another name",
    "in out --format jpg": "format jpg: a picture with transparency ends in",
    "in in/a.jpg": "in/a.jpg: a file, and results need a folder; choose another OUT",
    "empty out": "no pictures or videos in empty; their names end in .jpg",
}


@pytest.mark.parametrize("line", REFUSED_BY_RAY)
def test_a_cluster_is_not_asked_for_what_it_cannot_do(run, tree, line):
    Path("empty").mkdir()
    ran = run(f"{line} --engine ray")
    assert ran.status == 2
    assert len(ran.error.splitlines()) == 1
    assert REFUSED_BY_RAY[line] in ran.error
    assert not Path("out").exists()


ENGINES = {"local": ".jsonl", "ray": ".parquet"}  # and what its report ends in
NO_PLACE = {
    "a report in a missing folder": ("out --report none/r{}", "none/r{}: there is no folder"),
    "a report in the place of a folder": ("out --report folder{}", "folder{}: a folder, and what is written is a file"),
    "a report in a read-only folder": ("out --report locked/r{}", "locked/r{}: can't be written (its folder is read-"),
    "results below a file": ("in/a.jpg/out", "in/a.jpg is a file, and no folder; choose another place"),
    "results in a read-only folder": ("locked/out", "locked/out: can't be written (read-only); choose another place"),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("line", "message"), NO_PLACE.values(), ids=NO_PLACE)
def test_a_place_where_nothing_can_be_written_is_told_before_the_work(run, tree, monkeypatch, line, message, engine):
    for name in ("locked", f"folder{ENGINES[engine]}"):
        Path(name).mkdir()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked" and access(path, mode))
    monkeypatch.setattr(local, "do", nobody)
    before = sorted(tree.rglob("*"))
    ran = run(f"in {line.format(ENGINES[engine])} --engine {engine}")
    assert ran.status in (1, 2)
    assert len(ran.error.splitlines()) == 1
    assert message.format(ENGINES[engine]) in ran.error
    assert sorted(tree.rglob("*")) == before


class NoReports(MemoryFileSystem):
    """A file system that can be read and not written to."""

    protocol = "no-reports"

    def _open(self, path: str, mode: str = "rb", **more: object) -> object:
        if mode == "wb":
            raise PermissionError(13, "Permission denied")
        return super()._open(path, mode, **more)


def test_a_store_that_takes_no_report_is_told_before_the_work(run, tree, monkeypatch):
    from background_remover.batch.ray import executor as cluster

    fsspec.register_implementation("no-reports", NoReports)
    monkeypatch.setattr(cluster, "connected", lambda settings: contextlib.nullcontext())
    monkeypatch.setattr(cluster, "records", nobody)
    ran = run("in out --engine ray --report no-reports://bucket/r.parquet")
    assert (ran.status, len(ran.error.splitlines())) == (1, 1)
    assert "no-reports://bucket/r.parquet: can't be written" in ran.error
    assert not Path("out").exists()


@pytest.mark.parametrize("flag", ["--address auto", "--gpus 0.5"])
def test_a_cluster_without_its_engine_is_refused(run, tree, flag):
    ran = run(f"in out {flag}")
    assert (ran.status, len(ran.error.splitlines())) == (2, 1)
    assert "--address and --gpus are for a cluster; leave them out, or add --engine ray" in ran.error


@pytest.mark.parametrize("line", ["s3://b/in out", "in s3://b/out", "in out --report s3://b/r.jsonl"])
def test_an_address_without_the_engine_of_a_cluster_is_refused(run, tree, line):
    ran = run(line)
    assert (ran.status, len(ran.error.splitlines())) == (2, 1)
    assert "the address of a file elsewhere, which only --engine ray reads; add that" in ran.error


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:1", "[::1]:1", "127.0.0.1:99999"])
def test_a_cluster_that_does_not_answer_is_told(run, tree, address):
    ran = run(f"in out --engine ray --address {address}")
    assert (ran.status, len(ran.error.splitlines())) == (1, 1)
    assert f"{address}: no cluster answers there (" in ran.error
    assert not Path("out").exists()


def test_links_that_lead_nowhere_are_failures_and_no_end(run, tree):
    for name in ("loop.jpg", "sub/loop", "sub/none.png"):
        (tree / "in" / name).symlink_to(Path(name).name)
    ran = run("in out --report r.jsonl")
    assert ran.status == 1
    assert "4 done in" in ran.error
    assert "3 failed" in ran.error
    records = [json.loads(line) for line in (tree / "r.jsonl").read_text().splitlines()]
    assert {record["source"]: record["code"] for record in records if record["status"] == "failed"} == {
        "in/loop.jpg": "image",
        "in/sub/loop": "folder",
        "in/sub/none.png": "image",
    }


def test_a_result_where_a_link_loops_is_one_failure_or_replaces_it(run, tree):
    (tree / "out").mkdir()
    (tree / "out" / "a.png").symlink_to("a.png")
    assert run("in out").status == 2
    assert run("in out --overwrite").status == 0
    assert (tree / "out" / "a.png").is_file()


def test_the_folder_itself_is_no_place_for_its_results(run, tree):
    for line in ("in in", "in in/", "in/ ./in"):
        ran = run(line)
        assert ran.status == 2
        assert "both IN and OUT, and results need a folder of their own; choose another OUT" in ran.error
    assert "still does nothing without watch; add that, or leave still out" in run("in out --still 3").error


@pytest.mark.skipif(os.name == "nt", reason="signals are of another kind here")
def test_a_watch_that_is_to_end_does_so_in_order(tree, bright):
    line = [*COMMAND, "in", "out", "--watch", "--still", "0.2", "--model", str(bright)]
    with subprocess.Popen(line, cwd=tree, stderr=subprocess.PIPE) as process:
        wait_until((tree / "out" / "a.png").exists)
        process.send_signal(signal.SIGTERM)
        error = process.stderr.read().decode()
    assert process.returncode == 0
    assert "done in" in error


@pytest.mark.skipif(os.name == "nt", reason="signals are of another kind here")
def test_a_batch_that_is_ended_has_its_summary_and_the_status_of_an_interrupted_one(tree, bright):
    code = (
        "import os, signal, sys\n"
        "from background_remover.batch import run\n"
        "from background_remover.cli.program import main\n"
        "plan = run.plan\n"
        "def planned(*given, **named):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return plan(*given, **named)\n"
        "run.plan = planned\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    line = [sys.executable, "-c", code, "batch", "in", "out", "--model", str(bright)]
    ran = subprocess.run(line, cwd=tree, capture_output=True, text=True)
    assert ran.returncode == 130
    assert "0 done in" in ran.stderr
    assert "interrupted: --resume goes on" in ran.stderr
