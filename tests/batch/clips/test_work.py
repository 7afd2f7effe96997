"""Videos among pictures, by the command itself: what comes out, what fails alone, and what goes on after a kill."""

import dataclasses
import io
import json
import os
import sys
from fractions import Fraction
from pathlib import Path
from threading import Event, Lock

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Options, Remover, VideoOptions
from background_remover.batch.clips import work
from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.clips.work import do_clip
from background_remover.batch.job import Job, do
from background_remover.batch.local import executor
from background_remover.batch.record import Record
from background_remover.batch.review import GAP, TILE
from background_remover.cli.program import main
from background_remover.runtime import progress
from background_remover.video.conversion import write_video
from background_remover.video.segments import resumption
from tests.conftest import CARD
from tests.video import clips

PHOTO = Options(ground="photo")


@pytest.fixture
def tree(tmp_path, monkeypatch) -> Path:
    """in/ with two pictures, a clip with sound, and one in a folder below that is no video."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("a.png", "z.png"):
        levels = np.zeros((20, 30, 3), np.uint8)
        levels[5:15, 5:15] = 250
        PillowImage.fromarray(levels).save(tmp_path / "in" / name)
    clips.clip(tmp_path / "in" / "a.mp4", sound="aac")
    (tmp_path / "in" / "sub" / "broken.MOV").write_bytes(b"no video")
    return tmp_path


@pytest.fixture
def run(bright, tree, capsys):
    """Runs `batch` in this process and in the folder that holds in/; gives the exit status and what was said."""

    def run(line: str) -> tuple[int, str]:
        status = main(["batch", *line.split(), "--ground", "photo", "--model", str(bright)])
        return status, capsys.readouterr().err

    return run


def files(out: str = "out") -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in Path(out).rglob("[!.]*") if path.is_file())


def report() -> dict[str, Record]:
    lines = [json.loads(line) for line in Path("r.jsonl").read_text().splitlines()]
    return {line["source"]: Record.from_fields(line) for line in lines}


def test_clips_are_cut_out_after_the_pictures_and_a_broken_one_fails_alone(run, bright):
    status, said = run("in out --video-format mkv --report r.jsonl")
    assert status == 1, said
    assert files() == ["a.mkv", "a.png", "z.png"]
    assert "in/sub/broken.MOV: no video that can be read" in said
    assert f"3 done in 0:0{said.split(' done in 0:0')[1][0]}, {len(clips.UNEVEN)} frames of videos, 1 failed" in said
    known = report()
    assert list(known)[:2] in (["in/a.png", "in/z.png"], ["in/z.png", "in/a.png"])
    clip = known["in/a.mp4"]
    assert (clip.frames, clip.width, clip.height) == (len(clips.UNEVEN), 96, 64)
    assert clip.duration == pytest.approx(clips.UNEVEN[-1] / 90000 + 1 / 30, abs=0.01)
    assert clip.target_bytes == Path("out/a.mkv").stat().st_size
    assert known["in/sub/broken.MOV"].code == "image"
    assert known["in/a.png"].frames is None
    write_video(Remover(bright), Path("in/a.mp4"), Path("alone.mkv"), PHOTO, VideoOptions(), lambda *_: None)
    (found, times), (wanted, stamps) = (clips.frames(Path(name), "bgra") for name in ("out/a.mkv", "alone.mkv"))
    assert np.array_equal(found, wanted)
    assert times == stamps
    assert clips.sound_packets(Path("out/a.mkv")) == clips.sound_packets(Path("alone.mkv"))


def test_resume_leaves_clips_that_are_done_and_each_kind_has_its_own_options(run):
    Path("in/sub/broken.MOV").unlink()
    status, said = run("in out --report r.jsonl")
    assert status == 0, said
    assert "out/a.webm: the sound was encoded again as libopus" in said
    assert report()["in/a.mp4"].notes[0].startswith("out/a.webm: the sound was encoded again")
    assert "3 done earlier" in run("in out --resume")[1]
    status, said = run("in out --resume --dpi 300")
    assert status == 2
    assert "out/a.png: was made with another dpi" in said
    assert "a.webm" not in said
    status, said = run("in out --resume --steady off")
    assert status == 2
    assert "out/a.webm: was made with another steady; --overwrite replaces it" in said
    status, said = run("in out --resume --overwrite --no-audio --report r.jsonl")
    assert status == 0, said
    assert report()["in/a.mp4"].notes == ()


@pytest.mark.parametrize(("line", "reason"), [("--crop", "crop follows the subject's box"), ("--each", "each writes")])
def test_what_is_not_for_videos_is_refused_before_the_work(run, line, reason):
    status, said = run(f"in out {line}")
    assert status == 2
    assert f"in/a.mp4: {reason}" in said
    assert not Path("out").exists()
    assert run(f"in out {line} --video-format none")[0] == 0
    assert [name for name in files() if not name.endswith(".png")] == []


def test_without_the_extra_a_clip_fails_with_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "background_remover.video.conversion", None)
    status, said = run("in out --report r.jsonl")
    assert status == 1
    assert files() == ["a.png", "z.png"]
    record = report()["in/a.mp4"]
    assert (record.status, record.code) == ("failed", "extra")
    assert record.error.startswith("in/a.mp4: a video needs an extra (")
    assert record.hint == "pip install 'background-remover[video]'"
    assert record.error in said


def test_a_part_of_each_video_is_cut_out_and_a_list_has_one_for_each(run, monkeypatch):
    Path("in/sub/broken.MOV").unlink()
    wanted = [stamp / 90000 for stamp in clips.UNEVEN]
    status, said = run("in out --video-format mkv --from 0.05 --to 0:00.2 --report r.jsonl")
    assert status == 0, said
    assert report()["in/a.mp4"].frames == sum(0.05 <= time < 0.2 for time in wanted) > 0
    status, said = run("in out --video-format mkv --from 0.05 --resume")
    assert status == 2
    assert "out/a.mkv: was made with another part_end" in said
    assert run("in out --resume --video-format mkv --from soon")[0] == 2

    rows = "image,from,to\nin/a.mp4,0.1,\nin/a.png,,\nin/z.png,1,2\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(rows.encode())))
    status, said = run("- listed --video-format mkv --report r.jsonl --to 0.2")
    assert status == 1, said
    known = report()
    assert (known["in/a.mp4"].part_start, known["in/a.mp4"].part_end) == ("0.1", "")
    assert known["in/a.mp4"].frames == sum(0.1 <= time < 0.2 for time in wanted) > 0
    assert known["in/a.png"].status == "done"
    assert (known["in/z.png"].code, known["in/z.png"].hint) == ("option", "leave both empty")


def test_what_is_no_file_is_not_waited_for_and_an_empty_one_is_called_so(run):
    Path("in/sub/broken.MOV").write_bytes(b"")
    os.mkfifo("in/pipe.mp4")
    status, said = run("in/pipe.mp4 in/sub/broken.MOV in/a.png out")
    assert status == 1
    assert "in/pipe.mp4: neither a file nor a folder; name a file" in said
    assert "in/sub/broken.MOV: empty; get a whole copy of the video" in said
    assert files() == ["a.png"]
    assert "no pictures in in/sub; their names end in" in run("in/sub out2 --video-format none")[1]


def test_how_far_a_run_is_counts_files_where_videos_are_among_them(run, monkeypatch):
    monkeypatch.setattr(progress, "ELSEWHERE", 0)
    assert " of 4 files, " in run("in out --video-format gif")[1]
    assert " of 2 pictures, " in run("in out --video-format none --overwrite")[1]


def test_unsure_clips_are_reviewed_by_their_first_frames(make_model, tree):
    card = dataclasses.replace(CARD, unsure_below=1.0, confidence="0:0 1:0.8")
    model = make_model(metadata=card.to_metadata())
    assert main(["batch", "in/a.mp4", "out", "--review", "look", "--ground", "photo", "--model", str(model)]) == 0
    assert files("look") == ["a.webm", "sheet-001.png", "unsure.txt"]
    with PillowImage.open("look/sheet-001.png") as sheet:
        levels = np.asarray(sheet.convert("RGB")).astype(int)
    clip, cutout = (levels[GAP : GAP + TILE, GAP + place : GAP + place + TILE].min(axis=2) for place in (0, TILE))
    dark = 64 * 96 * 0.8 / TILE**2  # the share of the tile that is the clip's ground, which the cutout hasn't
    assert (clip < 70).mean() == pytest.approx(dark, rel=0.2)
    assert (cutout < 70).mean() < 0.1 * dark
    assert (cutout < 250).any()


def test_a_clip_without_a_subject_is_empty(make_model, tree):
    model = make_model(metadata=CARD.to_metadata() | {"empty_below": "1.0", "confidence": "0:0 1:0.8"})
    record = do_clip(Job(tree / "in/a.mp4", tree / "a.webm"), lambda: Remover(model), "bright", PHOTO, ClipOptions())
    assert (record.status, record.code) == ("empty", "no-subject")
    assert sorted(path.name for path in tree.iterdir()) == ["bright.onnx", "in"]


def test_a_run_that_is_stopped_gives_a_clip_up_and_the_next_goes_on_with_its_segments(bright, tree, monkeypatch):
    monkeypatch.setitem(resumption.resume_video.__kwdefaults__, "seconds", Fraction(1, 10))
    stop, taken = Event(), []

    def ended() -> bool:
        taken.append(1)
        return len(taken) == 6 or stop.is_set()

    job, choices = Job(tree / "in/a.mp4", tree / "a.mkv"), ("bright", PHOTO, ClipOptions(video_format="mkv"))
    assert do_clip(job, lambda: Remover(bright), *choices, ended) is None
    assert not job.target.exists()
    assert (tree / ".a.mkv.segments" / "000000.mkv").exists()
    before = len(taken)
    record = do_clip(job, lambda: Remover(bright), *choices, ended)
    assert (record.status, record.frames) == ("done", len(clips.UNEVEN))
    assert len(taken) - before < len(clips.UNEVEN)
    assert not (tree / ".a.mkv.segments").exists()


def test_segments_of_other_options_are_made_anew(bright, tree):
    job, taken = Job(tree / "in/a.mp4", tree / "a.mkv"), iter(range(100))
    first = ClipOptions(video_format="mkv", steady="off")
    assert do_clip(job, lambda: Remover(bright), "bright", PHOTO, first, lambda: next(taken) > 2) is None
    other = ClipOptions(video_format="mkv")
    assert do_clip(job, lambda: Remover(bright), "bright", PHOTO, other).status == "done"


def test_how_far_a_clip_is_is_said_now_and_then(bright, tree, monkeypatch):
    said = []
    job, choices = Job(tree / "in/a.mp4", tree / "a.gif"), ("bright", PHOTO, ClipOptions(video_format="gif"))
    do_clip(job, lambda: Remover(bright), *choices, say=said.append)
    assert said == []
    monkeypatch.setattr(work, "INTERVAL", 0)
    do_clip(job, lambda: Remover(bright), *choices, say=said.append)
    assert len(said) == len(clips.UNEVEN)
    assert said[-1].startswith(f"{job.source}: {len(said)} of {len(said)} frames, ")


def test_a_clip_that_changes_meanwhile_leaves_nothing(bright, tree):
    job = Job(tree / "in/a.mp4", tree / "a.gif")

    def changing() -> bool:
        job.source.touch()
        return False

    record = do_clip(job, lambda: Remover(bright), "bright", PHOTO, ClipOptions(video_format="gif"), changing)
    assert (record.status, record.code) == ("failed", "changed")
    assert not job.target.exists()


def test_nothing_is_worked_on_beside_a_clip(run, monkeypatch):
    lock, beside, busy = Lock(), [], []

    def watched(work):
        def watching(job, *rest, **given):
            with lock:
                busy.append(job.source.suffix)
                beside.append(tuple(busy))
            try:
                return work(job, *rest, **given)
            finally:
                with lock:
                    busy.remove(job.source.suffix)

        return watching

    monkeypatch.setattr(executor, "do", watched(do))
    monkeypatch.setattr(executor, "do_clip", watched(do_clip))
    run("in out --jobs 4")
    assert {kinds for kinds in beside if kinds != (".png",) and kinds != (".png", ".png")} == {(".mp4",), (".MOV",)}
