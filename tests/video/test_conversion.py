"""Containers, time stamps, rotation, sound and sizes: what comes out of each, read again by PyAV."""

from dataclasses import dataclass, replace
from fractions import Fraction

import av
import numpy as np
import pytest

from background_remover import ImageError, NoSubject, OptionError, Options, Remover, VideoOptions, remove_video
from background_remover.video import conversion
from background_remover.video.conversion import write_video
from background_remover.video.formats import FORMATS
from background_remover.video.png_folder import LIST
from tests.conftest import CARD
from tests.video import clips

MILLISECOND = Fraction(1, 1000)
PHOTO = Options(ground="photo")


def convert(model, source, target, options=PHOTO, **video):
    done = []
    summary = write_video(
        Remover(model), source, target, options, VideoOptions(**video), lambda *counts: done.append(counts)
    )
    assert [number for number, _ in done] == list(range(1, summary.frames + 1))
    return summary


def wanted(model, source, options=PHOTO):
    return np.stack([np.asarray(one.cut.image) for one in remove_video(source, options, model=model)])


@dataclass(frozen=True)
class Case:
    suffix: str
    decoder: str = ""
    least: Fraction = Fraction(0)  # the largest error of a time stamp
    mean: float = 0.0  # the largest mean error of the alpha, in levels
    most: int = 0  # the largest error of the alpha, in levels


CASES = [
    Case(".webm", "libvpx-vp9", MILLISECOND, 0.2, 255),
    Case(".mov", mean=0.2, most=1),
    Case(".mkv", least=MILLISECOND),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.suffix)
@pytest.mark.parametrize("size", [clips.SIZE, (65, 97)], ids=["even", "odd"])
def test_alpha_and_uneven_times_are_kept(bright, tmp_path, case, size):
    source = clips.clip(tmp_path / "in.mp4", size=size, kind="yuv444p")
    target = tmp_path / f"out{case.suffix}"
    summary = convert(bright, source, target)
    cut = wanted(bright, source)
    found, times = clips.frames(target, "rgba", case.decoder)
    assert found.shape == cut.shape == (len(clips.UNEVEN), *size, 4)
    assert summary.notes == ()
    error = np.abs(found[..., 3].astype(int) - cut[..., 3])
    assert error.mean() <= case.mean
    assert error.max() <= case.most
    for time, stamp in zip(times, clips.UNEVEN, strict=True):
        assert abs(time - stamp * clips.BASE) <= case.least


def test_webm_says_that_it_has_an_alpha(bright, tmp_path):
    convert(bright, clips.clip(tmp_path / "in.mp4"), tmp_path / "out.webm")
    with av.open(str(tmp_path / "out.webm")) as found:
        assert {key.lower(): value for key, value in found.streams.video[0].metadata.items()}["alpha_mode"] == "1"


def test_mp4_is_over_a_background_and_tagged(bright, tmp_path):
    source = clips.clip(tmp_path / "in.mp4")
    over_red = Options(ground="photo", background="red")
    convert(bright, source, tmp_path / "out.mp4", over_red, quality=100)
    found, times = clips.frames(tmp_path / "out.mp4")
    inner = np.abs(found[:, 8:-8, 4:8].astype(int) - (255, 0, 0))  # the square isn't there
    assert inner.max() <= 3
    assert times == [stamp * clips.BASE for stamp in clips.UNEVEN]
    with av.open(str(tmp_path / "out.mp4")) as output:
        context = output.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)


def test_odd_sides_are_padded_for_h264_and_said(bright, tmp_path):
    source = clips.clip(tmp_path / "in.mkv", size=(65, 97), codec="ffv1", kind="bgr0")
    summary = convert(bright, source, tmp_path / "out.mp4", Options(ground="photo", background="white"))
    assert summary.notes == (f"{tmp_path / 'out.mp4'}: H.264 has even sides; padded 97x65 to 98x66",)
    assert clips.frames(tmp_path / "out.mp4")[0].shape[1:3] == (66, 98)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".mov", ".webm"])
def test_a_mask_is_grey(bright, tmp_path, suffix):
    source = clips.clip(tmp_path / "in.mp4")
    convert(bright, source, tmp_path / f"out{suffix}", Options(ground="photo", only_mask=True))
    found, _ = clips.frames(tmp_path / f"out{suffix}", "gray")
    alpha = wanted(bright, source)[..., 3]
    assert np.abs(found.astype(int) - alpha).mean() <= (0 if suffix == ".mkv" else 1)


