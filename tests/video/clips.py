"""Clips of a bright square that moves over a dark ground, written by PyAV, and what PyAV reads of a file."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE = (64, 96)
BASE = Fraction(1, 90000)
UNEVEN = (0, 3000, 6000, 10500, 13500, 15000, 18001, 21000)
"""Time stamps of frames at a variable rate, in units of `BASE`."""


SAMPLES = {"s16": (8e3, np.int16), "s32": (5e8, np.int32), "flt": (0.25, np.float32)}
"""A sample's format -> a tone's amplitude in it, and its type."""


def picture(number, size=SIZE):
    """A frame, (H, W, 3): a bright square on a dark gradient."""
    height, width = size
    frame = np.empty((height, width, 3), np.uint8)
    frame[:] = np.linspace(20, 60, width).astype(np.uint8)[None, :, None]
    frame[height // 4 : 3 * height // 4, 10 + 3 * number : 40 + 3 * number] = (230, 240, 220)
    return frame


def clip(
    path,
    stamps=UNEVEN,
    size=SIZE,
    *,
    codec="libx264",
    kind="yuv420p",
    sound="",
    turn=0,
    aspect=1,
    curve=1,
    make=picture,
):
    """Write a clip and return its path; `sound` is a codec, `turn` the degrees of its display matrix.

    `curve` is the number of its transfer function in ITU-T H.273.
    """
    with av.open(str(path), "w") as output:
        options = {"qp": "0"} if codec == "libx264" else {}
        video = output.add_stream(codec, rate=30, options=options)
        video.width, video.height, video.pix_fmt = size[1], size[0], kind
        video.codec_context.time_base = video.time_base = BASE
        video.codec_context.sample_aspect_ratio = Fraction(aspect)
        video.codec_context.color_trc = curve
        if turn:
            video.set_display_rotation(turn)
        audio = output.add_stream(sound, rate=48000, layout="stereo") if sound else None
        for number, stamp in enumerate(stamps):
            frame = av.VideoFrame.from_ndarray(picture(number, size), format="rgb24").reformat(format=kind, threads=1)
            frame.pts, frame.time_base = stamp, BASE
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        if audio is not None:
            add_tone(output, audio)
    return path


def add_tone(output, audio):
    """Encode a tone of ten frames of sound."""
    samples = audio.codec_context.frame_size or 1024
    kind = audio.codec_context.format
    for number in range(10):
        wave = np.sin(np.arange(number * samples, (number + 1) * samples) / 20)
        scale, dtype = SAMPLES[kind.name.removesuffix("p")]
        one = (wave * scale).astype(dtype)
        planes = np.stack([one, one]) if kind.is_planar else np.repeat(one, 2)[None]
        frame = av.AudioFrame.from_ndarray(planes, format=kind.name, layout="stereo")
        frame.sample_rate, frame.pts = 48000, number * samples
        output.mux(audio.encode(frame))
    output.mux(audio.encode(None))


def frames(path: Path, kind="rgb24", decoder=""):
    """The frames of a file as (N, H, W, C), and their times in seconds."""
    found, times = [], []
    with av.open(str(path)) as source:
        video = source.streams.video[0]
        context = av.CodecContext.create(decoder, "r") if decoder else video.codec_context
        for packet in source.demux(video):
            for frame in context.decode(packet if packet.size else None):
                found.append(frame.to_ndarray(format=kind, threads=1))
                times.append(frame.pts * video.time_base)
    return np.stack(found), times


def sound_packets(path: Path):
    """The bytes of a file's sound, by the time of each packet in seconds."""
    with av.open(str(path)) as source:
        audio = source.streams.audio[0]
        return {packet.pts * audio.time_base: bytes(packet) for packet in source.demux(audio) if packet.dts is not None}
