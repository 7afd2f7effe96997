"""The work on a video's file, in a process of its own: `check` before the job is accepted, and `convert`."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from background_remover.errors import Error, ImageError
from background_remover.imaging.codecs.pillow_internals import silence_libtiff
from background_remover.options import Options
from background_remover.runtime import cancellation
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.server.errors import NoSpace, VideoTooLong, is_full
from background_remover.video.removal import clip_of, extra_needed, open_remover
from background_remover.video.settings import VideoOptions

SOURCE, RESULT, PROGRESS = "video", "cutout", "progress.json"  # names of a job's files, in its folder
MOST_RATE = 120  # frames a second, on average, of the longest video
_NICENESS = 10  # of the process that converts: clients wait for pictures, so these go first
_SECONDS = 0.2  # between two reports of progress


@dataclass(frozen=True)
class VideoTask:
    """A video to be converted, the file `SOURCE` in `folder`, to a file with `suffix`; it can be pickled.

    The source may have at most `max_seconds`, and frames of the `max_megapixels` of the options; the result at most
    `max_bytes`.
    """

    folder: Path
    suffix: str
    options: Options
    video: VideoOptions
    max_seconds: float
    max_bytes: int

    @property
    def result_file(self) -> Path:
        """The path of the result."""
        return self.folder / f"{RESULT}{self.suffix}"


@dataclass(frozen=True)
class VideoResult:
    """What is kept of a `VideoSummary`."""

    frames: int
    empty: int
    unsure: int
    confidence: float
    notes: tuple[str, ...]


def make_checker(_: object) -> Callable[[VideoTask], int]:
    """Return `check`, in a process of its own; raises `Error` where an extra isn't installed."""
    with extra_needed():
        import background_remover.video.measure
        import background_remover.video.reader  # noqa: F401
    return check


CHECKING = f"{__name__}:{make_checker.__name__}"
"""The factory of the process that checks, see `WorkerProcesses`."""


def check(task: VideoTask) -> int:
    """Return the number of frames to be converted; raises `Error` where the video can't be.

    Raises `VideoTooLong` where it has more than `max_seconds`, or `MOST_RATE` times as many frames.
    """
    from background_remover.pipeline.compose import background_file
    from background_remover.pipeline.source import NO_FILES
    from background_remover.video.measure import Extent, measure

    with _inside(task.folder):
        most = Extent(task.max_seconds, int(task.max_seconds * MOST_RATE))
        found = measure(Path(SOURCE), task.video, most)
        if found.seconds > most.seconds or found.frames > most.frames:
            raise VideoTooLong(
                f"{SOURCE}: over {most.seconds:g} seconds, or {most.frames} frames; send a shorter one, or choose a "
                "part of it by from and to"
            )
        clip_of(Path(SOURCE), task.options, task.video).close()
        background_file(task.options, NO_FILES)  # raises now, while the client waits for the answer
        return found.frames


def make_converter(network: tuple[str, str]) -> Callable[[VideoTask], VideoResult]:
    """Return what converts videos, in a process of its own; raises `Error` where an extra isn't installed."""
    with extra_needed():
        from background_remover.video.conversion import write_video
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    keep_freed_memory()
    silence_libtiff()
    model, device = network
    remover = open_remover(model, device=device)

    def convert(task: VideoTask) -> VideoResult:
        with _inside(task.folder):
            target = Path(task.result_file.name)
            with _space():
                done = write_video(remover, Path(SOURCE), target, task.options, task.video, _Report(task))
            _check_size(task.max_bytes)
        return VideoResult(done.frames, done.empty, done.unsure, done.confidence, done.notes)

    return convert


class _Report:
    """Writes progress to the file `PROGRESS`, and ends work that is cancelled or has written too much."""

    def __init__(self, task: VideoTask) -> None:
        self._max_bytes = task.max_bytes
        self._begun = self._written = 0.0

    def __call__(self, done: int, _: int | None) -> None:
        cancellation.check()
        now = time.monotonic()
        self._begun = self._begun or now
        if now - self._written < _SECONDS:
            return
        self._written = now
        _check_size(self._max_bytes)
        # From the first frame on: before it, the network runs on the frames ahead.
        rate = (done - 1) / (now - self._begun) if done > 1 else 0.0
        new = Path(f"{PROGRESS}.new")
        new.write_text(json.dumps({"frames": done, "rate": rate}), encoding="utf-8")
        new.replace(PROGRESS)


def progress(folder: Path) -> tuple[int, float]:
    """Return the number of frames done of the job in a folder, and of frames a second; 0 before the first ones."""
    try:
        written = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0, 0.0
    return int(written["frames"]), float(written["rate"])


def _check_size(most: int) -> None:
    """Raise `Error` where what is written in this folder, beside the source, has more than so many bytes."""
    sizes = [entry.stat().st_size for entry in os.scandir() if entry.name != SOURCE and entry.is_file()]
    if sum(sizes) > most:
        raise Error(f"the result has over {most / 1e6:g} megabytes; choose another format, or a shorter part")


@contextlib.contextmanager
def _space() -> Iterator[None]:
    """Raise `NoSpace` where the disk is full, also where an error of this package stands for that."""
    try:
        yield
    except (ImageError, OSError) as error:
        if is_full(error) or is_full(error.__cause__):
            raise NoSpace("the disk has no space for the result; try again, or choose a smaller format") from error
        raise


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in a folder, so that messages name its files without it."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