def test_freed_memory_is_returned_now_and_then(bright, tmp_path, monkeypatch):
    returned = []
    monkeypatch.setattr(conversion, "TRIM", 3)
    monkeypatch.setattr(conversion, "return_freed_memory", lambda: returned.append(1))
    summary = convert(bright, clips.clip(tmp_path / "in.mp4"), tmp_path / "out.mkv")
    assert len(returned) == summary.frames // 3 > 1


def test_a_folder_holds_pngs_and_their_times(bright, tmp_path):
    source = clips.clip(tmp_path / "in.mp4", sound="aac")
    (note,) = convert(bright, source, tmp_path / "frames").notes
    assert note == f"{tmp_path / 'frames'}: the sound is left out, for a folder of PNG files has none; a .webm keeps it"
    assert convert(bright, source, tmp_path / "silent", audio=False).notes == ()
    names = [f"{number:06}.png" for number in range(1, len(clips.UNEVEN) + 1)]
    assert sorted(path.name for path in (tmp_path / "frames").iterdir()) == [*names, LIST]
    with av.open(str(tmp_path / "frames" / LIST)) as listed:  # FFmpeg reads the list
        found = [frame.to_ndarray(format="rgba", threads=1) for frame in listed.decode(video=0)]
    assert (np.stack(found) == wanted(bright, source)).all()
    lines = (tmp_path / "frames" / LIST).read_text().splitlines()
    lengths = [float(line.split()[1]) for line in lines if line.startswith("duration")]
    assert np.allclose(lengths, np.diff(clips.UNEVEN) / 90000, atol=1e-6)


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
@pytest.mark.parametrize("codec", ["aac", "libmp3lame", "ac3"])
def test_sound_is_copied_byte_for_byte(bright, tmp_path, suffix, codec):
    source = clips.clip(tmp_path / "in.mp4", sound=codec)
    summary = convert(bright, source, tmp_path / f"out{suffix}", Options(ground="photo", background="white"))
    assert clips.sound_packets(tmp_path / f"out{suffix}") == clips.sound_packets(source)
    assert summary.notes == ()


def test_webm_takes_opus_as_it_is_and_gets_it_of_all_else(bright, tmp_path):
    opus = clips.clip(tmp_path / "opus.mkv", sound="libopus")
    assert convert(bright, opus, tmp_path / "a.webm").notes == ()
    assert [*clips.sound_packets(tmp_path / "a.webm").values()] == [*clips.sound_packets(opus).values()]
    notes = convert(bright, clips.clip(tmp_path / "aac.mp4", sound="aac"), tmp_path / "b.webm").notes
    assert notes == (
        f"{tmp_path / 'b.webm'}: the sound was encoded again as libopus, for webm doesn't take the source's",
    )
    with av.open(str(tmp_path / "b.webm")) as found:
        samples = sum(frame.samples for frame in found.decode(audio=0))
        assert found.streams.audio[0].codec_context.name == "opus"
    assert abs(samples - 10 * 1024) <= 2 * 1024


@pytest.mark.parametrize(("codec", "suffix"), [("pcm_s16le", ".mp4"), ("flac", ".mov"), ("libopus", ".mov")])
def test_sound_that_a_container_doesnt_take_is_encoded_and_said(bright, tmp_path, codec, suffix):
    source = clips.clip(tmp_path / "in.mkv", stamps=(0, 3000), sound=codec)
    (note,) = convert(bright, source, tmp_path / f"out{suffix}", Options(ground="photo", background="white")).notes
    assert "the sound was encoded again as aac" in note
    with av.open(str(tmp_path / f"out{suffix}")) as found:
        assert found.streams.audio[0].codec_context.name == "aac"


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_sound_is_left_out_where_there_is_none_or_none_is_wanted(bright, tmp_path, suffix):
    over = Options(ground="photo", background="white")
    with_sound, silent = clips.clip(tmp_path / "a.mp4", sound="aac"), clips.clip(tmp_path / "b.mp4")
    convert(bright, with_sound, tmp_path / f"a-out{suffix}", over, audio=False)
    convert(bright, silent, tmp_path / f"b-out{suffix}", over)
    for name in ("a-out", "b-out"):
        with av.open(str(tmp_path / f"{name}{suffix}")) as found:
            assert not found.streams.audio


