"""What is to be done with a picture: `Options`, and how its words are read."""

import math
import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from typing import Literal, TypeAlias, TypeVar, cast, get_args

from PIL import ImageColor

from background_remover.errors import OptionError
from background_remover.image import MAX_MEGAPIXELS
from background_remover.types import Size
from background_remover.values import (
    BoxLike,
    CanvasLike,
    ColourLike,
    LengthLike,
    OffsetLike,
    PathLike,
    PointsLike,
    as_box,
    as_canvas,
    as_colour,
    as_file,
    as_length,
    as_offset,
    as_points,
    as_text,
    settle,
    shown,
)

Matting: TypeAlias = Literal["none", "guided", "closed-form"]
SecondLook: TypeAlias = Literal["auto", "off"]
GroundKind: TypeAlias = Literal["auto", "plain", "photo"]
Fit: TypeAlias = Literal["cover", "contain", "stretch"]
Colour: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue and alpha, each 0 to 255."""
Value = TypeVar("Value", bool, int, float, str)

POSITIONS = {
    f"{row}-{column}".replace("middle-centre", "centre").replace("-centre", "").replace("middle-", ""): (down, along)
    for row, down in (("top", 0.0), ("middle", 0.5), ("bottom", 1.0))
    for column, along in (("left", 0.0), ("centre", 0.5), ("right", 1.0))
}
"""The name of a place -> the share of the free height above it and of the free width to its left."""


@dataclass(frozen=True)
class Length:
    """So many pixels, or so many hundredths of something."""

    value: float
    percent: bool

    def pixels(self, whole: int) -> float:
        """The length in pixels, where 100 % are `whole`."""
        return self.value * whole / 100 if self.percent else self.value


@dataclass(frozen=True)
class Backdrop:
    """What is put behind, read from `--background`: nothing, or one of a colour, a picture's file, a blur."""

    colour: Colour | None = None
    file: str | None = None
    blur: float | None = None  # its radius in pixels


def option(default: Value, text: str, read: Callable[[str, object], Value] | None = None, *, each: str = "") -> Value:
    """A field with its default and what its flag's help says; `read` makes its value of what is given, see `settle`.

    `each` is the name of a flag that may be repeated: the field is then a list, a text with blanks between its parts.
    """
    return field(default=default, metadata={"help": text, "read": read, "each": each})


def as_background(name: str, value: object) -> str:
    """What `read_background` reads: a text; a path, which is always that of a file; or the levels of a colour.

    Raises `OptionError` at anything else.
    """
    if isinstance(value, os.PathLike):
        file = as_file(name, value)
        return file if _names_a_file(file) else os.path.join(os.curdir, file)  # noqa: PTH118 - a Path drops the dot
    if isinstance(value, tuple | list):
        return as_colour(name, value)
    if isinstance(value, str):
        return as_text(name, value)
    raise OptionError(f"{name} is {shown(value)}; give a text, the path of a picture's file, or a colour's levels")


def as_text_colour(name: str, value: object) -> str:
    """A colour as a text, of a text or of levels; raises `OptionError` at anything else."""
    return as_colour(name, value) if isinstance(value, tuple | list) else as_text(name, value)


_COLOURS_OR_FRAME = (
    *("keep_colours", "keep_hidden", "background", "linear_light", "shadow"),
    *("keep_shadow", "outline", "crop", "canvas"),
)


