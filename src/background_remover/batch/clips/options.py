"""`ClipOptions`: how the videos of a batch are cut out, beside the options that they share with its pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from background_remover.errors import OptionError, flag_of
from background_remover.imaging.output_options import Named
from background_remover.options import Options
from background_remover.parameters.fields import between, one_of
from background_remover.parameters.groups import VIDEOS
from background_remover.parameters.prompts import NO_PROMPTS, PicturePrompts
from background_remover.parameters.values import coerce_fields
from background_remover.video.formats import ANIMATIONS, FORMATS, SUFFIXES, format_of
from background_remover.video.settings import Steady, VideoOptions, check_choices, read_time

_NONE = "none"
VIDEO_FORMATS = (*(suffix[1:] for suffix in (*FORMATS, *ANIMATIONS)), _NONE)


@dataclass(frozen=True)
class ClipOptions:
    """How videos are cut out and written; raises `OptionError` at a value that is unknown or out of range."""

    video_format: str = VIDEOS("webm", f"Write videos as {', '.join(VIDEO_FORMATS[:-1])}; {_NONE} leaves them out.")
    video_quality: int = VIDEOS(0, "Of videos as .webm, .mp4 and .webp, 1 to 100; 0 is the format's own.")
    no_audio: bool = VIDEOS(False, "Leave the sound of videos out.")
    part_start: float = VIDEOS(0.0, "Begin videos here: seconds, or H:MM:SS; this is their results' time 0.")
    part_end: float = VIDEOS(0.0, "End videos before this time; 0 is their end.")
    steady: str = VIDEOS(VideoOptions.steady, f"Steady the alpha of videos: {', '.join(get_args(Steady))}.")

    def __post_init__(self) -> None:
        coerce_fields(self)
        one_of("video-format", self.video_format, VIDEO_FORMATS)
        between("video-quality", self.video_quality, 0, 100)
        one_of("steady", self.steady, get_args(Steady))
        VideoOptions(self.part_start, self.part_end)  # which checks them

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What the names of files end in that are taken for videos."""
        return () if self.video_format == _NONE else SUFFIXES

    @property
    def suffix(self) -> str:
        """What the names of the videos' results end in."""
        return f".{self.video_format}"

    def video_of(self, prompts: PicturePrompts = NO_PROMPTS) -> VideoOptions:
        """Return the choices for a video that has these of its own; raises `OptionError` at times that aren't."""
        own = prompts.part_start, prompts.part_end
        of_run = self.part_start, self.part_end
        times = zip(("from", "to"), own, of_run, strict=True)
        start, end = (read_time(name, text) if text else seconds for name, text, seconds in times)
        return VideoOptions(start, end, audio=not self.no_audio, steady=self.steady, quality=self.video_quality)


def check_clip(source: Named, target: Named, options: Options, clips: ClipOptions, *, each: bool) -> None:
    """Raise `OptionError`, which names the video, where an option or the format isn't for videos."""
    try:
        if each:
            raise OptionError("each writes a still for each subject; leave it out")  # noqa: TRY301 - named below
        check_choices(options)
        format_of(Path(str(target)), options, clips.video_quality)
    except OptionError as error:
        words = error.spelled(flag_of).removeprefix(f"{target}: ")
        raise OptionError(f"{source}: {words}; or leave videos out by --video-format {_NONE}") from error
