"""`resume_video`: `write_video` by segments, of which a run that was ended keeps those that are done."""

import contextlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from background_remover.errors import ImageError, NoSubject
from background_remover.imaging.atomic import check_place, whole
from background_remover.imaging.paths import is_same
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.video.conversion import SpanSummary, VideoSummary, check_subject, summed, write_span
from background_remover.video.formats import video_format
from background_remover.video.reader import Span
from background_remover.video.removal import Progress, clip_of
from background_remover.video.segments.journal import Journal, run_of
from background_remover.video.settings import VideoOptions
from background_remover.video.writer import VideoFile

SECONDS = 20  # of a segment: the most that a run which is ended loses


def resume_video(
    remover: Remover,
    source: Path,
    target: Path,
    options: Options,
    video: VideoOptions,
    progress: Progress,
    *,
    model: str,
    seconds: Fraction = Fraction(SECONDS),
    overwrite: bool = False,
) -> VideoSummary:
    """Cut out a video file into the file `target` by segments of so many seconds.

    They lie in a hidden folder beside `target` until all are done and joined. Where the process is ended, the next call
    goes on after the last one that is done. Each begins with a key frame; but for that the result is that of
    `write_video`. `model` is the name of the remover's. Raises as `write_video` does, `OptionError` at a target that is
    no video file, and `ImageError` where another process works on these segments, or they are of another run; with
    `overwrite` such are replaced.
    """
    video_format(target, options, video.quality)  # refuses what can't be joined
    check_place(target)
    if is_same(source, target):
        raise ImageError(f"{target}: is the video to be read and would be lost; choose another name")
    clip_of(source, options, video).close()  # refuses what can't be read before a folder is made
    run = run_of(source, options, video, model)
    with contextlib.closing(Journal.opened(target, run, overwrite=overwrite)) as journal:
        try:
            while not journal.whole:
                number = len(journal.parts)
                span, segment = Span(number * seconds, (number + 1) * seconds), journal.file(number, target.suffix)
                after = _after(journal.frames, progress)
                journal.add(write_span(remover, source, segment, span, target, options, video, after), segment)
            check_subject(source, journal.parts, options)
        except BaseException as error:
            if not journal.parts or isinstance(error, NoSubject):  # there is nothing to go on with
                journal.remove()
            raise
        parts = journal.parts
        files = [journal.file(number, target.suffix) for number, part in enumerate(parts) if part.frames]
        notes = each_once(joined(files, source, target, options, video), parts)
        journal.remove()
        return summed(source, parts, notes)


def _after(done: int, progress: Progress) -> Progress:
    """Return what to call for a segment, before which so many frames are done."""
    return lambda frames, count: progress(done + frames, count)


def joined(segments: Iterable[Path], source: Path, target: Path, options: Options, video: VideoOptions) -> list[str]:
    """Write the target of its segments and the source's sound, without encoding frames again; return notes on it."""
    form = video_format(target, options, video.quality)
    with (
        clip_of(source, options, video) as clip,
        whole(target) as hidden,
        contextlib.closing(VideoFile(hidden, str(target), form, clip, video)) as output,
    ):
        for segment in segments:
            output.append(segment)
        output.finish()
        return output.notes


def each_once(notes: Sequence[str], parts: Sequence[SpanSummary]) -> tuple[str, ...]:
    """Return notes on a video, and those on its parts, each once."""
    return tuple(dict.fromkeys([*notes, *(note for part in parts for note in part.notes)]))
