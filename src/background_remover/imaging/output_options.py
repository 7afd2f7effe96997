"""`OutputOptions`: how a result is written, in which format, and what a file's name says of that."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, get_args

from background_remover.errors import ImageError, OptionError, naming
from background_remover.imaging.atomic import check_place
from background_remover.imaging.formats import BY_NAME, FORMATS, WRITABLE, Compress
from background_remover.imaging.paths import is_file, is_folder, is_same, is_there
from background_remover.parameters.fields import one_of
from background_remover.parameters.groups import FILES
from background_remover.parameters.values import as_text, coerce_fields, shown

if TYPE_CHECKING:
    from background_remover.types import Size

_FORMATS = tuple(suffix[1:] for suffix in WRITABLE)
_QUALITIES = ", ".join(f"{one.label} {one.quality}" for one in FORMATS if one.quality)
_BEST = 100
_FINEST = 10_000  # pixels in an inch


def _as_format(name: str, value: object) -> str:
    return as_text(name, value).lower()


class Named(Protocol):
    """A path, or whatever else names a file: text is made of it for messages."""

    @property
    def suffix(self) -> str:
        """The end of the name, from its last dot on."""


@dataclass(frozen=True)
class OutputOptions:
    """How a result is written; raises `OptionError` at a value that is unknown or out of range."""

    format: str = FILES("", f"Write {', '.join(_FORMATS)}; by default what OUT ends in, or png.", _as_format)
    quality: int = FILES(0, f"Of a lossy format, 1 to {_BEST}; 0 is its own: {_QUALITIES}.")
    lossless: bool = FILES(False, "Write WebP without loss.")
    compress: str = FILES("fast", f"How a PNG is packed: {', '.join(get_args(Compress))}.")
    dpi: int = FILES(0, f"Write this resolution, 1 to {_FINEST} pixels in an inch; 0 keeps the picture's own.")
    strip: bool = FILES(False, "Write nothing but pixels, in sRGB: no EXIF, XMP, profile or resolution.")

    def __post_init__(self) -> None:
        coerce_fields(self)
        if self.format:
            one_of("format", self.format, _FORMATS)
        if not 0 <= self.quality <= _BEST:
            raise OptionError(
                f"quality is {shown(self.quality)}; give a number from 1 to {_BEST}, or 0 for the format's own"
            )
        one_of("compress", self.compress, get_args(Compress))
        if not 0 <= self.dpi <= _FINEST:
            raise OptionError(
                f"dpi is {shown(self.dpi)}; give a number from 1 to {_FINEST}, or 0 for the picture's own"
            )
        if self.dpi and self.strip:
            raise OptionError("strip writes no resolution; leave dpi or strip out")

    def pillow(self, kind: str) -> dict[str, Any]:
        """Return the arguments of Pillow's `save` for a format; raises `OptionError` where it has no such setting."""
        known = BY_NAME[kind]
        if self.lossless and known.quality and not known.lossless:
            raise OptionError(f"{kind} always loses a little; leave lossless out, or write a .webp or .png")
        if self.quality and (self.lossless or not known.quality):
            raise OptionError(f"{kind}{' without loss' if self.lossless else ''} has no quality; leave it out")
        if self.compress != OutputOptions.compress and kind != "PNG":
            raise OptionError(f"{kind} isn't packed as a PNG is; leave compress out, or write a .png")
        if self.dpi and known.resolution == "none":
            raise OptionError(f"{kind} holds no resolution; leave dpi out, or write a .png")
        if self.lossless and known.lossless:
            return {"lossless": True, "exact": True}
        return {"quality": self.quality or known.quality} if known.quality else {}


def kind_of(path: Named | None, saving: OutputOptions, *, transparent: bool = True, moving: bool = False) -> str:
    """Return Pillow's name of the format that a result is written in: that of the path's suffix, or `saving.format`.

    Without either, as on standard output, it is PNG. Raises `OptionError` where the two differ, where neither says
    anything, or where the format can't hold the result: it is `transparent`, or `moving`.
    """
    suffix = path.suffix.lower() if path is not None else ""
    named, asked = WRITABLE.get(suffix), WRITABLE.get(f".{saving.format}")
    name = str(path) if path is not None else f"format {saving.format}"
    if named and asked and named != asked:
        raise OptionError(f"{name}: its name says {named} and format says {asked}; leave format out, or rename it")
    kind = asked or named or ("PNG" if path is None else None)
    if kind is None or (transparent and not BY_NAME[kind].alpha):
        *most, last = (known for known, one in WRITABLE.items() if BY_NAME[one].alpha or not transparent)
        picture = "a picture with transparency" if transparent else "a picture"
        given = f".{saving.format}" if asked else suffix
        raise OptionError(f"{name}: {picture} ends in {', '.join(most)} or {last}, not in {given!r}")
    if moving and BY_NAME[kind].frames != "read and written":
        raise OptionError(
            f"{name}: {kind} holds no animation; write a .gif, .webp or .png, or take {naming('frame=1')}"
        )
    saving.pillow(kind)
    return kind


def check_size(size: "Size", kind: str, name: str) -> None:
    """Raise `ImageError`, which begins with `name`, where a picture of `size` is too large for a format."""
    longest = BY_NAME[kind].longest
    if longest is not None and max(size) > longest:
        raise ImageError(
            f"{name}: {kind} holds at most {longest} pixels a side, not {size[1]}x{size[0]}; "
            "make it smaller, or write a .png"
        )


def check_target(
    path: Path, saving: OutputOptions | None = None, *, source: Path | None = None, transparent: bool = True
) -> None:
    """Raise what writing would raise about the path itself, so that nobody works for a file that can't be written.

    That is an `OptionError` of `kind_of`, and an `ImageError` where the folder is missing, where the path is something
    else than a file, or where it is the file `source`.
    """
    if not is_folder(path):
        kind_of(path, saving or OutputOptions(), transparent=transparent)
    check_place(path)
    if is_there(path) and not is_file(path):
        raise ImageError(f"{path}: in the way and not a file; choose another name")
    if source is not None and is_same(path, source):
        raise ImageError(f"{path}: is the picture to be read and would be lost; choose another name")
