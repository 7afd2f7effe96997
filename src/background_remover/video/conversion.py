"""`write_video`: from a video's file to that of its cutout."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from background_remover.errors import ImageError
from background_remover.imaging.atomic import check_place, whole
from background_remover.imaging.paths import is_same
from background_remover.options import Options
from background_remover.pipeline.subject_check import no_subject
from background_remover.remover import Remover
from background_remover.types import Levels
from background_remover.video.formats import AnimationFormat, VideoFormat, format_of
from background_remover.video.moving_picture import MovingPicture
from background_remover.video.png_folder import PngFolder, check_new_folder
from background_remover.video.reader import Clip
from background_remover.video.removal import clip_of, cuts
from background_remover.video.settings import VideoOptions
from background_remover.video.writer import VideoFile


@dataclass(frozen=True)
class VideoSummary:
    """What became of a video: its frames, how many of them have no subject or an unsure one, and notes for the user.

    `confidence` is the mean over all frames.
    """

    frames: int
    empty: int
    unsure: int
    confidence: float
    notes: tuple[str, ...]


class Target(Protocol):
    """What frames are written to."""

    notes: list[str]

    def write(self, pixels: Levels, time: Fraction) -> None:
        """Write a frame, shown at a time in seconds."""

    def finish(self) -> None:
        """Write what is left."""

    def close(self) -> None:
        """Release what is open."""


Format = VideoFormat | AnimationFormat | None
"""What a target's name stands for; None is a folder of PNG files."""

Progress = Callable[[int, int | None], None]
"""Called after each frame with the number of those that are done, and of all, or None where the file doesn't say."""


def write_video(
    remover: Remover, source: Path, target: Path, options: Options, video: VideoOptions, progress: Progress
) -> VideoSummary:
    """Cut out a video file into the file or folder `target`, which appears whole or not at all.

    Raises as `remove_video` does, `ImageError` where writing fails, and `NoSubject` where no frame has one and
    `allow_empty` is off.
    """
    form = format_of(target, options, video.quality)
    if form is None:
        check_new_folder(target)
    else:
        check_place(target)
    if is_same(source, target):
        raise ImageError(f"{target}: is the video to be read and would be lost; choose another name")
    with clip_of(source, options, video) as clip, _opened(target, form, clip, video) as output:
        summary = _written(remover, clip, output, options, video, progress)
        if summary.empty == summary.frames and not options.allow_empty:
            raise no_subject(summary.confidence, options, name=str(source), allow="allow-empty")
        output.finish()
        notes = (*output.notes, *summary.notes, *_losses(clip, target, form, video))
    return replace(summary, notes=notes)


def _written(
    remover: Remover, clip: Clip, output: Target, options: Options, video: VideoOptions, progress: Progress
) -> VideoSummary:
    frames, empty, unsure, sure = 0, 0, 0, 0.0
    for one in cuts(remover, clip.frames(), options, video):
        output.write(one.cut.result.pixels, one.time)
        frames, sure = frames + 1, sure + one.cut.confidence
        empty, unsure = empty + one.cut.empty, unsure + one.cut.unsure
        progress(frames, clip.count)
    damage = f"{clip.path}: {clip.damaged} damaged packets were left out, and their frames with them"
    return VideoSummary(frames, empty, unsure, sure / frames, (damage,) if clip.damaged else ())


def _losses(clip: Clip, target: Path, form: Format, video: VideoOptions) -> Iterator[str]:
    """Yield a note for each thing of a clip that a format has no place for."""
    if clip.aspect != 1 and not (isinstance(form, VideoFormat) and form.aspect):
        shape = f"{clip.aspect.numerator}:{clip.aspect.denominator}"
        yield f"{target}: pixels of {shape} become square ones; a .mov or .mp4 keeps them"
    if isinstance(form, AnimationFormat) and clip.has_sound and video.audio:
        yield f"{target}: the sound is left out, for {form.label} has none; a .webm keeps it"


@contextlib.contextmanager
def _opened(target: Path, form: Format, clip: Clip, video: VideoOptions) -> Iterator[Target]:
    """Open what is written to; a block that raises leaves nothing of it."""
    if form is None:
        with contextlib.closing(PngFolder(target)) as folder:
            yield folder
        return
    with whole(target) as hidden:
        if isinstance(form, AnimationFormat):
            picture = MovingPicture(hidden, str(target), form, clip, video.quality)
            with contextlib.closing(picture):
                yield picture
            return
        with contextlib.closing(VideoFile(hidden, str(target), form, clip, video)) as file:
            yield file
