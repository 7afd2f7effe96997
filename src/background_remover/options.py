"""`Options`: every option for a picture and its default; flags, HTTP fields and their help are made from it."""

from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

from background_remover.errors import OptionError, naming
from background_remover.imaging.file import MAX_MEGAPIXELS
from background_remover.parameters.background import (
    Backdrop,
    Fit,
    as_background,
    read_background,
    read_fit,
    read_outline,
)
from background_remover.parameters.colours import as_colour, read_remove_colour
from background_remover.parameters.fields import between, one_of
from background_remover.parameters.groups import BEHIND, CHOICE, EDGES, FILES, PLACE, SHADOW
from background_remover.parameters.layout import POSITIONS, as_place, read_canvas, read_place, read_position
from background_remover.parameters.lengths import read_length, read_offset
from background_remover.parameters.prompts import read_box, read_points, read_subjects
from background_remover.parameters.values import (
    BoxLike,
    CanvasLike,
    ColourLike,
    LengthLike,
    OffsetLike,
    PathLike,
    PointsLike,
    as_box,
    as_canvas,
    as_file,
    as_length,
    as_offset,
    as_points,
    coerce_fields,
    shown,
)

Matting: TypeAlias = Literal["none", "guided", "closed-form"]
SecondLook: TypeAlias = Literal["auto", "small", "off"]
GroundKind: TypeAlias = Literal["auto", "plain", "photo"]
ShadowKind: TypeAlias = Literal["drop", "contact", "floating"]

HARD_EDGE = 0.5
"""The `threshold` for a hard edge, where another package's interface has a switch instead of a number."""


_NOT_WITH_ONLY_MASK = (
    *("keep_colours", "keep_hidden", "background", "linear_light", "shadow"),
    *("keep_shadow", "outline", "crop", "canvas", "place"),
)


