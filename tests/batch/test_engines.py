"""The same run on this machine and at addresses: what comes out, and what each fault leaves, is the same.

No cluster works here: its jobs are done in this process. `ray/test_run.py` lets a cluster work.
"""

import contextlib
import dataclasses
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image as PillowImage

from background_remover import Remover
from background_remover.batch.job import do
from background_remover.batch.local import executor as local
from background_remover.batch.ray import executor as cluster
from background_remover.batch.record import Record
from background_remover.cli.program import main

SUFFIXES = {"local": ".jsonl", "ray": ".parquet"}  # of reports
Doing = Callable[..., Record]


@pytest.fixture
def doing(monkeypatch) -> list[Doing]:
    """What works on a picture on either engine, its last item; the default is `do`."""
    doing: list[Doing] = [do]

    def records(settings: Any, files: Any, jobs: Any, ended: Callable[[], bool], say: Any) -> Iterator[Record | None]:
        remover = Remover(settings.model)
        for job in list(jobs):
            if ended():
                return
            yield doing[-1](job, remover, settings.model, settings.options, settings.saving)
            yield None

    monkeypatch.setattr(local, "do", lambda job, **given: doing[-1](job, **given))
    monkeypatch.setattr(cluster, "connected", lambda settings: contextlib.nullcontext())
    monkeypatch.setattr(cluster, "records", records)
    return doing


