"""`AnimationFile`: frames as an animated WebP, GIF or PNG."""

from fractions import Fraction
from pathlib import Path

from background_remover.errors import ImageError
from background_remover.imaging import animation
from background_remover.imaging.animation import Timing
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.writer import Result
from background_remover.types import Levels
from background_remover.video.formats import AnimationFormat
from background_remover.video.reader import Clip

MAX_PIXELS = 100_000_000
"""Of all frames together: the encoders hold each of them, in 7 to 11 bytes a pixel."""


class AnimationFile:
    """An animation, encoded at `finish` and shown for ever; its first frame is at time 0."""

    def __init__(self, path: Path, name: str, form: AnimationFormat, clip: Clip, quality: int) -> None:
        """Collect the frames for a file, which messages call `name`."""
        self._path, self._name, self._form = path, name, form
        self._saving = OutputOptions(quality=quality)
        self._length = 1 / clip.rate  # of the last frame, in seconds
        self._expected = (clip.count or 0) if 1000 * self._length >= form.shortest + form.step else 0
        self._results: list[Result] = []
        self._times: list[int] = []  # of the frames that are kept, in milliseconds from the first one
        self._first = self._last = Fraction(0)
        self._inexact, self._left_out = False, 0
        self.notes: list[str] = []

    def write(self, pixels: Levels, time: Fraction) -> None:
        """Keep a frame, (H, W), (H, W, 3) or (H, W, 4), uint8, shown at `time`, in seconds.

        A frame that would end the one before sooner than viewers can show it is left out. Raises `ImageError` where the
        frames are more than memory is meant for.
        """
        if not self._results:
            self._first = time
        self._last = time
        self._inexact |= (time - self._first) * 1000 % self._form.step != 0
        start = self._milliseconds(time)
        if self._times and start - self._times[-1] < self._form.shortest:
            self._left_out += 1
            return
        self._results.append(Result(pixels))
        self._times.append(start)
        self._check_memory()

    def finish(self) -> None:
        """Encode the frames and write the file; raises `ImageError` where the format can't hold them."""
        end = max(self._milliseconds(self._last + self._length), self._times[-1] + self._form.shortest)
        lengths = [after - before for before, after in zip(self._times, [*self._times[1:], end], strict=True)]
        timing = Timing(tuple(map(float, lengths)), plays=0)
        self._path.write_bytes(animation.encode(self._results, timing, self._saving, self._form.kind, self._name))
        self._add_notes()

    def close(self) -> None:
        """Release the frames."""
        self._results.clear()

    def _milliseconds(self, time: Fraction) -> int:
        return round((time - self._first) * 1000 / self._form.step) * self._form.step

    def _check_memory(self) -> None:
        height, width = self._results[0].size
        most = max(MAX_PIXELS // (height * width), 1)
        frames = max(len(self._results), self._expected)
        if frames > most:
            raise ImageError(
                f"{self._name}: at most {most} frames of {width}x{height} become a {self._form.label}, for all are "
                "held in memory; write a .webm, or take a shorter part, or shrink the frames by longest"
            )

    def _add_notes(self) -> None:
        form = self._form
        if form.one_bit and self._results[0].transparent:
            self.notes.append(
                f"{self._name}: {form.label} has 1 bit of alpha, so edges are hard; a .webp or .apng has 8"
            )
        if self._inexact and form.step > 1:
            self.notes.append(f"{self._name}: times are rounded, for {form.label} counts in hundredths of a second")
        if self._left_out:
            self.notes.append(
                f"{self._name}: {self._left_out} frames are left out, for viewers show none for less than "
                f"{form.shortest} ms; a .webm keeps them"
            )