@dataclass(frozen=True)
class Options:
    """What is to be done with a picture; raises `OptionError`, which names the option, at a value that can't be taken.

    Texts are written as on the command line: see the functions of this file that read them. Numbers are taken for
    lengths in pixels, paths for files, and tuples for `background` (a colour's levels), `shadow_offset` (right, down)
    and `canvas` (width, height); they become the texts that mean the same.
    """

    allow_empty: bool = option(False, "Where there is no subject, give the empty cutout.")
    only_mask: bool = option(False, "Give the alpha as a grey picture, not the cutout.")
    mask: PathLike = option("", "Take the alpha from this picture: a mask, a trimap, or a cutout.", as_file)
    points: PointsLike = option("", "X,Y on the subject, in pixels or %; repeat it for more.", as_points, each="point")
    not_points: PointsLike = option(
        "", "X,Y on what isn't the subject, in pixels or %; repeat it for more.", as_points, each="not-point"
    )
    box: BoxLike = option("", "X,Y,WIDTH,HEIGHT of a box around the subject, in pixels or %.", as_box)
    subjects: str = option("all", "Of separate subjects keep all, the largest, or so many of the largest.")
    matting: str = option("guided", f"How edges are found: {', '.join(get_args(Matting))}.")
    second_look: str = option("auto", f"Look at a small subject again, closer: {', '.join(get_args(SecondLook))}.")
    ground: str = option("auto", f"Whether the ground's colour tells the subject: {', '.join(get_args(GroundKind))}.")
    remove_colour: ColourLike | str = option("", "Remove this colour, wherever it is.", as_text_colour)
    tolerance: float = option(10.0, "How far from it, in levels of 255, a colour is removed as well.")
    threshold: float = option(0.0, "Make alphas above this 1 and all others 0; 0 leaves them.")
    grow: int = option(0, "Widen the subject by so many pixels; narrow it where negative.")
    feather: float = option(0.0, "Soften its edge by so many pixels.")
    keep_colours: bool = option(False, "Leave the old background in the colours of the edge.")
    keep_hidden: bool = option(False, "Leave the old colours under pixels that are clear; else they are 0.")
    background: PathLike | ColourLike = option(
        "none", "Put behind: none, a colour, a picture's file, or blur:RADIUS.", as_background
    )
    background_fit: str = option("cover", f"How a picture fills the frame: {', '.join(get_args(Fit))}.")
    linear_light: bool = option(False, "Mix colours as light does, not as sRGB levels.")
    shadow: bool = option(False, "Let the subject drop a shadow.")
    shadow_opacity: float = option(0.5, "How dark the shadow is, from 0 to 1.")
    shadow_blur: LengthLike = option("2%", "How soft: pixels, or % of the picture's longer side.", as_length)
    shadow_offset: OffsetLike = option("1%,2%", "How far right and down: pixels or %, as in 10,20.", as_offset)
    keep_shadow: bool = option(False, "Keep the shadow on a plain ground, as black with transparency.")
    outline: str = option("", "Draw a band around the subject: its width and colour, as in 2%,white.")
    crop: bool = option(False, "Cut the picture to the subject's box.")
    margin: LengthLike = option("0", "Around the box, in pixels or % of its longer side.", as_length)
    canvas: CanvasLike = option("", "Put the box on a frame of this size, as in 1200x1200.", as_canvas)
    scale: float = option(0.9, "How much of the canvas the box may fill, up to 1.")
    position: str = option("centre", f"Where on the canvas: {', '.join(POSITIONS)}.")
    longest: int = option(0, "Shrink the picture first, to so many pixels on its longer side; 0 leaves it.")
    frame: int = option(0, "Take this frame of a moving picture, from 1; 0 takes all.")
    max_megapixels: float = option(MAX_MEGAPIXELS, "Refuse a picture of more megapixels than this.")

    def __post_init__(self) -> None:
        settle(self)
        one_of("matting", self.matting, get_args(Matting))
        one_of("second-look", self.second_look, get_args(SecondLook))
        for name in ("points", "not_points"):
            read_points(name.replace("_", "-"), getattr(self, name))
        read_box(self.box)
        read_subjects(self.subjects)
        if self.mask and self.prompted:
            raise OptionError("mask says already what the subject is; leave points, not-points and box out")
        one_of("ground", self.ground, get_args(GroundKind))
        told_already = self.mask or self.chosen
        if self.remove_colour and (told_already or self.ground != "auto"):
            raise OptionError("remove-colour says already what is removed; leave mask, points, subjects and ground out")
        if self.ground == "plain" and told_already:
            raise OptionError(
                "ground is plain, which keeps all that is on it; leave mask, points, box and subjects out"
            )
        read_remove_colour(self.remove_colour)
        read_outline(self.outline)
        _between("tolerance", self.tolerance, 0, 255)
        read_fit(self.background_fit)
        read_position(self.position)
        _between("threshold", self.threshold, 0, 1)
        _between("shadow-opacity", self.shadow_opacity, 0, 1)
        _between("feather", self.feather, 0, 1000)
        _between("grow", self.grow, -1000, 1000)
        if self.longest < 0:
            raise OptionError(
                f"longest is {shown(self.longest)}; give a number of pixels, or 0 to leave the picture as it is"
            )
        if self.frame < 0:
            raise OptionError(f"frame is {shown(self.frame)}; give a number from 1, or 0 for all")
        for name, value in (("max-megapixels", self.max_megapixels), ("scale", self.scale)):
            if not value > 0:  # true of NaN as well
                raise OptionError(f"{name} is {value:g}; give a number above 0")
        _between("scale", self.scale, 0, 1)
        read_background(self.background)
        read_length("margin", self.margin)
        read_length("shadow-blur", self.shadow_blur)
        read_offset("shadow-offset", self.shadow_offset)
        read_canvas(self.canvas, self.max_megapixels)
        if self.only_mask:
            defaults = {field.name: field.default for field in fields(self)}
            for name in _COLOURS_OR_FRAME:
                if getattr(self, name) != defaults[name]:
                    raise OptionError(
                        f"only-mask gives neither colours nor a frame; leave {name.replace('_', '-')} out"
                    )

    @property
    def prompted(self) -> bool:
        """Whether a point or a box chooses the subject."""
        return bool(self.points or self.not_points or self.box)

    @property
    def chosen(self) -> bool:
        """Whether some of what the network finds is chosen: by points, a box or the number of subjects."""
        return self.prompted or read_subjects(self.subjects) is not None

    @property
    def transparent(self) -> bool:
        """Whether the result has an alpha channel: false of a mask, and of what a background fills."""
        backdrop = read_background(self.background)
        if self.only_mask:
            return False
        if backdrop.colour is not None:
            return backdrop.colour[3] < 255
        return backdrop == Backdrop() or self.background_fit == "contain"


