"""Videos on a cluster: by segments they are what a run at one stretch gives; `test_run.py` has machines work."""

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from background_remover import Options, Remover, VideoOptions
from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.job import do
from background_remover.batch.ray import actors
from background_remover.batch.ray import segments as parts
from background_remover.batch.ray.actors import Order, Worker, row_of
from background_remover.batch.ray.clips import clip_records
from background_remover.batch.ray.job import RemoteJob
from background_remover.batch.ray.segments import ClipTask, done, segments
from background_remover.imaging.output_options import OutputOptions
from background_remover.parameters.prompts import PicturePrompts
from background_remover.version import __version__
from background_remover.video.conversion import write_video
from tests.video import clips as made

PHOTO = Options(ground="photo")
MADE_SO = {"model": "bright", "ground": "photo"}
STAMPS = (*range(0, 36000, 3000), 40000, 43001, 46000, 58000, 59500, 61000)


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    """A clip of 18 frames at uneven times, with sound."""
    path = tmp_path_factory.mktemp("clips") / "a.mp4"
    return made.clip(path, stamps=STAMPS, sound="aac", size=(64, 160))


@pytest.fixture
def work(bright, tree, monkeypatch):
    """Has tasks worked on by a worker in this process, the last ones first; notes their rows."""
    monkeypatch.setattr(actors.ray, "get", lambda value: value)
    monkeypatch.setattr(parts, "SECONDS", Fraction(1, 6))
    tally = SimpleNamespace(
        begin=SimpleNamespace(remote=lambda key: 1), end=SimpleNamespace(remote=lambda key, record: None)
    )
    rows = []

    def work(tasks, options=PHOTO, kind="mkv"):
        settings = "bright", options, OutputOptions(), False, ClipOptions(video_format=kind)
        carried = {"model": (".onnx", bright.read_bytes())}
        worker = Worker(Order(tree.filesystem, tree.filesystem, *settings, carried, tally, False, __version__, do))
        for task in reversed(tasks):
            rows.append(worker(row_of(*task)))
            yield rows[-1]
            yield None
        worker._folder.cleanup()

    work.rows = rows
    return work


def test_segments_are_joined_to_what_a_run_at_one_stretch_gives(work, tree, clip, bright, tmp_path):
    (tree / "in/a.mp4").upload(clip)
    job = RemoteJob(tree / "in/a.mp4", tree / "out/a.mkv")
    (record,) = (one for one in clip_records([job], MADE_SO, work) if one is not None)
    assert (record.status, record.error, record.frames) == ("done", None, len(STAMPS))
    assert (record.source, record.target) == (str(job.source), str(job.target))
    assert record.target_bytes == job.target.stamp()[0]
    assert [row["part"] != "" for row in work.rows].count(True) >= 4
    (tree / "out/a.mkv").download(tmp_path / "found.mkv")
    write_video(Remover(bright), clip, tmp_path / "wanted.mkv", PHOTO, VideoOptions(), lambda *_: None)
    (found, times), (wanted, stamps) = (made.frames(tmp_path / name, "bgra") for name in ("found.mkv", "wanted.mkv"))
    assert np.array_equal(found, wanted)
    assert times == stamps
    assert made.sound_packets(tmp_path / "found.mkv") == made.sound_packets(tmp_path / "wanted.mkv")
    assert {place for place, _ in (tree / "out").files()} == {"a.mkv"}


def test_a_segment_that_fails_fails_its_video_alone(work, tree, clip, monkeypatch):
    monkeypatch.setattr(parts, "_length", lambda job: 1.5)  # twice what it is: segments behind the end hold nothing
    for name in ("a.mp4", "b.mp4"):
        (tree / f"in/{name}").upload(clip)
    jobs = [RemoteJob(tree / f"in/{name}.mp4", tree / f"out/{name}.mkv") for name in ("a", "b")]

    def changing(tasks):
        if len(tasks) > 2:
            (tree / "in/a.mp4").put(b"no video any more")
        return work(tasks)

    records = [one for one in clip_records(jobs, MADE_SO, changing) if one is not None]
    assert sorted((one.source, one.status, one.code) for one in records) == [
        (str(jobs[0].source), "failed", "changed"),
        (str(jobs[1].source), "done", None),
    ]
    assert [place for place, _ in (tree / "out").files() if not place.startswith(".a.mkv.segments/")] == ["b.mkv"]


