"""What is done with a video's file in a process of its own: `check` before its job is taken, and `convert`."""

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
_NICENESS = 10  # of the process that converts: pictures, for which somebody waits, go first
_SECONDS = 0.2  # between two reports of progress


@dataclass(frozen=True)
class Order:
    """What is to be done with the file `SOURCE` in a folder; it can be pickled.

    `suffix` is that of the result. The limits are `seconds` and megapixels of a frame, those of the options, of the
    source, and `size` in bytes of the result.
    """

    folder: Path
    suffix: str
    options: Options
    video: VideoOptions
    seconds: float
    size: int

    @property
    def result(self) -> Path:
        """The file of the result."""
        return self.folder / f"{RESULT}{self.suffix}"


@dataclass(frozen=True)
class Made:
    """What became of a video: as `VideoSummary`."""

    frames: int
    empty: int
    unsure: int
    confidence: float
    notes: tuple[str, ...]


def make_checker(_: object) -> Callable[[Order], int]:
    """Return `check`, in a process of its own; raises `Error` where an extra isn't installed."""
    with extra_needed():
        import background_remover.video.measure
        import background_remover.video.reader  # noqa: F401
    return check


CHECKING = f"{__name__}:{make_checker.__name__}"
"""The factory of the process that checks, see `WorkerProcesses`."""


def check(order: Order) -> int:
    """Return the number of frames of the part that is to be converted; raises `Error` where it can't be.

    Raises `VideoTooLong` where it has more than so many seconds, or frames.
    """
    from background_remover.pipeline.compose import background_file
    from background_remover.pipeline.source import NONE
    from background_remover.video.measure import Extent, measure

    with _inside(order.folder):
        most = Extent(order.seconds, int(order.seconds * MOST_RATE))
        found = measure(Path(SOURCE), order.video, most)
        if found.seconds > most.seconds or found.frames > most.frames:
            raise VideoTooLong(
                f"{SOURCE}: over {most.seconds:g} seconds, or {most.frames} frames; send a shorter one, or choose a "
                "part of it by from and to"
            )
        clip_of(Path(SOURCE), order.options, order.video).close()
        background_file(order.options, NONE)  # raises here, where somebody waits for the answer
        return found.frames


def make_converter(network: tuple[str, str]) -> Callable[[Order], Made]:
    """Return what converts videos, in a process of its own; raises `Error` where an extra isn't installed."""
    with extra_needed():
        from background_remover.video.conversion import write_video
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    keep_freed_memory()
    silence_libtiff()
    model, device = network
    remover = open_remover(model, device=device)

    def convert(order: Order) -> Made:
        with _inside(order.folder):
            target = Path(order.result.name)
            with _space():
                made = write_video(remover, Path(SOURCE), target, order.options, order.video, _Report(order))
            _check_size(order.size)
        return Made(made.frames, made.empty, made.unsure, made.confidence, made.notes)

    return convert


class _Report:
    """Notes progress in the file `PROGRESS`, and ends work that is cancelled or writes too much."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._begun = self._noted = 0.0

    def __call__(self, done: int, _: int | None) -> None:
        cancellation.check()
        now = time.monotonic()
        self._begun = self._begun or now
        if now - self._noted < _SECONDS:
            return
        self._noted = now
        _check_size(self._order.size)
        # From the first frame on: before it the network looks at those ahead of it.
        rate = (done - 1) / (now - self._begun) if done > 1 else 0.0
        new = Path(f"{PROGRESS}.new")
        new.write_text(json.dumps({"frames": done, "rate": rate}), encoding="utf-8")
        new.replace(PROGRESS)


def progress(folder: Path) -> tuple[int, float]:
    """Return how many frames of the job in a folder are done, and how many are a second; 0 before the first ones."""
    try:
        noted = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0, 0.0
    return int(noted["frames"]), float(noted["rate"])


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