def check(options: object) -> None:
    """Raises `OptionError` where something else than `Options` is given for them, a dictionary, say."""
    if not isinstance(options, Options):
        raise OptionError(f"options are {shown(options)}; give Options, as in Options(crop=True)")


def read_background(given: PathLike | ColourLike) -> Backdrop:
    """`none`, a colour (see `read_colour`), `blur:RADIUS` in pixels, or else the name of a picture's file.

    A text is a file's where it has a dot or a slash in it. Raises `OptionError` where it is none of these.
    """
    text = as_background("background", given)
    if text == "none":
        return Backdrop()
    if text.startswith("blur:"):
        try:
            radius = float(text.removeprefix("blur:"))
        except ValueError:
            radius = math.nan
        if not 0 < radius <= 1000:
            raise OptionError(f"background is {text!r}; give blur: and a radius from 0 to 1000 pixels, as in blur:20")
        return Backdrop(blur=radius)
    if _names_a_file(text):
        return Backdrop(file=text)
    return Backdrop(colour=read_colour(text))


def _names_a_file(text: str) -> bool:
    return bool(re.search(r"[./\\]", text)) and not re.match(r"blur:|\w+\(", text)


def read_colour(text: str) -> Colour:
    """A CSS name, #rgb, #rgba, #rrggbb, #rrggbbaa, rgb() or another of Pillow's; raises `OptionError` at others."""
    return _colour("background", text, "none, a colour", ", a picture's file, or blur:RADIUS")


def _colour(name: str, text: str, before: str = "a colour", after: str = "") -> Colour:
    """The colour that the option of this name is; `before` and `after` say in a message what else it may be."""
    try:
        red, green, blue, *alpha = ImageColor.getrgb(text)
    except ValueError as error:
        raise OptionError(
            f"{name} is {text!r}; give {before} (white, #fff, #ffffff80, rgb(255, 255, 255)){after}"
        ) from error
    if max(red, green, blue, *alpha) > 255:
        raise OptionError(f"{name} is {text!r}; a colour's levels end at 255")
    return red, green, blue, alpha[0] if alpha else 255


def read_remove_colour(given: ColourLike | str) -> Colour | None:
    """The colour to remove, or None for an empty text; raises `OptionError` at what is no opaque colour."""
    text = as_text_colour("remove-colour", given)
    if not text:
        return None
    colour = _colour("remove-colour", text)
    if colour[3] < 255:
        raise OptionError(f"remove-colour is {text!r}, which is transparent; give an opaque colour")
    return colour


def read_outline(text: str) -> tuple[Length, Colour] | None:
    """A width and a colour with a comma between, white by default, or None for an empty text; raises `OptionError`."""
    if not text:
        return None
    width, _, colour = text.partition(",")
    length = _length(width)
    if length is None or length.value <= 0:
        raise OptionError(f"outline is {text!r}; give a width and a colour, as in 12,black or 2%,white")
    return length, _colour("outline", colour.strip() or "white")


def read_position(text: str) -> tuple[float, float]:
    """The share of the free height above a place and of the free width to its left, by one of the names of `POSITIONS`.

    "center" is taken for "centre". Raises `OptionError` at anything else.
    """
    name = text.replace("center", "centre")
    one_of("position", name, POSITIONS)
    return POSITIONS[name]


def read_fit(text: str) -> Fit:
    """`cover`, `contain` or `stretch`; raises `OptionError` at anything else."""
    for fit in get_args(Fit):
        if text == fit:
            return cast(Fit, fit)
    raise OptionError(f"background-fit is {text!r}; known: {', '.join(get_args(Fit))}")


def read_length(name: str, given: LengthLike) -> Length:
    """`20`, `20px` or `5%`, not negative; raises `OptionError`, which names the option, at anything else."""
    text = as_length(name, given)
    length = _length(text)
    if length is None or length.value < 0:
        raise OptionError(f"{name} is {text!r}; give pixels or a share, as in 20, 20px or 5%")
    return length


