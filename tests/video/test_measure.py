import pytest

from background_remover.errors import ImageError, UnknownFormat
from background_remover.video.measure import Extent, measure
from background_remover.video.settings import VideoOptions
from tests.conftest import png
from tests.video.clips import UNEVEN, clip, picture

ALL = Extent(1e9, 10**9)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
@pytest.mark.parametrize(
    ("start", "end", "first", "frames"), [(0, 0, 0, 8), (0.06, 0, 2, 6), (0.06, 0.17, 2, 4), (0, 0.01, 0, 1)]
)
def test_the_frames_of_a_part_are_counted_without_decoding_them(tmp_path, name, start, end, first, frames):
    path = clip(tmp_path / name, codec="libx264" if name == "a.mp4" else "libvpx-vp9")
    found = measure(path, VideoOptions(start, end), ALL)
    assert found.frames == frames
    assert found.seconds == pytest.approx((UNEVEN[first + frames - 1] - UNEVEN[first]) / 90000, abs=0.002)


def test_no_more_is_counted_than_may_be(tmp_path):
    path = clip(tmp_path / "a.mp4")
    assert measure(path, VideoOptions(), Extent(1e9, 2)).frames == 3
    assert measure(path, VideoOptions(), Extent(0.1, 100)).frames < 8


def test_what_is_no_video_is_refused(tmp_path):
    path = tmp_path / "a"
    for data in (b"", b"text", png(picture(0)), b"#EXTM3U\n#EXTINF:1,\nb.mp4\n", b"ffconcat version 1.0\nfile a\n"):
        path.write_bytes(data)
        with pytest.raises(UnknownFormat, match="known format"):
            measure(path, VideoOptions(), ALL)


def test_a_part_without_frames_is_refused(tmp_path):
    path = clip(tmp_path / "a.mp4")
    with pytest.raises(ImageError, match="chosen part"):
        measure(path, VideoOptions(5), ALL)
