"""`remove_video`: the cut of each frame of a video file."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from background_remover import models
from background_remover.errors import Error
from background_remover.options import Options, check
from background_remover.parameters.values import PathLike, as_file
from background_remover.pipeline.cut import Cut
from background_remover.remover import Remover
from background_remover.video.settings import VideoOptions, check_choices

if TYPE_CHECKING:
    from background_remover.video.reader import Clip

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
        yield from cuts(remover, clip, options)


def clip_of(path: Path, options: Options, video: VideoOptions) -> "Clip":
    """Open a video file, and check the options for it; raises as `remove_video` does."""
    check(options)
    check_choices(options)
    try:
        # Here, as it needs an extra.
        from background_remover.video.reader import Clip
    except ImportError as error:
        raise Error(f"a video needs an extra ({error}): pip install 'background-remover[video]'") from error
    return Clip(path, start=video.start, end=video.end, max_megapixels=options.max_megapixels)


def cuts(remover: Remover, clip: "Clip", options: Options) -> Iterator[VideoCut]:
    """Yield the cut of each frame of an open clip."""
    for frame in clip.frames():
        yield VideoCut(frame.time, remover.cut(frame.pixels, options))
