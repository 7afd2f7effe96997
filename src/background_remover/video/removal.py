"""`remove_video`: the cut of each frame of a video file."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from background_remover import models
from background_remover.errors import Error
from background_remover.imaging.picture import Picture, of_array, shrunk
from background_remover.imaging.transparency import shown
from background_remover.options import Options, check
from background_remover.parameters.values import PathLike, as_file
from background_remover.pipeline.cut import Cut
from background_remover.pipeline.keying import needs_network
from background_remover.remover import Remover
from background_remover.video.settings import VideoOptions, check_choices

if TYPE_CHECKING:
    from background_remover.video.reader import Clip, Frame

DEFAULTS, VIDEO_DEFAULTS = Options(), VideoOptions()


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
) -> Iterator[VideoCut]:
    """Yield the cutout of each frame of a video file, in order; only a few frames are in memory at any time.

    Raises `ImageError` at what is no video, `OptionError` at options that are for a single picture, and `Error` where
    the extra `video` isn't installed. A frame without a subject has a cut that is `empty`.
    """
    remover = Remover(model, wait=False)
    with clip_of(Path(as_file("source", source)), options, video) as clip:
        yield from cuts(remover, clip.frames(), options, video)


def clip_of(path: Path, options: Options, video: VideoOptions) -> "Clip":
    """Open a video file, and check the options for it; raises as `remove_video` does."""
    check(options)
    check_choices(options)
    try:
        # Here, as it needs an extra.
        from background_remover.video.reader import Clip
    except ImportError as error:
        raise Error(f"a video needs an extra ({error}): pip install 'background-remover[video]'") from error
    if is_steady(options, video):
        _check_optical_flow()
    return Clip(path, start=video.start, end=video.end, max_megapixels=options.max_megapixels)


def _check_optical_flow() -> None:
    """Raise `Error` where what steadies a video isn't installed."""
    try:
        import background_remover.video.optical_flow  # noqa: F401
    except ImportError as error:
        hint = "pip install 'background-remover[video]', or leave it as it is by steady=off"
        raise Error(f"a steady video needs an extra ({error}): {hint}") from error


def is_steady(options: Options, video: VideoOptions) -> bool:
    """Return whether frames are compared with their neighbours: not where the network isn't run."""
    return video.steady == "on" and needs_network(options)


def cuts(remover: Remover, frames: Iterable["Frame"], options: Options, video: VideoOptions) -> Iterator[VideoCut]:
    """Yield the cut of each frame of a clip, in order."""
    if is_steady(options, video):
        yield from _steady_cuts(remover, frames, options)
        return
    for frame in frames:
        yield VideoCut(frame.time, remover.cut(frame.pixels, options))


def _steady_cuts(remover: Remover, frames: Iterable["Frame"], options: Options) -> Iterator[VideoCut]:
    from background_remover.video.steady import FramePasses, frame_passes, steadied

    waiting: deque[tuple[Fraction, Picture]] = deque()

    def read() -> Iterator[FramePasses]:
        for frame in frames:
            picture = shrunk(of_array(frame.pixels), options.longest)
            waiting.append((frame.time, picture))
            yield frame_passes(shown(picture).image, remover.passes(picture, options))

    for passes in steadied(read()):
        time, picture = waiting.popleft()
        yield VideoCut(time, remover.cut(picture, options, passes=passes))