@pytest.fixture(params=SUFFIXES)
def run(request, doing, bright, tmp_path, monkeypatch, capsys) -> Callable[..., tuple[int, str, dict[str, Any]]]:
    """Runs `batch` on an engine: its status, what it says, and its report by the name of the picture."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(("a.jpg", "b.png", "sub/c.bmp")):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        levels = np.zeros((20 + number, 30, 3), np.uint8)
        levels[5:15, 5:15] = 250
        PillowImage.fromarray(levels).save(path)

    def run(line: str, stdin: str = "") -> tuple[int, str, dict[str, Any]]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        path = Path(f"report{SUFFIXES[request.param]}")
        path.unlink(missing_ok=True)
        given = ["--jobs", "1", "--model", str(bright), "--engine", request.param, "--report", str(path)]
        status = main(["batch", *line.split(), *given])
        rows: list[dict[str, Any]] = []
        if path.exists():
            jsonl = path.suffix == ".jsonl"
            rows = (
                [json.loads(row) for row in path.read_text().splitlines()] if jsonl else pq.read_table(path).to_pylist()
            )
        return status, capsys.readouterr().err, {Path(row["source"]).name: row for row in rows}

    return run


def results() -> dict[str, bytes]:
    places = (path for path in Path("out").rglob("[!.]*") if path.is_file() and ".background-remover" not in path.parts)
    return {path.relative_to("out").as_posix(): path.read_bytes() for path in places}


def test_the_same_tree_comes_out_and_is_not_done_again(run, doing):
    status, error, rows = run("in out")
    assert (status, set(results()), len(rows)) == (0, {"a.png", "b.png", "sub/c.png"}, 3)
    assert error.startswith("3 done in ")
    doing.append(None)
    status, error, again = run("in out --resume")
    assert (status, again) == (0, rows)
    assert re.search(r"^0 done in [\d:]+, 3 done earlier$", error, re.MULTILINE)


def test_failures_and_new_pictures_are_done_by_the_next_run(run):
    whole = Path("in/b.png").read_bytes()
    Path("in/b.png").write_bytes(whole[:50])
    status, error, rows = run("in out")
    assert (status, rows["b.png"]["code"], set(results())) == (1, "image", {"a.png", "sub/c.png"})
    Path("in/b.png").write_bytes(whole)
    PillowImage.open("in/a.jpg").save("in/a.bmp")
    status, error, rows = run("in out --resume")
    assert (status, set(results())) == (0, {"a.png", "a.bmp.png", "b.png", "sub/c.png"})
    assert "full old names are kept where two would be one: a.bmp.png\n" in error
    assert re.search(r"^2 done in [\d:]+, 2 done earlier$", error, re.MULTILINE)


def test_what_nobody_may_replace_is_refused(run):
    Path("out").mkdir()
    Path("out/a.png").write_bytes(b"somebody's")
    status, error, rows = run("in out")
    assert (status, rows, results()) == (2, {}, {"a.png": b"somebody's"})
    assert "out/a.png: is there already; --overwrite replaces it" in error
    assert run("in out --overwrite")[0] == 0
    status, error, _ = run("in out --resume --threshold 0.5")
    assert (status, "3 results can't be written" in error) == (2, True)
    assert "was made with another threshold; --overwrite replaces it" in error


def two_squares(name: str) -> None:
    levels = np.zeros((40, 60, 3), np.uint8)
    levels[10:30, 5:20] = levels[10:30, 40:55] = 250
    PillowImage.fromarray(levels).save(name)


def kept(name: str) -> tuple[bool, bool]:
    """Whether the left square and the right one are in a result."""
    alpha = np.asarray(PillowImage.open(name))[20, :, 3]
    return bool(alpha[12] > 200), bool(alpha[47] > 200)


def test_a_list_gives_each_picture_its_own_prompts(run):
    for name in ("left", "right", "both", "wrong"):
        two_squares(f"in/{name}.png")
    rows = 'in/left.png,"12,20",,\nin/right.png,,"38,5,20,30",\nin/both.png,"12,20; 47,20",,\nin/wrong.png,nowhere,,\n'
    table = f"image,point,box,subjects\n{rows}"
    status, _, report = run("- out", table)
    assert status == 1
    assert {name: kept(f"out/{name}.png") for name in ("left", "right", "both")} == {
        "left": (True, False),
        "right": (False, True),
        "both": (True, True),
    }
    assert report["wrong.png"]["code"] == "option"
    assert re.search(r"in/wrong\.png: point is 'nowhere'; give how far right", report["wrong.png"]["error"])
    assert (report["both.png"]["points"], report["right.png"]["box"]) == ("12,20 47,20", "38,5,20,30")


def test_a_picture_whose_prompts_have_changed_is_done_again(run, doing):
    for name in ("a", "b", "c"):
        two_squares(f"in/{name}.png")
    lines = [f'{{"image": "in/{name}.png", "box": "0,5,25,30"}}' for name in "ab"] + ['{"image": "in/c.png"}']
    run("- out", "\n".join(lines))
    worked: list[str] = []

    def counted(job: Any, *given: Any, **named: Any) -> Record:
        worked.append(Path(str(job.source)).name)
        return do(job, *given, **named)

    doing.append(counted)
    lines[2] = '{"image": "in/c.png", "subjects": "all"}'
    assert run("- out --resume", "\n".join(lines))[0] == 0
    assert worked == []
    lines[0] = '{"image": "in/a.png", "box": "35,5,25,30"}'
    lines[2] = '{"image": "in/c.png", "subjects": 1}'
    assert run("- out --resume", "\n".join(lines))[0] == 0
    assert worked == ["a.png", "c.png"]
    assert [kept(f"out/{name}.png") for name in "ab"] == [(False, True), (True, False)]


def test_a_folder_that_cannot_be_read_is_one_failure(run, monkeypatch):
    scandir = os.scandir

    def refuse(folder: Path) -> object:
        if Path(folder).name == "sub":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    status, error, rows = run("in out")
    assert (status, rows["sub"]["code"], set(results())) == (1, "folder", {"a.png", "b.png"})
    assert "in/sub: can't be read (Permission denied); check its permissions" in error


def test_a_full_disk_ends_it_and_it_can_go_on(run, doing):
    def full(job: Any, *given: Any, **named: Any) -> Record:
        record = do(job, *given, **named)
        if job.source.suffix != ".png":
            return record
        Path(str(job.target)).unlink()
        return dataclasses.replace(record, status="failed", code="disk-full", error="no", target_bytes=None)

    doing.append(full)
    status, error, rows = run("in out")
    assert status == 1
    assert "out: no room is left; make some, and run again with --resume" in error.splitlines()[-1]
    doing.append(do)
    status, error, rows = run("in out --resume")
    assert (status, len(rows), set(results())) == (0, 3, {"a.png", "b.png", "sub/c.png"})
    assert " done earlier" in error


# A file for each subject


def files_of(row: dict[str, Any]) -> list[str]:
    return [file["name"] for file in row["files"]]


def test_each_subject_has_the_file_that_the_command_for_one_picture_gives(run, bright, capsys):
    two_squares("in/two.png")
    status, error, rows = run("in out --each --crop")
    assert status == 0
    assert set(results()) == {"a-1.png", "b-1.png", "sub/c-1.png", "two-1.png", "two-2.png"}
    assert re.search(r"^4 done in [\d:]+, 5 files$", error, re.MULTILINE)
    row = rows["two.png"]
    assert (Path(row["target"]).name, files_of(row)) == ("two.png", ["two-1.png", "two-2.png"])
    assert [file["bytes"] for file in row["files"]] == [len(results()[f"two-{number}.png"]) for number in (1, 2)]
    assert row["target_bytes"] == sum(file["bytes"] for file in row["files"])
    assert main(["subjects", "in/two.png", "--each", "one.png", "--crop", "--model", str(bright)]) == 0
    capsys.readouterr()
    assert [Path(f"one-{number}.png").read_bytes() for number in (1, 2)] == [
        results()[f"two-{number}.png"] for number in (1, 2)
    ]


def test_a_picture_is_done_when_all_its_files_are_there(run, doing):
    two_squares("in/two.png")
    _, _, before = run("in out --each")
    first = results()
    doing.append(None)
    assert run("in out --each --resume")[::2] == (0, before)
    doing.append(do)
    Path("out/two-2.png").unlink()
    status, error, rows = run("in out --each --resume")
    assert (status, results()) == (0, first)
    assert re.search(r"^1 done in [\d:]+, 2 files, 3 done earlier$", error, re.MULTILINE)
    Path("out/two-2.png").write_bytes(b"somebody's")
    status, error, rows = run("in out --each --resume")
    assert (status, rows) == (2, {})
    assert "out/two-2.png: was changed since it was made; --overwrite replaces it" in error


@pytest.mark.parametrize("line", ["--resume", "--overwrite", "--resume --overwrite"])
def test_files_of_subjects_that_are_gone_are_removed_and_no_others(run, line):
    two_squares("in/two.png")
    run("in out --each")
    Path("out/two-3.jpg").write_bytes(b"somebody's")
    levels = np.zeros((40, 60, 3), np.uint8)
    levels[10:30, 5:20] = 250
    PillowImage.fromarray(levels).save("in/two.png")
    status, _, rows = run(f"in out --each {line}")
    assert (status, files_of(rows["two.png"])) == (0, ["two-1.png"])
    assert set(results()) == {"a-1.png", "b-1.png", "sub/c-1.png", "two-1.png", "two-3.jpg"}


def test_numbered_files_of_somebody_are_refused_and_those_of_a_run_without_each(run):
    Path("out").mkdir()
    Path("out/a-7.png").write_bytes(b"somebody's")
    status, error, _ = run("in out --each")
    assert (status, results()) == (2, {"a-7.png": b"somebody's"})
    assert "out/a-7.png: is there already; --overwrite replaces it" in error
    assert run("in out --each --overwrite")[0] == 0
    assert results()["a-7.png"] == b"somebody's"
    for given, before in (("--each", ""), ("", "--each")):
        assert run(f"in other{given} {before}")[0] == 0
        status, error, _ = run(f"in other{given} {given} --resume")
        assert status == 2
        assert "was made with another each; --overwrite replaces it, another OUT keeps both" in error
        assert run(f"in other{given} {given} --resume --overwrite")[0] == 0
        assert len(list(Path(f"other{given}").rglob("*.png"))) == 3


def test_a_folder_with_a_number_is_in_nobodys_way(run):
    two_squares("in/two.png")
    Path("in/two-1.png").mkdir()
    two_squares("in/two-1.png/x.png")
    status, error, _ = run("in out --each")
    assert status == 0
    assert {"two.png-1.png", "two.png-2.png", "two-1.png/x-1.png", "two-1.png/x-2.png"} < set(results())
    assert "full old names are kept where two would be one: two.png.png" in error


def test_a_failed_picture_leaves_no_half_of_its_files(run):
    two_squares("in/two.png")
    Path("out/two-2.png").mkdir(parents=True)
    status, _, rows = run("in out --each --overwrite")
    assert (status, rows["two.png"]["status"], rows["two.png"]["code"]) == (1, "failed", "write")
    assert set(results()) == {"a-1.png", "b-1.png", "sub/c-1.png"}


def test_a_picture_without_a_subject_has_no_file(run):
    PillowImage.new("RGB", (40, 30)).save("in/dark.png")
    status, error, rows = run("in out --each")
    assert (status, rows["dark.png"]["status"], rows["dark.png"]["files"]) == (3, "empty", [])
    assert "in/dark.png: no subject found (confidence 0.00); --allow-empty without --each gives" in error
    assert not list(Path("out").glob("dark*"))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--allow-empty", "each makes a cutout of each subject, so none without one; leave allow-empty out"),
        ("--ground plain", "the network separates subjects; leave ground and remove-colour out"),
        ("--remove-colour red", "the network separates subjects; leave ground and remove-colour out"),
        ("--keep-shadow", "each cuts subjects out by the network, without shadows; leave keep-shadow out"),
    ],
)
def test_what_cannot_go_with_each_is_refused_before_any_work(run, flags, message):
    status, error, rows = run(f"in out --each {flags}")
    assert (status, rows, Path("out").exists()) == (2, {}, False)
    assert error.splitlines()[-1].endswith(message)


def test_prompts_and_numbers_of_subjects_choose_which_have_files(run):
    for name in ("box", "largest", "all"):
        two_squares(f"in/{name}.png")
    rows = 'in/box.png,"38,5,20,30",\nin/largest.png,,largest\nin/all.png,,\n'
    status, _, report = run("- out --each", f"image,box,subjects\n{rows}")
    assert (status, {name: len(row["files"]) for name, row in report.items()}) == (
        0,
        {"box.png": 1, "largest.png": 1, "all.png": 2},
    )
    assert kept("out/box-1.png") == (False, True)
