"""`VideoFile`: frames and sound, encoded into a video file."""

import contextlib
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from background_remover.errors import ImageError
from background_remover.runtime.parallel import cores
from background_remover.video.formats import VideoFormat
from background_remover.video.reader import Clip, opened
from background_remover.video.settings import VideoOptions
from background_remover.video.sound import Sound

_BT709, _LIMITED = 1, 1  # in the numbers of ITU-T H.273, and of FFmpeg's `AVColorRange`
_KINDS = {1: "gray", 3: "rgb24", 4: "rgba"}  # channels of an array -> FFmpeg's name of its pixel format


class VideoFile:
    """A video file that is being written; its time stamps are those of its frames, in the source's own time base."""

    def __init__(self, path: Path, name: str, form: VideoFormat, clip: Clip, video: VideoOptions) -> None:
        """Open a file for the frames made of a video, with its sound; `name` stands for the file in notes."""
        self._name, self._form, self._clip, self._video = name, form, clip, video
        settings = {}
        if form.container in ("mov", "mp4"):  # where a stream begins is rounded to this, by default to milliseconds
            settings["movie_timescale"] = str(math.lcm(clip.time_base.denominator, clip.sound_rate))
        self._output = av.open(str(path.absolute()), "w", format=form.container, options=settings)
        self._stream: VideoStream | None = None
        self._appended: int | None = None  # the last decoding time of segments, in their own time base
        self._sound: Sound | None = None
        self.notes: list[str] = []

    def write(self, pixels: NDArray[Any], time: Fraction) -> None:
        """Encode a frame: (H, W), (H, W, 3) or (H, W, 4), uint8, shown at `time`, in seconds.

        Raises `ImageError` where the encoder refuses it.
        """
        if self._form.even:
            pixels = self._padded(pixels)
        with _refused(self._name):
            if self._stream is None:
                self._stream = self._begin(pixels)
            frame = self._frame(pixels, self._stream)
            frame.time_base = self._clip.time_base
            frame.pts = round(time / self._clip.time_base)
            self._output.mux(self._stream.encode(frame))
            if self._sound is not None:
                self._sound.write_until(float(time))

    def append(self, segment: Path) -> None:
        """Write the frames of a segment as they are encoded in it, in place of `write`.

        It is a file that such a one wrote for the next part of the video, with the same options but for the sound.
        Raises `ImageError` as `write` does.
        """
        with contextlib.closing(opened(segment)) as source, _refused(self._name):
            video = source.streams.video[0]
            if self._stream is None:
                self._stream = self._begin_like(video)
            for packet in source.demux(video):
                if packet.pts is None or packet.dts is None:
                    continue
                # Encoders begin to count before the first frame, at uneven times by more than frames are apart.
                if self._appended is not None:
                    packet.dts = max(packet.dts, self._appended + 1)
                self._appended = packet.dts
                time = packet.pts * packet.time_base
                packet.stream = self._stream
                self._output.mux(packet)
                if self._sound is not None:
                    self._sound.write_until(float(time))

    def finish(self) -> None:
        """Write what the encoders hold, and the rest of the sound; raises `ImageError` as `write` does."""
        with _refused(self._name):
            if self._stream is not None and self._appended is None:
                self._output.mux(self._stream.encode(None))
            if self._sound is not None:
                self._sound.write_until(math.inf)
            self.close()

    def close(self) -> None:
        """Close the file and the source of the sound."""
        if self._sound is not None:
            self._sound.close()
            self._sound = None
        self._output.close()

    def _begin(self, pixels: NDArray[Any]) -> VideoStream:
        """Add the video, and then the sound, for frames like the first one."""
        form, settings = self._form, dict(self._form.settings)
        if form.crf:
            settings["crf"] = str(form.crf_of(self._video.quality))
        stream = cast(VideoStream, self._output.add_stream(form.codec, rate=self._clip.rate, options=settings))
        context = stream.codec_context
        context.height, context.width = pixels.shape[:2]
        context.pix_fmt = form.pixels[_channels(pixels)]
        context.time_base = stream.time_base = self._clip.time_base
        context.sample_aspect_ratio = self._clip.aspect
        context.thread_count = cores()
        if self._in_yuv(stream):
            context.colorspace = context.color_primaries = context.color_trc = _BT709
            context.color_range = _LIMITED
        if form.container == "webm" and _channels(pixels) == 4:
            stream.metadata["alpha_mode"] = "1"
        if self._video.audio:
            self._add_sound()
        return stream

    def _begin_like(self, video: VideoStream) -> VideoStream:
        """Add a video of packets like those of a segment, and then the sound."""
        stream = self._output.add_stream_from_template(video)
        stream.time_base = self._clip.time_base
        if "alpha_mode" in {key.lower() for key in video.metadata}:
            stream.metadata["alpha_mode"] = "1"
        if self._video.audio:
            self._add_sound()
        return stream

    def _add_sound(self) -> None:
        video = self._video
        self._sound = Sound(self._clip.path, self._output, self._form, start=video.start, end=video.end)
        if self._sound.encoded:
            self.notes.append(
                f"{self._name}: the sound was encoded again as {self._sound.encoded}, "
                f"for {self._form.container} doesn't take the source's"
            )

    def _frame(self, pixels: NDArray[Any], stream: VideoStream) -> VideoFrame:
        in_yuv = self._in_yuv(stream)
        if in_yuv and pixels.ndim == 2:
            pixels = np.repeat(pixels[..., None], 3, axis=2)
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=_KINDS[_channels(pixels)])
        if not in_yuv:
            return frame.reformat(format=stream.pix_fmt, threads=1)
        frame = frame.reformat(
            format=stream.pix_fmt, dst_colorspace="ITU709", src_color_range="JPEG", dst_color_range="MPEG", threads=1
        )
        frame.colorspace = _BT709
        frame.color_range = _LIMITED
        return frame

    def _in_yuv(self, stream: VideoStream) -> bool:
        return "yuv" in (stream.pix_fmt or "")

    def _padded(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Repeat the last row or column where a side is odd, and note it once."""
        height, width = pixels.shape[:2]
        if not (height % 2 or width % 2):
            return pixels
        if self._stream is None:
            even = f"{width + width % 2}x{height + height % 2}"
            self.notes.append(f"{self._name}: {self._form.label} has even sides; padded {width}x{height} to {even}")
        around = [(0, height % 2), (0, width % 2), (0, 0)][: pixels.ndim]
        return np.pad(pixels, around, mode="edge")


def _channels(pixels: NDArray[Any]) -> int:
    return 1 if pixels.ndim == 2 else int(pixels.shape[2])


@contextlib.contextmanager
def _refused(name: str) -> Iterator[None]:
    """Raise `ImageError` where FFmpeg refuses what the block does; errors of the system, as a full disk, pass."""
    try:
        yield
    except av.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise ImageError(f"{name}: can't be written ({error.strerror}); choose another format or size") from error