def test_a_part_begins_at_0_with_its_sound(bright, tmp_path):
    source = clips.clip(tmp_path / "in.mp4", sound="aac")
    convert(bright, source, tmp_path / "out.mov", start=0.1, end=0.2)
    _, times = clips.frames(tmp_path / "out.mov")
    assert times == [stamp * clips.BASE - Fraction(1, 10) for stamp in clips.UNEVEN if 9000 <= stamp < 18000]
    packets = clips.sound_packets(source)
    kept = {time - Fraction(1, 10): data for time, data in packets.items() if 0.1 <= time < 0.2}
    assert clips.sound_packets(tmp_path / "out.mov") == kept


@pytest.mark.parametrize("suffix", [".webm", ".mov", ".mkv"])
def test_one_frame_is_a_video_too(bright, tmp_path, suffix):
    source = clips.clip(tmp_path / "in.mp4", stamps=(0,), sound="aac")
    assert convert(bright, source, tmp_path / f"out{suffix}").frames == 1
    assert len(clips.frames(tmp_path / f"out{suffix}")[0]) == 1


@pytest.mark.parametrize(("suffix", "keeps"), [(".mov", True), (".mp4", True), (".webm", False), (".mkv", False)])
def test_rotation_is_applied_and_the_aspect_kept_or_noted(bright, tmp_path, suffix, keeps):
    source = clips.clip(tmp_path / "in.mp4", turn=90, aspect="4/3")
    target = tmp_path / f"out{suffix}"
    notes = convert(bright, source, target, Options(ground="photo", background="white")).notes
    with av.open(str(target)) as found:
        frame = next(found.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (clips.SIZE[0], clips.SIZE[1], 0)
        assert (found.streams.video[0].sample_aspect_ratio == Fraction(3, 4)) == keeps
    lost = f"{target}: pixels of 3:4 become square ones; a .mov or .mp4 keeps them"
    assert notes == (() if keeps else (lost,))


@pytest.mark.parametrize("name", ["out.webm", "out.mov", "frames"])
def test_what_fails_leaves_nothing_behind(make_model, tmp_path, name):
    model = make_model(metadata=replace(CARD, empty_below=0.5, confidence="0:0 1:0.8").to_metadata())
    dark = tmp_path / "dark.mkv"
    with av.open(str(dark), "w") as output:
        video = output.add_stream("ffv1", rate=30)
        video.width = video.height = 64
        video.pix_fmt = "bgr0"
        output.mux(
            video.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8)).reformat(format="bgr0", threads=1))
        )
        output.mux(video.encode(None))
    noise = tmp_path / "noise.mp4"
    noise.write_bytes(b"no video" * 100)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(NoSubject, match=r"^.*dark\.mkv: no subject found"):
        convert(model, dark, tmp_path / name)
    with pytest.raises(ImageError, match="no video that can be read"):
        convert(model, noise, tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before
    assert convert(model, dark, tmp_path / name, Options(allow_empty=True)).empty == 1


def test_places_that_cant_be_written_are_refused_first(bright, tmp_path):
    source = clips.clip(tmp_path / "in.mov")
    full = tmp_path / "full"
    full.mkdir()
    (full / "a.txt").touch()
    for target, message in {
        source: "is the video to be read and would be lost",
        full: "there is something in this folder",
        tmp_path / "none" / "a.mov": "there is no folder",
        tmp_path / "none" / "frames": "there is no folder",
    }.items():
        with pytest.raises(ImageError, match=message):
            convert(bright, source, target)
    with pytest.raises(OptionError, match="a video ends in"):
        convert(bright, source, tmp_path / "a.avi")


def test_an_encoder_that_refuses_is_one_line_and_leaves_nothing(bright, tmp_path, monkeypatch):
    refused = replace(FORMATS[".mp4"], settings={"preset": "no such preset"})
    monkeypatch.setitem(FORMATS, ".mp4", refused)
    source, target = clips.clip(tmp_path / "in.mov"), tmp_path / "out.mp4"
    with pytest.raises(ImageError, match=r"out\.mp4: can't be written \(.*\); choose another format or size"):
        convert(bright, source, target, Options(ground="photo", background="white"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mov"]
