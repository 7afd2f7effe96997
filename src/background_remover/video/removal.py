"""`remove_video`: the cut of each frame of a video file."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from background_remover import models
from background_remover.errors import Error
from background_remover.imaging.picture import Picture, of_array, shrunk
from background_remover.imaging.transparency import shown
from background_remover.options import Options, check
from background_remover.parameters.values import PathLike, as_file
from background_remover.pipeline.cut import Cut
from background_remover.pipeline.keying import needs_network
from background_remover.pipeline.passes import Passes
from background_remover.remover import Remover
from background_remover.segmentation.device import CPU
from background_remover.video.frame_pool import WORKERS, FramePool, worker_threads
from background_remover.video.settings import VideoOptions, check_choices

if TYPE_CHECKING:
    from background_remover.video.reader import Clip, Frame

DEFAULTS, VIDEO_DEFAULTS = Options(), VideoOptions()
HELD = 5  # frames in memory at once, at most

Item = TypeVar("Item")
Progress = Callable[[int, int | None], None]
"""Called after each frame with the number of those that are done, and of all, or None where the file doesn't say it."""


@dataclass(frozen=True, eq=False)
class VideoCut:
    """The cut of one frame, and when it is shown, in seconds from the beginning of what is read."""

    time: Fraction
    cut: Cut


def remove_video(
    source: PathLike,
    options: Options = DEFAULTS,
    video: VideoOptions = VIDEO_DEFAULTS,
    *,
    model: str | Path = models.DEFAULT,
    progress: Progress | None = None,
) -> Iterator[VideoCut]:
    """Yield the cutout of each frame of a video file, in order; only a few frames are in memory at any time.

    `progress` is called before each with the number of those that are done, and of all, or None where the file doesn't
    say it.

    Raises `ImageError` at what is no video, `OptionError` at options that are for a single picture, and `Error` where
    the extra `video` isn't installed. A frame without a subject has a cut that is `empty`.
    """
    remover = open_remover(model)
    with clip_of(Path(as_file("source", source)), options, video) as clip:
        for number, one in enumerate(cuts(remover, clip.frames(), options, video), 1):
            if progress is not None:
                progress(number, clip.count)
            yield one


def open_remover(model: str | Path, *, device: str = CPU) -> Remover:
    """Open a model for videos: each of the threads that work on frames at once has its share of the cores."""
    return Remover(model, threads=worker_threads(), device=device, wait=False)


def clip_of(path: Path, options: Options, video: VideoOptions) -> "Clip":
    """Open a video file, and check the options for it; raises as `remove_video` does."""
    check(options)
    check_choices(options)
    with extra_needed():  # here, as it needs that
        from background_remover.video.reader import Clip
    if is_steady(options, video):
        _check_optical_flow()
    return Clip(path, start=video.start, end=video.end, max_megapixels=options.max_megapixels)


@contextlib.contextmanager
def extra_needed() -> Iterator[None]:
    """Turn an `ImportError` in the block into an `Error` that names the extra for videos."""
    try:
        yield
    except ImportError as error:
        raise Error(f"a video needs an extra ({error}): pip install 'background-remover[video]'") from error


def first_frame(path: Path) -> NDArray[np.uint8]:
    """Return the first frame of a video file, (H, W, 3) or with an alpha (H, W, 4); raises as `remove_video` does."""
    with clip_of(path, DEFAULTS, VideoOptions(steady="off")) as clip, contextlib.closing(clip.frames()) as frames:
        return next(frames).pixels


def _check_optical_flow() -> None:
    """Raise `Error` where OpenCV, for the optical flow, isn't installed."""
    try:
        import background_remover.video.optical_flow  # noqa: F401
    except ImportError as error:
        hint = "pip install 'background-remover[video]', or leave it as it is by steady=off"
        raise Error(f"a steady video needs an extra ({error}): {hint}") from error


def is_steady(options: Options, video: VideoOptions) -> bool:
    """Return whether frames are steadied by their neighbours; never without the network."""
    return video.steady == "on" and needs_network(options)


def reach_of(options: Options, video: VideoOptions) -> int:
    """Return how many frames before and after it a frame's cut depends on."""
    if not is_steady(options, video):
        return 0
    from background_remover.video.steady import REACH

    return REACH


def cuts(remover: Remover, frames: Iterable["Frame"], options: Options, video: VideoOptions) -> Iterator[VideoCut]:
    """Yield the cut of each frame of a video that is inside the span that is read, in order, from `WORKERS` threads."""
    if options.second_look == "auto":
        options = replace(options, second_look="small")  # a mean over frames does what a second view of each would
    work = _steady_cuts if is_steady(options, video) else _single_cuts
    with FramePool() as pool:
        yield from work(remover, frames, options, pool)


def _single_cuts(remover: Remover, frames: Iterable["Frame"], options: Options, pool: FramePool) -> Iterator[VideoCut]:
    cutting: deque[Future[VideoCut]] = deque()
    for frame in (one for one in frames if one.inside):
        cutting.append(pool.submit(_cut, remover, frame.time, of_array(frame.pixels), options, None))
        if len(cutting) > WORKERS:
            yield cutting.popleft().result()
    yield from (one.result() for one in cutting)


def _steady_cuts(remover: Remover, frames: Iterable["Frame"], options: Options, pool: FramePool) -> Iterator[VideoCut]:
    from background_remover.video.steady import FramePasses, frame_passes, steadied

    waiting: deque[tuple[Fraction, Picture, bool]] = deque()
    cutting: deque[Future[VideoCut]] = deque()

    def seen(picture: Picture) -> FramePasses:
        reduced = shown(picture).reduced
        size = picture.image.shape[0], picture.image.shape[1]
        return frame_passes(reduced, remover.passes(Picture(reduced), options), size)

    def read() -> Iterator[Future[FramePasses]]:
        for frame in frames:
            picture = shrunk(of_array(frame.pixels), options.longest)
            waiting.append((frame.time, picture, frame.inside))
            yield pool.submit(seen, picture)
            if len(waiting) == HELD - 1:
                wait(cutting)

    for passes in steadied(_one_ahead(read())):
        time, picture, inside = waiting.popleft()
        if inside:
            cutting.append(pool.submit(_cut, remover, time, picture, options, passes))
        del picture
        while len(cutting) > 1:
            yield cutting.popleft().result()
    yield from (one.result() for one in cutting)


def _cut(remover: Remover, time: Fraction, picture: Picture, options: Options, passes: Passes | None) -> VideoCut:
    return VideoCut(time, remover.cut(picture, options, passes=passes))


def _one_ahead(futures: "Iterable[Future[Item]]") -> Iterator[Item]:
    """Yield the result of each future, in order, once the one after it has begun."""
    last: Future[Item] | None = None
    for future in futures:
        if last is not None:
            yield last.result()
        last = future
    if last is not None:
        yield last.result()
