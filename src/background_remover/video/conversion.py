"""`write_video`: from a video's file to that of its cutout."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from background_remover.errors import ImageError, naming
from background_remover.imaging.atomic import check_place, whole
from background_remover.imaging.paths import is_same
from background_remover.options import Options
from background_remover.pipeline.subject_check import no_subject
from background_remover.remover import Remover
from background_remover.runtime.allocator import return_freed_memory
from background_remover.types import Levels, Size
from background_remover.video.animation_file import AnimationFile
from background_remover.video.formats import AnimationFormat, VideoFormat, format_of, video_format
from background_remover.video.png_folder import PngFolder, check_new_folder
from background_remover.video.reader import WHOLE, Clip, Span
from background_remover.video.removal import Progress, clip_of, cuts, reach_of
from background_remover.video.settings import VideoOptions
from background_remover.video.writer import VideoFile


@dataclass(frozen=True)
class VideoSummary:
    """What became of a video: its frames, how many of them have no subject or an unsure one, and notes for the user.

    `confidence` is the mean over all frames, `size` that of a frame, (height, width), and `seconds` when the last ends.
    """

    frames: int
    empty: int
    unsure: int
    confidence: float
    notes: tuple[str, ...]
    size: Size
    seconds: float


@dataclass(frozen=True)
class SpanSummary:
    """What became of a part of a video: as `VideoSummary`, with the sum of its frames' confidences.

    `damaged` packets were left out; `more` says whether frames follow.
    """

    frames: int
    empty: int
    unsure: int
    confidences: float
    damaged: int
    more: bool
    size: Size = (0, 0)
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


class Target(Protocol):
    """What frames are written to."""

    notes: list[str]

    def write(self, pixels: Levels, time: Fraction) -> None:
        """Write a frame, shown at a time in seconds."""

    def finish(self) -> None:
        """Write what is left."""

    def close(self) -> None:
        """Release what is open."""


TRIM = 250  # frames after which freed memory is returned, or its pieces between what is in use would add up
Format = VideoFormat | AnimationFormat | None
"""What a target's name stands for; None is a folder of PNG files."""


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
        part = _written(remover, clip, WHOLE, output, options, video, progress)
        check_subject(source, [part], options)
        output.finish()
        return summed(source, [part], (*output.notes, *_losses(clip, target, form, video)))


def write_span(
    remover: Remover,
    source: Path,
    segment: Path,
    span: Span,
    target: Path,
    options: Options,
    video: VideoOptions,
    progress: Progress,
) -> SpanSummary:
    """Cut out a part of a video file into the file `segment`, without its sound, as `write_video` does with the whole.

    The frames, and their time stamps, are those of the whole, for those around the part are read as well;
    `VideoFile.append` joins segments. `target` is the name that notes give. A part without frames makes no file. Raises
    as `remove_video` does, and `ImageError` where writing fails.
    """
    form = video_format(target, options, video.quality)
    with clip_of(source, options, video) as clip:
        silent = replace(video, audio=False)
        with _segment(segment, target, form, clip, silent) as output:
            part = _written(remover, clip, span, output, options, video, progress)
            if part.frames:
                output.finish()
        if not part.frames:
            segment.unlink(missing_ok=True)
            return part
        return replace(part, notes=(*output.notes, *_losses(clip, target, form, video)))


def summed(source: Path, parts: Sequence[SpanSummary], notes: tuple[str, ...]) -> VideoSummary:
    """Return the summary of a video from those of its parts, with these notes."""
    frames, empty, unsure, damaged = (
        sum(getattr(part, name) for part in parts) for name in ("frames", "empty", "unsure", "damaged")
    )
    damage = f"{source}: {damaged} damaged packets were left out, and their frames with them"
    notes += (damage,) if damaged else ()
    size = next(part.size for part in parts if part.frames)
    seconds = max(part.seconds for part in parts)
    return VideoSummary(frames, empty, unsure, _confidence(parts), notes, size, seconds)


def check_subject(source: Path, parts: Sequence[SpanSummary], options: Options) -> None:
    """Raise `NoSubject` where no frame of a video has one and `allow_empty` is off."""
    if all(part.empty == part.frames for part in parts) and not options.allow_empty:
        raise no_subject(_confidence(parts), options, name=str(source), allow=naming("allow_empty"))


def _confidence(parts: Sequence[SpanSummary]) -> float:
    return sum(part.confidences for part in parts) / sum(part.frames for part in parts)


def _written(
    remover: Remover,
    clip: Clip,
    span: Span,
    output: Target,
    options: Options,
    video: VideoOptions,
    progress: Progress,
) -> SpanSummary:
    frames, empty, unsure, sure, size, end = 0, 0, 0, 0.0, (0, 0), Fraction(0)
    for one in cuts(remover, clip.frames(span, reach_of(options, video)), options, video):
        output.write(one.cut.result.pixels, one.time)
        frames, sure = frames + 1, sure + one.cut.confidence
        empty, unsure = empty + one.cut.empty, unsure + one.cut.unsure
        size, end = one.cut.result.size, one.time + 1 / clip.rate
        progress(frames, clip.count)
        if frames % TRIM == 0:
            return_freed_memory()
    return SpanSummary(frames, empty, unsure, sure, clip.damaged, clip.more, size, float(end))


@contextlib.contextmanager
def _segment(segment: Path, target: Path, form: VideoFormat, clip: Clip, video: VideoOptions) -> Iterator[VideoFile]:
    """Open a segment of a target to be written."""
    try:
        with contextlib.closing(VideoFile(segment, str(target), form, clip, video)) as file:
            yield file
    except OSError as error:
        raise ImageError(f"{target}: can't be written ({error.strerror or error}); make room, and go on") from error


def _losses(clip: Clip, target: Path, form: Format, video: VideoOptions) -> Iterator[str]:
    """Yield a note for each thing of a video that a format has no place for."""
    if clip.aspect != 1 and not (isinstance(form, VideoFormat) and form.aspect):
        shape = f"{clip.aspect.numerator}:{clip.aspect.denominator}"
        yield f"{target}: pixels of {shape} become square ones; a .mov or .mp4 keeps them"
    if not isinstance(form, VideoFormat) and clip.has_sound and video.audio:
        what = "a folder of PNG files" if form is None else form.label
        yield f"{target}: the sound is left out, for {what} has none; a .webm keeps it"


@contextlib.contextmanager
def _opened(target: Path, form: Format, clip: Clip, video: VideoOptions) -> Iterator[Target]:
    """Open what is written to; a block that raises leaves nothing of it."""
    if form is None:
        with contextlib.closing(PngFolder(target)) as folder:
            yield folder
        return
    with whole(target) as hidden:
        if isinstance(form, AnimationFormat):
            picture = AnimationFile(hidden, str(target), form, clip, video.quality)
            with contextlib.closing(picture):
                yield picture
            return
        with contextlib.closing(VideoFile(hidden, str(target), form, clip, video)) as file:
            yield file
