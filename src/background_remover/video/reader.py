"""`Clip`: a video file, read frame by frame with its time stamps, upright and in sRGB of 8 bits."""

import contextlib
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.codec.context import CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from background_remover.errors import OR_RAISE, ImageError, TooLarge, one_line
from background_remover.imaging.paths import is_file, is_folder, is_there

_PICTURES = ("image2", "_pipe")  # how FFmpeg names its readers of single pictures
_HDR = {16: "PQ (SMPTE ST 2084)", 18: "HLG (ARIB STD-B67)"}  # transfer functions of ITU-T H.273
_WIDE = {9: "BT.2020", 11: "DCI-P3", 12: "Display P3"}  # primaries of ITU-T H.273 that sRGB doesn't hold
_MARGIN = 2  # seconds before a span in which the frames before it are looked for at first
_UNSPECIFIED, _BT601, _BT709, _HD = 2, 5, 1, 720  # matrices of H.273; from so many lines on BT.709 is the usual one


@dataclass(frozen=True)
class Span:
    """A part of what is read of a video: from `start` to before `end` in seconds; without an `end` all of it."""

    start: Fraction = Fraction(0)
    end: Fraction | None = None

    def __contains__(self, time: Fraction) -> bool:
        """Return whether a time lies in it."""
        return self.start <= time and (self.end is None or time < self.end)


WHOLE = Span()


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame: `pixels` (H, W, 3) or with an alpha (H, W, 4), uint8 sRGB; when it is shown, in seconds.

    One that isn't `inside` the span that is read is there to be compared with.
    """

    pixels: NDArray[np.uint8]
    time: Fraction
    inside: bool = True


class Clip:
    """An open video file."""

    def __init__(self, path: Path, *, start: float = 0.0, end: float = 0.0, max_megapixels: float) -> None:
        """Open a file, to be read from `start` to before `end`, both in seconds; an `end` of 0 is that of the file.

        Raises `ImageError` at what is no video, holds no frames or is HDR, and `TooLarge`.
        """
        self.path = path
        self.damaged: int = 0  # packets of what was read that couldn't be decoded, so far
        self.more: bool = False  # whether frames follow the span that was read
        self._span = WHOLE
        self._start, self._end = Fraction(start).limit_denominator(10**6), end
        self._container = opened(path)
        self._stream = self._video()
        context = self._stream.codec_context
        _check_colours(path, context.color_trc, context.color_primaries)
        if context.width * context.height > max_megapixels * 1e6:
            self.close()
            raise TooLarge(
                f"{path}: frames of {context.width}x{context.height} are more than {max_megapixels:g} megapixels; "
                f"shrink the video{OR_RAISE}"
            )
        self.time_base: Fraction = Fraction(self._stream.time_base or Fraction(1, 1000))
        self.rate: Fraction = Fraction(self._stream.average_rate or self._stream.guessed_rate or 25)

    @property
    def count(self) -> int | None:
        """The number of frames, where the file says it and all of them are read."""
        return (not self._start and not self._end and self._stream.frames) or None

    @property
    def has_sound(self) -> bool:
        """Whether it has sound."""
        return bool(self._container.streams.audio)

    @property
    def sound_rate(self) -> int:
        """The samples a second of the first sound; 1 where there is none."""
        return self._container.streams.audio[0].sample_rate if self.has_sound else 1

    @property
    def aspect(self) -> Fraction:
        """The width of an upright pixel by its height."""
        return self._aspect

    def frames(self, span: Span = WHOLE, reach: int = 0) -> Generator[Frame, None, None]:
        """Decode the frames of a span one after the other, and `reach` of those before and after it.

        Damaged packets are counted, and `more` says afterwards whether frames follow the span. Raises `ImageError`
        where no frame can be read, but for a span that begins later.
        """
        self._span, self.more = span, False
        found, after = False, 0
        for frame, time in self._near(span.start, reach, _MARGIN):
            found = True
            if span.end is not None and time >= span.end:
                self.more, after = True, after + 1
                if after > reach:
                    break
            self._aspect = self._upright_aspect(frame)
            yield Frame(self._pixels(frame), time, time in span)
        if not found and not span.start:
            raise ImageError(f"{self.path}: no frame of it can be read, or none is in the chosen part; check the file")

    def _near(self, start: Fraction, reach: int, margin: int) -> Iterator[tuple[VideoFrame, Fraction]]:
        """Yield the frames from `reach` before a time on, with their times; `margin` is in seconds."""
        begin = self._start + max(start - margin, Fraction(0))
        if begin or margin != _MARGIN:
            self._container.seek(int(begin / self.time_base), stream=self._stream)
            self._stream.codec_context.flush_buffers()  # of frames that were read ahead
        before: deque[tuple[VideoFrame, Fraction]] = deque(maxlen=reach)
        enough = margin >= start
        for frame, time in self._timed():
            if time < start:
                before.append((frame, time))
                continue
            if not enough and len(before) < reach:
                yield from self._near(start, reach, 4 * margin)
                return
            enough = True
            while before:
                yield before.popleft()
            yield frame, time

    def _timed(self) -> Iterator[tuple[VideoFrame, Fraction]]:
        """Yield the frames of the chosen part with their times, from where the file is read."""
        for frame in self._decoded():
            stamp = frame.pts if frame.pts is not None else frame.dts
            if stamp is None:
                raise ImageError(f"{self.path}: a frame has no time stamp; convert the video first")
            time = stamp * self.time_base
            if self._end and time >= self._end:
                return
            if time >= self._start:
                yield frame, time - self._start

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def __enter__(self) -> "Clip":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _video(self) -> VideoStream:
        for stream in self._container.streams.video:
            if not stream.disposition & Disposition.attached_pic:  # the cover of a piece of music
                stream.thread_type = "AUTO"
                return stream
        self.close()
        raise ImageError(f"{self.path}: holds no video; name a file that does")

    def _decoded(self) -> Iterator[VideoFrame]:
        decoder = _decoder(self._stream)
        with reading(self.path):
            for packet in self._container.demux(self._stream):
                yield from self._frames_of(decoder, packet)

    def _frames_of(self, decoder: Any, packet: "Packet[VideoStream]") -> list[VideoFrame]:
        try:
            return list(decoder.decode(packet if packet.size else None))
        except av.error.InvalidDataError:
            at_hand = packet.pts is None or packet.pts * self.time_base - self._start in self._span
            self.damaged += self._span == WHOLE or at_hand
            return []

    def _pixels(self, frame: VideoFrame) -> NDArray[np.uint8]:
        alpha = any(component.is_alpha for component in frame.format.components)
        matrix = frame.colorspace
        if matrix == _UNSPECIFIED:
            matrix = _BT709 if frame.height >= _HD else _BT601
        # Threads of FFmpeg's scaler write beyond their parts where a width is no multiple of 16.
        array: NDArray[Any] = frame.to_ndarray(format="rgba" if alpha else "rgb24", src_colorspace=matrix, threads=1)
        return np.ascontiguousarray(np.rot90(array, _quarter_turns(frame)), dtype=np.uint8)

    def _upright_aspect(self, frame: VideoFrame) -> Fraction:
        aspect = Fraction(self._stream.sample_aspect_ratio or 1) or Fraction(1)
        return 1 / aspect if _quarter_turns(frame) % 2 else aspect


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise `ImageError`, which names the file, where FFmpeg can't read it."""
    try:
        yield
    except av.error.FFmpegError as error:
        words = error.strerror or one_line(error)
        raise ImageError(f"{path}: no video that can be read ({words}); check the file") from error


