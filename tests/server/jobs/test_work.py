import errno
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from background_remover.errors import Cancelled, Error
from background_remover.options import Options
from background_remover.runtime.cancellation import cancelled_by
from background_remover.server.errors import NoSpace, VideoTooLong
from background_remover.server.jobs import work
from background_remover.server.jobs.work import VideoTask, make_checker, make_converter, progress
from background_remover.video.settings import VideoOptions
from tests.video.clips import clip


@pytest.fixture
def task(tmp_path) -> VideoTask:
    clip(tmp_path / "clip.mp4").rename(tmp_path / work.SOURCE)
    return VideoTask(tmp_path, ".mkv", Options(), VideoOptions(), 10, 10**7)


@pytest.fixture
def convert(bright, monkeypatch):
    """What converts, in this process, whose priority and memory stay as they are."""
    monkeypatch.setattr(os, "nice", lambda _: 0, raising=False)
    monkeypatch.setattr(work, "keep_freed_memory", lambda: None)
    monkeypatch.setattr(work, "_SECONDS", 0.0)
    return make_converter((str(bright), "cpu"))


def test_a_result_and_the_progress_of_its_work_are_files_in_its_folder(task, convert):
    before = Path.cwd()
    assert progress(task.folder) == (0, 0.0)
    made = convert(task)
    assert (made.frames, made.notes) == (8, ())
    assert task.result_file.stat().st_size
    done, rate = progress(task.folder)
    assert (done, rate > 0) == (8, True)
    assert Path.cwd() == before


def test_a_result_of_too_many_bytes_ends_the_work(task, convert):
    task = replace(task, max_bytes=100)
    with pytest.raises(Error, match="the result has over 0"):
        convert(task)


@pytest.mark.parametrize("name", ["write_text", "replace"])  # of the progress, and of the result as well
def test_a_full_disk_is_said_to_be_full(task, convert, monkeypatch, name):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, name, full)
    with pytest.raises(NoSpace, match="no space"):
        convert(task)


def test_work_is_cancelled_between_frames(task, convert):
    event = threading.Event()
    event.set()
    with cancelled_by(event), pytest.raises(Cancelled):
        convert(task)
    assert not task.result_file.exists()


def test_a_video_that_is_too_long_is_found_before_its_work(task):
    check = make_checker(None)
    assert check(task) == 8
    task = replace(task, max_seconds=0.1)
    with pytest.raises(VideoTooLong, match=r"over 0.1 seconds, or 12 frames"):
        check(task)
    task = replace(task, video=VideoOptions(start=0.15))
    assert check(task) == 4
