"""`VideoOptions`: the options of a video beside the `Options` of its frames, and which of those a video accepts."""

import math
import re
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

from background_remover.errors import OptionError, naming
from background_remover.options import Options
from background_remover.parameters.fields import between, one_of
from background_remover.parameters.groups import VIDEOS
from background_remover.parameters.values import coerce_fields, shown

Steady: TypeAlias = Literal["on", "off"]

OF_ONE_PICTURE = ("mask", "points", "not_points", "box", "frame")  # they say where the subject is in one picture
OF_ITS_BOX = ("crop", "canvas", "place")  # the subject's box changes from frame to frame
_TIME = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,9}(?:\.\d{1,9})?)", re.ASCII)


@dataclass(frozen=True)
class VideoOptions:
    """The choices for a video; raises `OptionError` at a value that is unknown or out of range."""

    start: float = VIDEOS(0.0, "Begin here: seconds, or H:MM:SS; this is the result's time 0.")
    end: float = VIDEOS(0.0, "End before this time; 0 is the end of the video.")
    audio: bool = VIDEOS(True, "Keep the sound.")
    steady: str = VIDEOS("on", f"Steady the alpha by the frames before and after: {', '.join(get_args(Steady))}.")
    quality: int = VIDEOS(0, "Of .webm, .mp4 and .webp, 1 to 100; 0 is the format's own.")

    def __post_init__(self) -> None:
        coerce_fields(self)
        one_of("steady", self.steady, get_args(Steady))
        between("quality", self.quality, 0, 100)
        for name, value in (("start", self.start), ("end", self.end)):
            if not 0 <= value < math.inf:  # true of NaN as well
                raise OptionError(f"{name} is {value:g}; give seconds from the video's beginning, 0 or more")
        if self.end and self.end <= self.start:
            raise OptionError(f"the part ends at {self.end:g} s and starts at {self.start:g} s; give a later end")


def read_time(name: str, text: str) -> float:
    """Parse seconds, M:SS or H:MM:SS, perhaps with decimals; raises `OptionError`, which names the option."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise OptionError(f"{name} is {shown(text)}; give seconds or H:MM:SS, as in 12.5 or 1:02:03")
    hours, minutes, seconds = match.groups(default="0")
    if (match[1] and int(minutes) >= 60) or (match[2] and float(seconds) >= 60):
        raise OptionError(f"{name} is {shown(text)}; give minutes and seconds behind a colon below 60")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def check_choices(options: Options) -> None:
    """Raise `OptionError` at an option that has a meaning for a single picture only."""
    defaults = {field.name: field.default for field in fields(options)}
    reasons = dict.fromkeys(OF_ONE_PICTURE, "is of one picture, and a video has many")
    reasons |= dict.fromkeys(OF_ITS_BOX, "follows the subject's box, which changes from frame to frame")
    for name, reason in reasons.items():
        if getattr(options, name) != defaults[name]:
            raise OptionError(f"{naming(name)} {reason}; leave it out")