@dataclass(frozen=True)
class Options:
    """The options for a picture; raises `OptionError`, which names the option, at a value that is out of range.

    Texts are written as on the command line; `parameters` parses them. Numbers are accepted as lengths in pixels, paths
    as files, and tuples for `background` (red, green, blue), `shadow_offset` (right, down) and `canvas` (width,
    height); they are converted to such texts.
    """

    allow_empty: bool = CHOICE(False, "Where there is no subject, write the empty cutout.")
    only_mask: bool = FILES(False, "Write the alpha as a grey picture instead of the cutout.")
    mask: PathLike = CHOICE("", "Take the alpha from this picture: a mask, a trimap, or a cutout.", as_file)
    points: PointsLike = CHOICE("", "X,Y on the subject, in pixels or %; repeat it for more.", as_points, each="point")
    not_points: PointsLike = CHOICE(
        "", "X,Y on what isn't the subject, in pixels or %; repeat it for more.", as_points, each="not-point"
    )
    box: BoxLike = CHOICE("", "X,Y,WIDTH,HEIGHT of a box around the subject, in pixels or %.", as_box)
    subjects: str = CHOICE("all", "Keep all separate subjects, the largest, or this many of the largest.")
    matting: str = EDGES("guided", f"How edges are found: {', '.join(get_args(Matting))}.")
    second_look: str = CHOICE(
        "auto", f"Run the network again on the subject's crop, any or a small one: {', '.join(get_args(SecondLook))}."
    )
    ground: str = CHOICE("auto", f"Remove a plain background by its colour: {', '.join(get_args(GroundKind))}.")
    remove_colour: ColourLike | str = CHOICE("", "Remove this colour, wherever it is.", as_colour)
    tolerance: float = CHOICE(10.0, "Also remove colours up to this distance from it, of 255.")
    threshold: float = EDGES(0.0, "Make alphas above this 1 and all others 0; 0 leaves them as they are.")
    grow: int = EDGES(0, "Dilate the subject by this many pixels; a negative number erodes it.")
    feather: float = EDGES(0.0, "Blur the alpha by a Gaussian of this standard deviation, in pixels.")
    keep_colours: bool = EDGES(False, "Don't remove the old background from the colours of the edge.")
    keep_hidden: bool = FILES(False, "Keep the old colours under transparent pixels, which are otherwise set to 0.")
    background: PathLike | ColourLike = BEHIND(
        "none",
        "The new background: none, a colour, gradient:COLOUR,COLOUR[,ANGLE], a picture's file, or blur:RADIUS.",
        as_background,
    )
    background_fit: str = BEHIND("cover", f"How a background picture is fitted: {', '.join(get_args(Fit))}.")
    linear_light: bool = BEHIND(False, "Mix colours in linear light, not as sRGB levels.")
    shadow: bool = SHADOW(False, "Add a shadow.")
    shadow_kind: str = SHADOW(
        "drop",
        f"The shadow on a wall, on the floor, or on a floor further below: {', '.join(get_args(ShadowKind))}.",
    )
    shadow_opacity: float = SHADOW(0.5, "The shadow's opacity, from 0 to 1.")
    shadow_blur: LengthLike = SHADOW(
        "2%", "The standard deviation of its blur, in pixels or % of the canvas's longer side.", as_length
    )
    shadow_offset: OffsetLike = SHADOW(
        "1%,2%", "How far it is moved right and down, in pixels or %, as in 10,20.", as_offset
    )
    keep_shadow: bool = SHADOW(False, "Keep the shadow on a plain background, as black with transparency.")
    outline: str = SHADOW("", "Draw a band around the subject: its width and colour, as in 2%,white.")
    crop: bool = PLACE(False, "Crop the picture to the subject's box.")
    margin: LengthLike = PLACE("0", "Space around the box, in pixels or % of its longer side.", as_length)
    canvas: CanvasLike = PLACE("", "Put the box on a canvas of this size, as in 1200x1200.", as_canvas)
    scale: float = PLACE(0.9, "The share of the canvas's sides that the box may fill, up to 1.")
    position: str = PLACE("centre", f"Where on the canvas: {', '.join(POSITIONS)}.")
    place: str = PLACE(
        "",
        "X,Y[,SCALE[,ANGLE]]: the box's centre, its scale and its clockwise rotation, as in 50%,60%,1.2,-8.",
        as_place,
    )
    longest: int = PLACE(0, "Shrink the picture first, to this many pixels on its longer side; 0 keeps its size.")
    frame: int = FILES(0, "Take this frame of an animation, from 1; 0 takes all.")
    max_megapixels: float = FILES(MAX_MEGAPIXELS, "Refuse a picture of more megapixels than this.")

    def __post_init__(self) -> None:
        coerce_fields(self)
        _check_subject(self)
        _check_edges(self)
        _check_background(self)
        _check_layout(self)
        _check_only_mask(self)

    @property
    def prompted(self) -> bool:
        """Whether points or a box choose the subject."""
        return bool(self.points or self.not_points or self.box)

    @property
    def chosen(self) -> bool:
        """Whether only some of what the network finds is kept: by points, a box or the number of subjects."""
        return self.prompted or read_subjects(self.subjects) is not None

    @property
    def transparent(self) -> bool:
        """Whether the result has an alpha channel: false for a mask, and where an opaque background fills it."""
        backdrop = read_background(self.background)
        if self.only_mask:
            return False
        if backdrop.colour is not None:
            return backdrop.colour[3] < 255
        if backdrop.gradient is not None:
            return min(backdrop.gradient.start[3], backdrop.gradient.end[3]) < 255
        return backdrop == Backdrop() or self.background_fit == "contain"


def _check_subject(options: Options) -> None:
    """Check what says which part of a picture is kept: mask, prompts, number of subjects, ground, colour."""
    read_points(naming("points"), options.points)
    read_points(naming("not_points"), options.not_points)
    read_box(options.box)
    read_subjects(options.subjects)
    one_of("ground", options.ground, get_args(GroundKind))
    read_remove_colour(options.remove_colour)
    between("tolerance", options.tolerance, 0, 255)
    if options.mask and options.prompted:
        points, not_points = naming("points"), naming("not_points")
        raise OptionError(f"mask says already what the subject is; leave {points}, {not_points} and box out")
    chosen_already = options.mask or options.chosen
    if options.remove_colour and (chosen_already or options.ground != "auto"):
        name, points = naming("remove_colour"), naming("points")
        raise OptionError(f"{name} says already what is removed; leave mask, {points}, subjects and ground out")
    if options.ground == "plain" and chosen_already:
        points = naming("points")
        raise OptionError(f"ground is plain, which keeps all that is on it; leave mask, {points}, box and subjects out")


