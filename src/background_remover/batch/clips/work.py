"""`do_clip`: one video of a batch, from its file to that of its cutout."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.job import Changed, Job, Outcome, recorded
from background_remover.batch.record import Record, Stamp
from background_remover.errors import Cancelled, Error
from background_remover.imaging.file import check_ordinary
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.runtime.progress import line
from background_remover.video.formats import FORMATS

if TYPE_CHECKING:
    from background_remover.video.conversion import VideoSummary

INTERVAL = 60.0  # seconds between two messages on how far a video is


def do_clip(
    job: Job,
    remover: Callable[[], Remover],
    model: str,
    options: Options,
    clips: ClipOptions,
    ended: Callable[[], bool] = lambda: False,
    say: Callable[[str], None] = lambda _: None,
) -> Record | None:
    """Cut out one video and write the result, whole or not at all; None where it was given up, for `ended()` is true.

    Where the result is a video file it is made by segments, which the next run with the same options goes on with. All
    else is in the record, as `job.do` has it. `remover` opens the network; `say` writes now and then how far it is.
    """
    start = last = monotonic()

    def progress(frames: int, count: int | None) -> None:
        nonlocal last
        if ended():
            raise Cancelled(f"{job.source}: given up after {frames} frames; --resume goes on")
        now = monotonic()
        if now - last >= INTERVAL:
            last = now
            say(f"{job.source}: {line(frames, 0, count, now - start, 'frames')}")

    def work(stamp: Stamp | None, outcome: Outcome) -> None:
        own, video = replace(options, **job.prompts.of_video()), clips.video_of(job.prompts)
        check_ordinary(job.source)
        job.target.parent.mkdir(parents=True, exist_ok=True)
        check_extra()
        write = _writer(job.target, model)
        summary = write(remover(), job.source, job.target, own, video, progress)
        if job.stamp() != stamp:
            job.target.unlink()
            raise Changed(job.source)
        note(outcome, summary)

    with contextlib.suppress(Cancelled):
        return recorded(job, model, work)
    return None


def check_extra() -> None:
    """Raise `Error` where the extra for videos isn't installed."""
    try:
        import background_remover.video.conversion  # noqa: F401
    except ImportError as error:
        raise Error(f"a video needs an extra ({error}); pip install 'background-remover[video]'") from error


def note(outcome: Outcome, summary: "VideoSummary") -> None:
    """Note what became of a video that is written."""
    outcome.written, outcome.frames, outcome.duration = 1, summary.frames, round(summary.seconds, 3)
    outcome.size, outcome.confidence = summary.size, round(summary.confidence, 4)
    outcome.unsure, outcome.notes = summary.unsure > 0, summary.notes


def _writer(target: Path, model: str) -> "Callable[..., VideoSummary]":
    """Return what writes a video: by segments where its format has them."""
    # Here, as they need an extra.
    from background_remover.video.conversion import write_video
    from background_remover.video.segments.resumption import resume_video

    return partial(resume_video, model=model, overwrite=True) if target.suffix.lower() in FORMATS else write_video
