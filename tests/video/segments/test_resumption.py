"""A run that is killed and goes on gives what a run at one stretch gives, frame by frame."""

import contextlib
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from background_remover import ImageError, NoSubject, OptionError, Options, Remover, VideoOptions
from background_remover.runtime.file_lock import lock
from background_remover.video import reader
from background_remover.video.conversion import write_video
from background_remover.video.segments import journal
from background_remover.video.segments.journal import Journal
from background_remover.video.segments.resumption import resume_video
from tests.conftest import CARD
from tests.video import clips

STAMPS = (*range(0, 36000, 3000), 40000, 43001, 46000, 58000, 59500, 61000)
SECONDS = Fraction(1, 6)
WHITE = Options(ground="photo", background="white")


class Killed(BaseException):
    """As if the process had ended."""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A clip of 18 frames at uneven times, with key frames apart and sound."""
    return clips.clip(tmp_path_factory.mktemp("clips") / "in.mp4", stamps=STAMPS, sound="aac", size=(64, 160))


def resume(model, source, target, options=WHITE, kill=0, video=None, seconds=SECONDS):
    done = []

    def progress(frames, count):
        done.append((frames, count))
        if frames == kill:
            raise Killed

    summary = resume_video(
        Remover(model), source, target, options, video or VideoOptions(), progress, model="bright", seconds=seconds
    )
    return summary, done


def segments(target):
    folder = journal.folder_of(target)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".mov"])
def test_a_killed_run_goes_on_to_the_same_frames_times_and_sound(bright, source, tmp_path, suffix):
    options = WHITE if suffix == ".mp4" else Options(ground="photo")
    target, other = tmp_path / f"out{suffix}", tmp_path / f"other{suffix}"
    with pytest.raises(Killed):
        resume(bright, source, target, options, kill=8)
    assert not target.exists()
    assert {f"000000{suffix}", "journal.json"} <= set(segments(target))
    summary, done = resume(bright, source, target, options)
    assert [frames for frames, _ in done] == list(range(6, 19))  # the first segment, of five frames, is kept
    assert segments(target) == []
    unbroken, _ = resume(bright, source, other, options)
    assert summary == replace(unbroken, notes=summary.notes)
    kind, decoder = ("rgb24", "") if suffix == ".mp4" else ("rgba", "libvpx-vp9" if suffix == ".webm" else "")
    found, times = clips.frames(target, kind, decoder)
    wanted, stamps = clips.frames(other, kind, decoder)
    assert np.array_equal(found, wanted)
    assert times == stamps
    assert len(times) == len(STAMPS)
    assert clips.sound_packets(target) == clips.sound_packets(other)


@pytest.mark.parametrize("margin", [2, Fraction(1, 50)], ids=["from the beginning", "from near before"])
@pytest.mark.parametrize("steady", ["on", "off"])
def test_segments_give_what_a_run_without_them_gives(bright, tmp_path, monkeypatch, steady, margin):
    monkeypatch.setattr(reader, "_MARGIN", margin)
    source = clips.clip(tmp_path / "in.mov", stamps=STAMPS, codec="png", kind="rgb24", sound="aac", size=(64, 160))
    video = VideoOptions(steady=steady, start=0.05, end=0.5)
    options = Options(ground="photo")
    resume(bright, source, tmp_path / "a.mkv", options, video=video)
    write_video(Remover(bright), source, tmp_path / "b.mkv", options, video, lambda *_: None)
    (one, times), (other, stamps) = (clips.frames(tmp_path / name, "bgra") for name in ("a.mkv", "b.mkv"))
    assert np.array_equal(one, other)
    assert times == stamps
    assert clips.sound_packets(tmp_path / "a.mkv") == clips.sound_packets(tmp_path / "b.mkv")


def test_joined_h264_has_the_times_of_the_source_and_its_sound(bright, source, tmp_path):
    resume(bright, source, tmp_path / "out.mp4")
    assert clips.frames(tmp_path / "out.mp4")[1] == [stamp * clips.BASE for stamp in STAMPS]
    assert clips.sound_packets(tmp_path / "out.mp4") == clips.sound_packets(source)
    with av.open(str(tmp_path / "out.mp4")) as found:
        context = found.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)


def test_a_part_without_frames_is_no_segment(bright, source, tmp_path):
    resume(bright, source, tmp_path / "out.mp4", seconds=Fraction(1, 25))
    assert clips.frames(tmp_path / "out.mp4")[1] == [stamp * clips.BASE for stamp in STAMPS]


def test_a_run_that_ends_before_its_first_segment_is_done_leaves_nothing(bright, source, tmp_path):
    target = tmp_path / "out.mp4"
    with pytest.raises(ImageError, match="none is in the chosen part"):
        resume(bright, source, target, video=VideoOptions(9))
    with pytest.raises(Killed):
        resume(bright, source, target, kill=1)
    assert list(tmp_path.iterdir()) == []


def test_segments_of_another_run_are_refused(bright, source, tmp_path):
    target = tmp_path / "out.mp4"
    with pytest.raises(Killed):
        resume(bright, source, target, kill=8)
    with pytest.raises(ImageError, match=r"\.out\.mp4\.segments: segments of other files, options or versions"):
        resume(bright, source, target, replace(WHITE, background="black"))
    (journal.folder_of(target) / "journal.json").write_text("{")
    with pytest.raises(ImageError, match="no journal of segments; remove its folder"):
        resume(bright, source, target)


@pytest.mark.parametrize("name", ["own.onnx", "OWN.ONNX"])
def test_segments_depend_on_the_model_files_content(source, tmp_path, name):
    model = tmp_path / name
    model.write_bytes(b"one")
    before = journal.run_of(source, WHITE, VideoOptions(), str(model))
    model.write_bytes(b"another")
    assert journal.run_of(source, WHITE, VideoOptions(), str(model)) != before


def test_two_runs_never_write_the_same_segments(bright, source, tmp_path):
    target = tmp_path / "out.mp4"
    run = journal.run_of(source, WHITE, VideoOptions(), "bright")
    with contextlib.closing(Journal.opened(target, run)):
        with pytest.raises(
            ImageError, match=r"\.out\.mp4\.segments: another run writes these segments; wait for its end"
        ):
            resume(bright, source, target)
        assert not target.exists()
    resume(bright, source, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4"]


def test_a_folder_that_another_run_removes_meanwhile_is_made_anew(tmp_path, monkeypatch):
    target, first = tmp_path / "out.mp4", Journal.opened(tmp_path / "out.mp4", {})

    def late(file):
        monkeypatch.setattr(journal, "lock", lock)
        first.remove()
        first.close()
        return lock(file)

    monkeypatch.setattr(journal, "lock", late)
    with contextlib.closing(Journal.opened(target, {})) as second:
        assert (second.folder / "lock").exists()
        with pytest.raises(ImageError, match="another run writes"):
            Journal.opened(target, {})


def test_only_video_files_are_made_of_segments(bright, source, tmp_path):
    for name in ("out.gif", "frames"):
        with pytest.raises(OptionError, match=r"only \.webm, \.mov, \.mp4, \.mkv are made of segments"):
            resume(bright, source, tmp_path / name, Options(ground="photo"))
    assert list(tmp_path.iterdir()) == []


def test_without_a_subject_nothing_is_left(make_model, source, tmp_path):
    model = make_model(metadata=replace(CARD, empty_below=1.0, confidence="0:0 1:0.8").to_metadata())
    before = list(tmp_path.iterdir())
    with pytest.raises(NoSubject):
        resume(model, source, tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == before
