"""Animations of videos: durations, alpha, what is left out, and what is refused, read again by Pillow."""

from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from background_remover import ImageError, Options, Remover, VideoOptions
from background_remover.video import animation_file
from background_remover.video.conversion import write_video
from tests.video import clips
from tests.video.test_conversion import PHOTO, convert, wanted

SUFFIXES = (".webp", ".gif", ".apng")


def shown(path):
    """The frames of an animation as (N, H, W, 4), and their durations in milliseconds."""
    frames, durations = [], []
    with Image.open(path) as image:
        assert image.info.get("loop") == 0
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGBA")))
            durations.append(image.info["duration"])
    return np.stack(frames), durations


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_alpha_and_uneven_times_are_kept(bright, tmp_path, suffix):
    source = clips.clip(tmp_path / "in.mp4", kind="yuv444p")
    notes = convert(bright, source, tmp_path / f"out{suffix}").notes
    frames, durations = shown(tmp_path / f"out{suffix}")
    cut = wanted(bright, source)
    assert frames.shape == cut.shape
    if suffix == ".gif":
        assert np.array_equal(frames[..., 3], np.where(cut[..., 3] >= 128, 255, 0))
        assert "1 bit of alpha" in notes[0]
        assert "hundredths of a second" in notes[1]
    else:
        assert np.array_equal(frames[..., 3], cut[..., 3])
        assert notes == ()
    step = 10 if suffix == ".gif" else 1
    starts = np.cumsum([0, *durations[:-1]])
    assert np.abs(starts - np.array(clips.UNEVEN) / 90).max() <= step / 2 + 1e-6  # so no errors add up
    with av.open(str(source)) as clip:
        mean = 1000 / float(clip.streams.video[0].average_rate)
    assert abs(sum(durations) - (clips.UNEVEN[-1] / 90 + mean)) <= step / 2 + 1e-6


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_over_a_background_there_is_no_alpha(bright, tmp_path, suffix):
    options = Options(ground="photo", background="red")
    assert not any("alpha" in note for note in convert(bright, clip(tmp_path), tmp_path / f"a{suffix}", options).notes)
    frames, _ = shown(tmp_path / f"a{suffix}")
    assert (frames[..., 3] == 255).all()
    assert np.abs(frames[:, 8:-8, 3:7, :3].astype(int) - (255, 0, 0)).max() <= 4  # the square isn't there


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_mask_is_grey(bright, tmp_path, suffix):
    convert(bright, clip(tmp_path), tmp_path / f"a{suffix}", Options(ground="photo", only_mask=True))
    frames, _ = shown(tmp_path / f"a{suffix}")
    assert np.abs(frames[..., 0].astype(int) - wanted(bright, tmp_path / "in.mp4")[..., 3]).mean() <= 1
    assert (frames[..., 0] == frames[..., 2]).all()


def clip(folder, stamps=(0, 3600, 7200), **more):
    return clips.clip(folder / "in.mp4", stamps=stamps, **more)


def test_sound_is_left_out_and_said_unless_nobody_wants_it(bright, tmp_path):
    source, target = clip(tmp_path, sound="aac"), tmp_path / "a.webp"
    assert convert(bright, source, target).notes == (
        f"{target}: the sound is left out, for WebP has none; a .webm keeps it",
    )
    assert convert(bright, source, target, audio=False).notes == ()


@pytest.mark.parametrize(("suffix", "kept"), [(".gif", [0, 2, 4, 6]), (".webp", [0, 2, 4, 6]), (".apng", [0, 2, 4, 6])])
def test_frames_that_viewers_would_slow_down_are_left_out(bright, tmp_path, suffix, kept):
    source = clip(tmp_path, stamps=range(0, 7 * 900, 900))  # 10 ms each
    notes = convert(bright, source, tmp_path / f"a{suffix}").notes
    frames, durations = shown(tmp_path / f"a{suffix}")
    cut = wanted(bright, source)[kept]
    assert np.array_equal(frames[..., 3] >= 128, cut[..., 3] >= 128)
    assert durations[:-1] == [20, 20, 20]
    assert any("3 frames are left out" in note for note in notes)


def test_one_frame_is_a_still(bright, tmp_path):
    convert(bright, clip(tmp_path, stamps=(0,)), tmp_path / "a.webp")
    with Image.open(tmp_path / "a.webp") as image:
        assert image.n_frames == 1


def test_quality_is_that_of_webp(bright, tmp_path):
    sizes = []
    for quality in (5, 95):
        convert(bright, clip(tmp_path), tmp_path / "a.webp", quality=quality)
        sizes.append((tmp_path / "a.webp").stat().st_size)
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("known", [True, False], ids=["at the first frame", "as soon as there are too many"])
def test_more_than_memory_is_meant_for_is_refused_and_names_webm(bright, tmp_path, monkeypatch, known):
    monkeypatch.setattr(animation_file, "MAX_PIXELS", 3 * clips.SIZE[0] * clips.SIZE[1])
    source, target, done = clip(tmp_path, stamps=range(0, 5 * 3600, 3600)), tmp_path / "a.webp", []
    video = VideoOptions(start=0 if known else 0.001)
    with pytest.raises(ImageError, match=r"a\.webp: at most 3 frames of 96x64 become a WebP.*write a \.webm"):
        write_video(Remover(bright), source, target, PHOTO, video, lambda *counts: done.append(counts))
    assert len(done) == (0 if known else 3)
    assert not target.exists()
    convert(bright, source, target, end=0.1)
    assert len(shown(target)[0]) == 3


def test_what_was_there_is_replaced(bright, tmp_path):
    (tmp_path / "a.gif").write_bytes(b"old")
    convert(bright, clip(tmp_path), tmp_path / "a.gif")
    assert shown(tmp_path / "a.gif")[1][:2] == [40, 40]
    assert Fraction(shown(tmp_path / "a.gif")[1][2]) == 40