def _check_edges(options: Options) -> None:
    one_of("matting", options.matting, get_args(Matting))
    one_of(naming("second_look"), options.second_look, get_args(SecondLook))
    between("threshold", options.threshold, 0, 1)
    between("grow", options.grow, -1000, 1000)
    between("feather", options.feather, 0, 1000)


def _check_background(options: Options) -> None:
    """Check what is put behind and around the subject."""
    read_background(options.background)
    read_fit(options.background_fit)
    one_of(naming("shadow_kind"), options.shadow_kind, get_args(ShadowKind))
    between(naming("shadow_opacity"), options.shadow_opacity, 0, 1)
    read_length(naming("shadow_blur"), options.shadow_blur)
    read_offset(naming("shadow_offset"), options.shadow_offset)
    read_outline(options.outline)


def _check_layout(options: Options) -> None:
    """Check sizes and places of the picture and the canvas."""
    for name, value in ((naming("max_megapixels"), options.max_megapixels), ("scale", options.scale)):
        if not value > 0:  # true of NaN as well
            raise OptionError(f"{name} is {value:g}; give a number above 0")
    between("scale", options.scale, 0, 1)
    read_length("margin", options.margin)
    read_canvas(options.canvas, options.max_megapixels)
    read_position(options.position)
    if read_place(options.place) and (options.crop or options.position != Options.position):
        raise OptionError("place says where the subject goes; leave crop and position out")
    if options.longest < 0:
        raise OptionError(
            f"longest is {shown(options.longest)}; give a number of pixels, or 0 to leave the picture as it is"
        )
    if options.frame < 0:
        raise OptionError(f"frame is {shown(options.frame)}; give a number from 1, or 0 for all")


def _check_only_mask(options: Options) -> None:
    if options.only_mask:
        defaults = {field.name: field.default for field in fields(options)}
        for name in _NOT_WITH_ONLY_MASK:
            if getattr(options, name) != defaults[name]:
                only_mask, other = naming("only_mask"), naming(name)
                raise OptionError(f"{only_mask} gives neither colours nor a canvas; leave {other} out")


def check(options: object) -> None:
    """Raise `OptionError` at anything but `Options`, such as a dictionary, and at an option that has no effect.

    One has none where another one that it needs isn't given. `Options` that a program builds up step by step may be
    incomplete for a while, so this is checked only where they are used.
    """
    if not isinstance(options, Options):
        raise OptionError(f"options are {shown(options)}; give Options, as in Options(crop=True)")
    _check_partners(options)


def _check_partners(options: Options) -> None:
    behind = read_background(options.background)
    fills = behind.file is not None or behind.blur is not None
    needs = {
        "margin": (options.crop or bool(options.canvas), "crop or canvas"),
        "scale": (bool(options.canvas), "canvas"),
        "position": (bool(options.canvas), "canvas"),
        "shadow_kind": (options.shadow, "shadow"),
        "shadow_opacity": (options.shadow, "shadow"),
        "shadow_blur": (options.shadow, "shadow"),
        "shadow_offset": (options.shadow, "shadow"),
        "tolerance": (bool(options.remove_colour), naming("remove_colour")),
        "keep_shadow": (options.ground != "photo" and not options.mask, "a plain ground"),
        "background_fit": (fills, "a background that is a picture or a blur"),
        "linear_light": (options.shadow or behind != Backdrop(), "background or shadow"),
    }
    defaults = {field.name: field.default for field in fields(options)}
    for name, (given, partner) in needs.items():
        if not given and getattr(options, name) != defaults[name]:
            option = naming(name)
            raise OptionError(f"{option} does nothing without {partner}; add that, or leave {option} out")
