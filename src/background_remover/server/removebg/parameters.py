"""What a client of remove.bg asks for: `RemoveBgOptions`, read from the parameters of its API, version 1.0.

They are those of https://www.remove.bg/api.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from background_remover.errors import OptionError
from background_remover.parameters.colours import Colour, read_colour
from background_remover.parameters.fields import one_of
from background_remover.parameters.lengths import Length
from background_remover.parameters.values import read_switch
from background_remover.server.request.fields import read_texts

MEGAPIXELS = {
    "preview": 0.25,
    "small": 0.25,
    "regular": 0.25,
    "medium": 1.5,
    "hd": 4.0,
    "full": 25.0,
    "4k": 25.0,
    "auto": 50.0,
    "50MP": 50.0,
}
"""`size` -> the megapixels that a larger picture is resized to."""
FORMATS = ("auto", "png", "jpg", "webp", "zip")
TYPES = ("auto", "person", "product", "animal", "car", "transportation", "graphic", "graphics", "other")
LEVELS = ("none", "1", "2", "latest")
SHADOWS = ("none", "auto", "drop", "natural", "3D", "car")
CHANNELS = ("rgba", "alpha")
SOURCES = ("image_file", "image_file_b64", "image_url")
BACKGROUNDS = ("bg_color", "bg_image_file", "bg_image_url")
FIELDS = (
    *SOURCES,
    *BACKGROUNDS,
    "size",
    "type",
    "type_level",
    "format",
    "roi",
    "crop",
    "crop_margin",
    "scale",
    "position",
    "channels",
    "add_shadow",
    "shadow_type",
    "shadow_opacity",
    "semitransparency",
)
WHOLE = (Length(0, True), Length(0, True), Length(100, True), Length(100, True))
NO_MARGIN = (Length(0, False),) * 4


@dataclass(frozen=True)
class RemoveBgOptions:
    """What is to be made of a picture, in the terms of remove.bg's API.

    `roi` is the region that may hold the subject, as left, top, right and bottom; `margins` are above, right, below and
    left of the subject. `scale` is the share of the canvas that the subject fills, or None where it keeps its size;
    `position` the shares of the free width and height to its left and above it, or None where it stays in its place.
    `shadow` is the opacity of the drop shadow, 0 for none.
    """

    megapixels: float = MEGAPIXELS["preview"]
    format: str = "auto"
    roi: tuple[Length, ...] = WHOLE
    crop: bool = False
    margins: tuple[Length, ...] = NO_MARGIN
    scale: float | None = None
    position: tuple[float, float] | None = None
    only_alpha: bool = False
    colour: Colour | None = None
    semitransparency: bool = True
    shadow: float = 0.0


def read_options(given: Iterable[tuple[str, str]]) -> RemoveBgOptions:
    """Return the options that fields of text stand for; those that are empty count as left out.

    Which kind of subject there is and how it is classified (`type`, `type_level`) is read and changes nothing: one
    network is for all. Raises `OptionError` at a field that is unknown, given twice, or has a value out of range.
    """
    texts = read_texts(given, FIELDS)
    one_of("type", texts.get("type", "auto"), TYPES)
    one_of("type_level", texts.get("type_level", "1"), LEVELS)
    one_of("size", texts.get("size", "preview"), MEGAPIXELS)
    one_of("format", texts.get("format", "auto"), FORMATS)
    one_of("channels", texts.get("channels", "rgba"), CHANNELS)
    scale = _scale(texts.get("scale", "original"))
    position = _position(texts.get("position", "original" if scale is None else "center"))
    return RemoveBgOptions(
        megapixels=MEGAPIXELS[texts.get("size", "preview")],
        format=texts.get("format", "auto"),
        roi=_roi(texts["roi"]) if "roi" in texts else WHOLE,
        crop=read_switch("crop", texts.get("crop", "false")),
        margins=_margins(texts["crop_margin"]) if "crop_margin" in texts else NO_MARGIN,
        scale=scale,
        position=position,
        only_alpha=texts.get("channels") == "alpha",
        colour=_colour(texts["bg_color"]) if "bg_color" in texts else None,
        semitransparency=read_switch("semitransparency", texts.get("semitransparency", "true")),
        shadow=_shadow(texts),
    )


def _lengths(name: str, text: str, counts: tuple[int, ...]) -> list[Length]:
    words = text.split()
    matches = [re.fullmatch(r"(\d{1,6}(?:\.\d{1,9})?)(px|%)?", word) for word in words]
    if len(words) not in counts or None in matches:
        raise OptionError(f"{name} is {text[:64]!r}; give {' or '.join(map(str, counts))} lengths, as in 30px or 10%")
    return [Length(float(match[1]), match[2] == "%") for match in matches if match is not None]


def _roi(text: str) -> tuple[Length, ...]:
    return tuple(_lengths("roi", text, (4,)))


def _margins(text: str) -> tuple[Length, ...]:
    """Parse one length for all sides, two for top/bottom and left/right, or top, right, bottom, left."""
    lengths = _lengths("crop_margin", text, (1, 2, 4))
    for length in lengths:
        if length.value > (50 if length.percent else 500):
            raise OptionError(f"crop_margin is {text[:64]!r}; the most is 50% or 500px on each side")
    return tuple(lengths * (4 // len(lengths)))


def _share(name: str, text: str) -> float:
    (length,) = _lengths(name, text, (1,))
    if not length.percent or length.value > 100:
        raise OptionError(f"{name} is {text[:64]!r}; give a share up to 100%")
    return length.value / 100


def _scale(text: str) -> float | None:
    if text == "original":
        return None
    share = _share("scale", text)
    if share < 0.1:
        raise OptionError(f"scale is {text[:64]!r}; give original, or 10% to 100%")
    return share


def _position(text: str) -> tuple[float, float] | None:
    if text == "original":
        return None
    if text == "center":
        return 0.5, 0.5
    shares = [_share("position", word) for word in text.split()]
    if len(shares) not in (1, 2):
        raise OptionError(f"position is {text[:64]!r}; give original, center, or one or two shares, as in 50% 20%")
    return shares[0], shares[-1]


def _colour(text: str) -> Colour:
    is_hex = re.fullmatch(r"(?i)[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}", text)
    try:
        return read_colour(f"#{text}" if is_hex else text)
    except OptionError as error:
        raise OptionError(f"bg_color is {text[:64]!r}; give a colour, as in 81d4fa, fff or green") from error


def _shadow(texts: dict[str, str]) -> float:
    one_of("shadow_type", texts.get("shadow_type", "none"), SHADOWS)
    asked = read_switch("add_shadow", texts.get("add_shadow", "false"))
    if texts.get("shadow_type", "none") == "none" and not asked:
        return 0.0
    opacity = texts.get("shadow_opacity", "50")
    if not re.fullmatch(r"\d{1,3}(\.\d{1,9})?", opacity) or float(opacity) > 100:
        raise OptionError(f"shadow_opacity is {opacity[:64]!r}; give a number from 0 to 100")
    return float(opacity) / 100