def test_a_run_goes_on_with_the_segments_that_an_earlier_one_finished(work, tree, clip, bright, tmp_path):
    (tree / "in/a.mp4").upload(clip)
    job = RemoteJob(tree / "in/a.mp4", tree / "out/a.mkv")
    count = len(segments(job, MADE_SO))

    assert [one for one in clip_records([job], MADE_SO, lambda tasks: work(tasks[-3:])) if one is not None] == []
    begun = len(work.rows)
    kept = done(job, segments(job, MADE_SO))
    assert begun == len(kept) == 3 < count
    assert done(job, segments(job, MADE_SO | {"steady": "off"})) == {}
    (record,) = (one for one in clip_records([job], MADE_SO, work) if one is not None)
    assert (record.status, record.error, record.frames) == ("done", None, len(STAMPS))
    assert len(work.rows) - begun == count - len(kept) + 1
    (tree / "out/a.mkv").download(tmp_path / "found.mkv")
    write_video(Remover(bright), clip, tmp_path / "wanted.mkv", PHOTO, VideoOptions(), lambda *_: None)
    (found, times), (wanted, stamps) = (made.frames(tmp_path / name, "bgra") for name in ("found.mkv", "wanted.mkv"))
    assert np.array_equal(found, wanted)
    assert times == stamps
    assert {place for place, _ in (tree / "out").files()} == {"a.mkv"}


def test_a_segment_whose_frames_are_gone_is_made_again(work, tree, clip):
    (tree / "in/a.mp4").upload(clip)
    job = RemoteJob(tree / "in/a.mp4", tree / "out/a.mkv")
    tasks = segments(job, MADE_SO)
    list(work([(job, task) for task in tasks[:2]]))
    assert list(done(job, tasks)) == [0, 1]
    parts.segment(job, tasks[0], 0).delete()
    assert list(done(job, tasks)) == [1]


def test_what_is_short_no_video_or_an_animation_is_one_task(work, tree, clip, monkeypatch):
    (tree / "in/broken.mp4").put(b"no video")
    (tree / "in/a.mp4").upload(clip)
    jobs = [
        RemoteJob(tree / "in/broken.mp4", tree / "out/broken.mkv"),
        RemoteJob(tree / "in/a.mp4", tree / "out/a.gif"),
    ]
    assert [len(segments(job, MADE_SO)) for job in jobs] == [1, 1]
    records = [one for one in clip_records(jobs, MADE_SO, work) if one is not None]
    assert [(one.status, one.code) for one in records] == [("done", None), ("failed", "image")]
    assert records[1].error.startswith(f"{jobs[0].source}: no video that can be read")
    assert all(str(tree) in note for note in records[0].notes)
    monkeypatch.setattr(parts, "SECONDS", Fraction(20))
    assert [task.count for task in segments(RemoteJob(tree / "in/a.mp4", tree / "out/a.mkv"), MADE_SO)] == [1]


def test_a_video_may_have_a_part_of_its_own(work, tree, clip):
    (tree / "in/a.mp4").upload(clip)
    own = PicturePrompts(part_start="0.3", part_end="0:00.5")
    job = RemoteJob(tree / "in/a.mp4", tree / "out/a.mkv", own)
    (record,) = (one for one in clip_records([job], MADE_SO, work) if one is not None)
    assert (record.error, record.frames) == (None, sum(0.3 <= stamp / 90000 < 0.5 for stamp in STAMPS))


def test_tasks_survive_json(work, tree, clip):
    (tree / "in/a.mp4").upload(clip)
    tasks = segments(RemoteJob(tree / "in/a.mp4", tree / "out/a.mkv"), MADE_SO)
    assert [ClipTask.from_json(task.to_json()) for task in tasks] == tasks
    assert [task.bounds[0] for task in tasks[1:]] == [task.bounds[1] for task in tasks[:-1]]
    assert tasks[-1].bounds[1] is None
    keys = {row_of(RemoteJob(tree / "a", tree / "b"), task)["key"] for task in tasks}
    assert len(keys) == len(tasks)
    assert json.loads(tasks[0].to_json())["number"] == 0
