from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import ImageError, TooLarge
from background_remover.video.reader import Clip
from tests.video import clips

LIMIT = 100.0


def read(path, **part):
    with Clip(path, **part, max_megapixels=LIMIT) as clip:
        return list(clip.frames()), clip


def test_frames_have_their_own_times_and_colours(tmp_path):
    found, clip = read(clips.clip(tmp_path / "a.mp4", kind="yuv444p"))
    assert [frame.time for frame in found] == [stamp * clips.BASE for stamp in clips.UNEVEN]
    for number, frame in enumerate(found):
        assert np.abs(frame.pixels.astype(int) - clips.picture(number)).max() <= 3
    assert clip.count == len(clips.UNEVEN)


@pytest.mark.parametrize("turn", [90, 180, -90])
def test_a_rotation_is_applied(tmp_path, turn):
    found, _ = read(clips.clip(tmp_path / "a.mp4", turn=turn, kind="yuv444p"))
    with av.open(str(tmp_path / "a.mp4")) as source:
        said = next(source.decode(video=0)).rotation
    upright = np.rot90(clips.picture(0), said // 90)  # PyAV counts degrees counterclockwise
    assert abs(said) == abs(turn)
    assert np.abs(found[0].pixels.astype(int) - upright).max() <= 3


@pytest.mark.parametrize(("turn", "wanted"), [(0, Fraction(4, 3)), (90, Fraction(3, 4))])
def test_the_pixels_aspect_turns_with_them(tmp_path, turn, wanted):
    _, clip = read(clips.clip(tmp_path / "a.mp4", aspect="4/3", turn=turn))
    assert clip.aspect == wanted


def test_a_part_is_read_and_counted_from_its_beginning(tmp_path):
    path = clips.clip(tmp_path / "a.mp4")
    found, clip = read(path, start=0.1, end=0.2)
    kept = [stamp * clips.BASE for stamp in clips.UNEVEN]
    assert [frame.time for frame in found] == [time - Fraction(1, 10) for time in kept if 0.1 <= time < 0.2]
    assert clip.count is None
    with pytest.raises(ImageError, match="none is in the chosen part"):
        read(path, start=9.0)


def test_an_alpha_in_the_source_is_read(tmp_path):
    """FFmpeg's own decoder of VP9 drops it."""

    def make(number, size):
        return np.dstack([clips.picture(number, size), np.full(size, 128, np.uint8)])

    with av.open(str(tmp_path / "a.webm"), "w") as output:
        video = output.add_stream("libvpx-vp9", rate=30, options={"auto-alt-ref": "0"})
        video.height, video.width = clips.SIZE
        video.pix_fmt, video.metadata["alpha_mode"] = "yuva420p", "1"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(make(number, clips.SIZE), format="rgba")
            output.mux(video.encode(frame.reformat(format="yuva420p", threads=1)))
        output.mux(video.encode(None))
    found, _ = read(tmp_path / "a.webm")
    assert [frame.pixels.shape for frame in found] == [(*clips.SIZE, 4)] * 3
    assert abs(found[0].pixels[..., 3].astype(int) - 128).max() <= 3


@pytest.mark.parametrize(("curve", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_is_refused_by_name(tmp_path, curve, name):
    with pytest.raises(ImageError, match=rf"^.*a\.mp4: HDR by {name} .*; convert it to SDR"):
        read(clips.clip(tmp_path / "a.mp4", curve=curve))


def test_a_larger_frame_than_allowed_is_refused(tmp_path):
    path = clips.clip(tmp_path / "a.mp4")
    with pytest.raises(TooLarge, match="frames of 96x64 are more than"):
        Clip(path, max_megapixels=0.001)


def test_what_is_no_video_is_refused_in_a_line(tmp_path):
    PillowImage.new("RGB", (64, 64)).save(tmp_path / "png.mp4", "PNG")
    PillowImage.new("RGB", (64, 64)).save(tmp_path / "jpeg.mp4", "JPEG")
    (tmp_path / "noise.mp4").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "empty.mp4").write_bytes(b"")
    whole = clips.clip(tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with av.open(str(tmp_path / "sound.mp4"), "w") as output:
        clips.add_tone(output, output.add_stream("aac", rate=48000, layout="stereo"))
    for name, wanted in {
        "png": "a picture, not a video; use background-remover remove",
        "jpeg": "a picture, not a video; use background-remover remove",
        "noise": "no video that can be read",
        "empty": "empty; get a whole copy of the video",
        "cut": "no video that can be read",
        "sound": "holds no video; name a file that does",
        "missing": "no such file; check the name",
    }.items():
        with pytest.raises(ImageError) as raised:
            read(tmp_path / f"{name}.mp4")
        assert str(raised.value).startswith(f"{tmp_path / name}.mp4: {wanted}")
        assert "\n" not in str(raised.value)
        assert str(raised.value).count(name + ".mp4") == 1, "FFmpeg's own words name the file as well"
        assert "Errno" not in str(raised.value)
    with pytest.raises(ImageError, match="a folder, not a video"):
        read(tmp_path)


def test_damaged_packets_cost_their_frames_and_are_counted(tmp_path):
    path = clips.clip(tmp_path / "a.mov", codec="png", kind="rgb24")
    with av.open(str(path)) as source:
        packets = [bytes(packet) for packet in source.demux(video=0) if packet.size]
    data = path.read_bytes()
    place = data.index(packets[3])
    path.write_bytes(data[:place] + bytes(len(packets[3])) + data[place + len(packets[3]) :])
    found, clip = read(path)
    assert len(found) == len(packets) - 1
    assert clip.damaged == 1