def read_offset(name: str, given: OffsetLike) -> tuple[Length, Length]:
    """Two lengths with a comma between, right and down; they may be negative. Raises `OptionError`."""
    text = as_offset(name, given)
    lengths = [_length(part) for part in text.split(",")]
    if len(lengths) == 2 and lengths[0] is not None and lengths[1] is not None:
        return lengths[0], lengths[1]
    raise OptionError(f"{name} is {text!r}; give two lengths, right and down, as in 10,20 or 1%,-2%")


def read_points(name: str, given: PointsLike) -> tuple[tuple[Length, Length], ...]:
    """Points with blanks between them, each how far right and how far down; raises `OptionError` at anything else."""
    points = []
    for text in as_points(name, given).split():
        lengths = _lengths(text, 2)
        if lengths is None:
            raise OptionError(f"{name} is {shown(text)}; give how far right and how far down, as in 120,80 or 40%,50%")
        points.append((lengths[0], lengths[1]))
    return tuple(points)


def read_box(given: BoxLike) -> tuple[Length, Length, Length, Length] | None:
    """A box's left and upper edge, its width and height, or None for an empty text; raises `OptionError`."""
    text = as_box("box", given)
    if not text:
        return None
    lengths = _lengths(text, 4)
    if lengths is None or not (lengths[2].value and lengths[3].value):
        raise OptionError(f"box is {shown(text)}; give where it begins, its width and its height, as in 10,20,300,200")
    return lengths[0], lengths[1], lengths[2], lengths[3]


def read_subjects(text: str) -> int | None:
    """How many subjects are kept: `all` is None, `largest` is 1; raises `OptionError` at anything but a number else."""
    if text == "all":
        return None
    if text == "largest":
        return 1
    if re.fullmatch(r"[1-9]\d{0,3}", text, re.ASCII):
        return int(text)
    raise OptionError(f"subjects is {shown(text)}; give all, largest, or a number from 1, as in 2 for the largest two")


def read_canvas(given: CanvasLike, max_megapixels: float = math.inf) -> Size | None:
    """`WIDTHxHEIGHT` in pixels as (height, width), or None for an empty text; raises `OptionError`.

    So does a canvas of more than `max_megapixels` million pixels.
    """
    text = as_canvas("canvas", given)
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text, re.ASCII)
    if match is None or not all(int(side) for side in match.groups()):
        raise OptionError(f"canvas is {text!r}; give its width and height in pixels, as in 1200x800")
    width, height = int(match[1]), int(match[2])
    if width * height > max_megapixels * 1e6:
        raise OptionError(f"canvas is {text}; the most is {max_megapixels:g} megapixels: make it smaller")
    return height, width


def _lengths(text: str, count: int) -> list[Length] | None:
    """So many lengths with commas between them, none of them negative; None where the text is anything else."""
    lengths = [length for length in map(_length, text.split(",")) if length is not None and length.value >= 0]
    return lengths if len(lengths) == count == text.count(",") + 1 else None


def _length(text: str) -> Length | None:
    match = re.fullmatch(r"\s*([+-]?\d{1,6}(?:\.\d{1,9})?)\s*(px|%)?\s*", text, re.ASCII)
    return None if match is None else Length(float(match[1]), match[2] == "%")


def one_of(name: str, value: str, known: Collection[str]) -> None:
    """Raises `OptionError`, which names the option and what is known, at a value that is none of these."""
    if value not in known:
        raise OptionError(f"{name} is {value!r}; known: {', '.join(known)}")


def check_partners(options: Options) -> None:
    """Raises `OptionError` at an option that changes nothing, for it needs another one that isn't given.

    `Options` that are made bit by bit may hold such: whoever has read a whole command line asks.
    """
    behind = read_background(options.background)
    fills = behind.file is not None or behind.blur is not None
    needs = {
        "margin": (options.crop or bool(options.canvas), "crop or canvas"),
        "scale": (bool(options.canvas), "canvas"),
        "position": (bool(options.canvas), "canvas"),
        "shadow_opacity": (options.shadow, "shadow"),
        "shadow_blur": (options.shadow, "shadow"),
        "shadow_offset": (options.shadow, "shadow"),
        "tolerance": (bool(options.remove_colour), "remove-colour"),
        "keep_shadow": (options.ground != "photo" and not options.mask, "a plain ground"),
        "background_fit": (fills, "a background that is a picture or a blur"),
        "linear_light": (options.shadow or behind != Backdrop(), "background or shadow"),
    }
    defaults = {field.name: field.default for field in fields(options)}
    for name, (given, partner) in needs.items():
        if not given and getattr(options, name) != defaults[name]:
            flag = name.replace("_", "-")
            raise OptionError(f"{flag} does nothing without {partner}; add that, or leave {flag} out")


def _between(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        text = f"{value:g}" if isinstance(value, float) else shown(value)
        raise OptionError(f"{name} is {text}; give a number from {least:g} to {most:g}")
