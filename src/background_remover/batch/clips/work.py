"""`do_clip`: one video of a batch, from its file to that of its cutout."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.job import Changed, Job, Outcome, recorded
from background_remover.batch.record import Record, Stamp
from background_remover.errors import Cancelled, Error
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.video.formats import FORMATS

if TYPE_CHECKING:
    from background_remover.video.conversion import VideoSummary


def do_clip(
    job: Job,
    remover: Callable[[], Remover],
    model: str,
    options: Options,
    clips: ClipOptions,
    ended: Callable[[], bool] = lambda: False,
) -> Record | None:
    """Cut out one video and write the result, whole or not at all; None where it was given up, for `ended()` is true.

    Where the result is a video file it is made by segments, which the next run with the same options goes on with. All
    else is in the record, as `job.do` has it. `remover` opens the network.
    """

    def progress(frames: int, count: int | None) -> None:  # noqa: ARG001 - as `Progress` has it
        if ended():
            raise Cancelled(f"{job.source}: given up after {frames} frames; --resume goes on")

    def work(stamp: Stamp | None, outcome: Outcome) -> None:
        own = replace(options, **job.prompts.given())
        job.target.parent.mkdir(parents=True, exist_ok=True)
        check_extra()
        write = _writer(job.target, model)
        summary = write(remover(), job.source, job.target, own, clips.video, progress)
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

    return partial(resume_video, model=model, anew=True) if target.suffix.lower() in FORMATS else write_video
