"""Points, a box and the number of subjects: their parsers, and `PicturePrompts` for one file of many."""

import dataclasses
import re
from typing import Any

from background_remover.errors import OptionError
from background_remover.parameters.lengths import Length, parse_lengths
from background_remover.parameters.values import BoxLike, PointsLike, as_box, as_points, shown


@dataclasses.dataclass(frozen=True, slots=True)
class PicturePrompts:
    """The prompts of one picture among many, or of a video; each is "" where the run's option counts.

    The first four are values of the `Options` of these names. The last two are times between which a video is read.
    """

    points: str = ""
    not_points: str = ""
    box: str = ""
    subjects: str = ""
    part_start: str = ""
    part_end: str = ""

    def given(self) -> dict[str, Any]:
        """Return the values that aren't "", by their names."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value}

    def of_video(self) -> dict[str, Any]:
        """Return those of `given` that are `Options` of a video's frames."""
        return {name: value for name, value in self.given().items() if name not in _PART}

    def of_picture(self) -> dict[str, Any]:
        """Return those of `given` that are `Options` of a picture; raises `OptionError` where a video's are there."""
        if self.part_start or self.part_end:
            raise OptionError("from and to are of a video, and this is a picture; leave both empty")
        return self.given()


_PART = ("part_start", "part_end")
NO_PROMPTS = PicturePrompts()


def read_points(name: str, given: PointsLike) -> tuple[tuple[Length, Length], ...]:
    """Parse points `RIGHT,DOWN`, separated by spaces; raises `OptionError` at anything else."""
    points = []
    for text in as_points(name, given).split():
        lengths = parse_lengths(text, 2)
        if lengths is None:
            raise OptionError(f"{name} is {shown(text)}; give how far right and how far down, as in 120,80 or 40%,50%")
        points.append((lengths[0], lengths[1]))
    return tuple(points)


def read_box(given: BoxLike) -> tuple[Length, Length, Length, Length] | None:
    """Parse `LEFT,TOP,WIDTH,HEIGHT`; None for an empty text. Raises `OptionError` at anything else."""
    text = as_box("box", given)
    if not text:
        return None
    lengths = parse_lengths(text, 4)
    if lengths is None or not (lengths[2].value and lengths[3].value):
        raise OptionError(f"box is {shown(text)}; give where it begins, its width and its height, as in 10,20,300,200")
    return lengths[0], lengths[1], lengths[2], lengths[3]


def read_subjects(text: str) -> int | None:
    """Parse how many subjects are kept: `all` (None), `largest` (1) or a number; raises `OptionError`."""
    if text == "all":
        return None
    if text == "largest":
        return 1
    if re.fullmatch(r"[1-9]\d{0,3}", text, re.ASCII):
        return int(text)
    raise OptionError(f"subjects is {shown(text)}; give all, largest, or a number from 1, as in 2 for the largest two")