def opened(path: Path) -> InputContainer:
    """Open a video file; raises `ImageError` at what is none: no file, a folder, a single picture, anything else."""
    if is_folder(path):
        raise ImageError(f"{path}: a folder, not a video; name a file in it")
    if not is_there(path):
        raise ImageError(f"{path}: no such file; check the name")
    if is_file(path) and not path.stat().st_size:
        raise ImageError(f"{path}: empty; get a whole copy of the video")
    with reading(path):
        container = av.open(str(path.absolute()))  # absolute, so that no name is taken for an address
    if any(container.format.name.endswith(name) for name in _PICTURES):
        container.close()
        raise ImageError(f"{path}: a picture, not a video; use background-remover remove")
    return container


def _decoder(stream: VideoStream) -> Any:
    """Return what decodes a stream: of VP9 with alpha libvpx, as FFmpeg's own decoder drops the alpha."""
    metadata = {key.lower(): value for key, value in stream.metadata.items()}
    if stream.codec_context.name != "vp9" or metadata.get("alpha_mode") != "1":
        return stream.codec_context
    decoder = CodecContext.create("libvpx-vp9", "r")
    decoder.extradata = stream.codec_context.extradata
    return decoder


def _check_colours(path: Path, transfer: int, primaries: int) -> None:
    """Raise `ImageError` at colours that sRGB doesn't hold."""
    if transfer in _HDR:
        raise ImageError(f"{path}: HDR by {_HDR[transfer]}; convert it to SDR (BT.709) first")
    if primaries in _WIDE:
        raise ImageError(f"{path}: colours in {_WIDE[primaries]}; convert it to BT.709 first")


def _quarter_turns(frame: VideoFrame) -> int:
    """Return how many quarter turns, counterclockwise, bring a frame upright."""
    return round(frame.rotation / 90) % 4
