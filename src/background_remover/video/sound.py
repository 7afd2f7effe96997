"""`Sound`: the sound of one video file, for another: packets as they are, or encoded again where that can't be."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from background_remover.video.formats import VideoFormat
from background_remover.video.reader import opened, reading

_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}  # by channels
_OPUS_RATE = 48000  # samples a second, whatever the source has


class Sound:
    """The sound of a file, on its way to another one, which gets each packet once its frames come to that time."""

    def __init__(self, path: Path, output: OutputContainer, form: VideoFormat, *, start: float, end: float) -> None:
        """Add the first sound of a file, if it has one, to an open output, encoded where `form` doesn't copy it.

        Only what is from `start` to before `end`, in seconds, is kept; 0 is the end of the file.
        """
        self._output, self._path = output, path
        self._start, self._end = Fraction(start).limit_denominator(10**6), end
        self._input = opened(path)
        self._next: Packet[AudioStream] | None = None
        self.encoded: str = ""  # the name of the codec, where the sound is encoded again
        self._packets: Iterator[Packet[AudioStream]] = iter(())
        if self._input.streams.audio:
            source = self._input.streams.audio[0]
            copied = source.codec.canonical_name in form.copied
            self._packets = self._copied(source) if copied else self._encoded(source, form.sound)
            self._next = next(self._packets, None)

    def write_until(self, time: float) -> None:
        """Write the packets that begin before a time of the result, in seconds; infinity writes all."""
        while self._next is not None and (self._next.pts or 0) * self._next.time_base < time:
            self._output.mux(self._next)
            self._next = next(self._packets, None)

    def close(self) -> None:
        """Close the source."""
        self._input.close()

    def _copied(self, source: AudioStream) -> "Iterator[Packet[AudioStream]]":
        target = self._output.add_stream_from_template(source)
        return self._moved(source, target)

    def _moved(self, source: AudioStream, target: AudioStream) -> "Iterator[Packet[AudioStream]]":
        for packet in self._kept(source):
            packet.stream = target
            yield packet

    def _kept(self, source: AudioStream) -> "Iterator[Packet[AudioStream]]":
        """Yield the packets of the chosen part, with their time stamps counted from its beginning."""
        base = Fraction(source.time_base or 1)
        shift = round(self._start / base)
        if shift:
            self._input.seek(shift, stream=source)
        with reading(self._path):
            for packet in self._input.demux(source):
                if packet.pts is None or packet.dts is None or (shift and packet.pts < shift):
                    continue
                if self._end and packet.pts * base >= self._end:
                    return
                packet.pts -= shift
                packet.dts -= shift
                yield packet

    def _encoded(self, source: AudioStream, encoder: str) -> "Iterator[Packet[AudioStream]]":
        rate = _OPUS_RATE if encoder == "libopus" else source.codec_context.sample_rate
        layout = _LAYOUTS.get(source.codec_context.channels, "stereo")
        target = cast(AudioStream, self._output.add_stream(encoder, rate=rate, layout=layout))
        target.codec_context.open()
        self.encoded = target.codec_context.name
        return self._again(source, target)

    def _again(self, source: AudioStream, target: AudioStream) -> "Iterator[Packet[AudioStream]]":
        context = target.codec_context
        resampler = av.AudioResampler(context.format, context.layout, context.sample_rate, context.frame_size)
        for packet in self._kept(source):
            for frame in source.codec_context.decode(packet):
                for part in resampler.resample(frame):
                    yield from target.encode(part)
        for part in resampler.resample(None):
            yield from target.encode(part)
        yield from target.encode(None)
