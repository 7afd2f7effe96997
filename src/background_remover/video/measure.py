"""`measure`: the length of a part of a video file and its number of frames, without decoding them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from background_remover.errors import ImageError, UnknownFormat
from background_remover.video.settings import VideoOptions

CONTAINERS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,gif,apng"
"""FFmpeg's names of containers that hold a video themselves: playlists name other files and addresses."""


@dataclass(frozen=True)
class Extent:
    """How long a video is, in seconds from its first frame to its last one, and how many frames it has."""

    seconds: float
    frames: int


def measure(path: Path, video: VideoOptions, most: Extent) -> Extent:
    """Return the extent of the chosen part of a file; more than `most` is not counted to its end.

    Raises `UnknownFormat` at what is no video in one of `CONTAINERS`, and `ImageError` where the part has no frame.
    """
    first, last, frames = float("inf"), 0.0, 0
    for packet, time in _packets(path):
        if video.end and packet.dts is not None and packet.dts * packet.time_base >= video.end:
            break
        if time < video.start or (video.end and time >= video.end):
            continue
        first, last, frames = min(first, time), max(last, time), frames + 1
        if last - first > most.seconds or frames > most.frames:
            break
    if not frames:
        raise ImageError(f"{path}: no frame is in the chosen part; choose another one, or check the file")
    return Extent(last - first, frames)


def _packets(path: Path) -> Iterator[tuple["Packet[VideoStream]", float]]:
    """Yield the packets of a file's video that have a time stamp, with that, in seconds."""
    with contextlib.closing(_opened(path)) as container:
        stream = next((one for one in container.streams.video if not one.disposition & Disposition.attached_pic), None)
        if stream is None:
            raise ImageError(f"{path}: holds no video; send one that does")
        with contextlib.suppress(av.error.InvalidDataError):  # the frames before the damage count
            for packet in container.demux(stream):
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is not None and packet.size:
                    yield packet, float(stamp * packet.time_base)


def _opened(path: Path) -> InputContainer:
    try:
        return av.open(str(path.absolute()), options={"format_whitelist": CONTAINERS})
    except av.error.FFmpegError as error:
        raise UnknownFormat(f"{path}: no video of a known format; send an MP4, MOV, WebM, MKV or AVI") from error
