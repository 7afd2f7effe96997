"""`FORMATS`: the one table of picture formats, which reading, writing, names, media types and the docs come from."""

from typing import Literal, NamedTuple, TypeAlias

Compress: TypeAlias = Literal["fast", "small"]
"""What a PNG file is written for: speed, or a small size."""


class Format(NamedTuple):
    """A format of picture files: what is read of it, and what its files can hold when they are written.

    `name` is Pillow's, and `aliases` are the names that Pillow gives to kinds of its files; `label` is the name in a
    sentence. Files whose names end in one of `suffixes` are read, and in one of `written` are written too; a format
    without any of these is only read.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    media_type: str
    written: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    alpha: bool = False
    """Whether it holds an alpha channel, or as GIF one transparent colour."""
    frames: Literal["one", "read", "read and written"] = "one"
    """What is done with several frames of an animation; several pictures of another kind, as pages, are "one"."""
    quality: int = 0
    """The default quality of a lossy encoder, 1 to 100; 0 where it has none."""
    lossless: bool = False
    """Whether a lossy encoder can be asked to work without loss."""
    bit_depths: tuple[int, ...] = (8,)
    """Bits of each channel that are written."""
    profile: bool = True
    """Whether it holds an ICC profile; without one colours are written in sRGB."""
    exif: bool = True
    """Whether it holds EXIF data and an XMP packet."""
    resolution: Literal["header", "exif", "none"] = "exif"
    """Where the pixels in an inch are written."""
    longest: int | None = None
    """The most pixels that a side may have, where that is less than any picture read has."""
    encoder_bytes: int = 0
    """Memory that the encoder takes for each pixel, in bytes, as measured; 0 where it is no more than the cutout's."""

    @property
    def animated(self) -> bool:
        """Whether several frames in a file of it are an animation, of which each is read."""
        return self.frames != "one"


FORMATS = (
    Format(
        "JPEG",
        "JPEG",
        (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
        "image/jpeg",
        written=(".jpg", ".jpeg"),
        aliases=("MPO",),
        quality=95,
        resolution="header",
        longest=65_500,
    ),
    Format(
        "PNG",
        "PNG",
        (".png", ".apng"),
        "image/png",
        written=(".png",),
        alpha=True,
        frames="read and written",
        bit_depths=(8, 16),
        resolution="header",
    ),
    Format(
        "WEBP",
        "WebP",
        (".webp",),
        "image/webp",
        written=(".webp",),
        alpha=True,
        frames="read and written",
        quality=90,
        lossless=True,
        longest=16_383,
        encoder_bytes=50,
    ),
    Format(
        "TIFF",
        "TIFF",
        (".tif", ".tiff"),
        "image/tiff",
        written=(".tif", ".tiff"),
        alpha=True,
        bit_depths=(8, 16),
        resolution="header",
    ),
    Format(
        "BMP",
        "BMP",
        (".bmp", ".dib"),
        "image/bmp",
        written=(".bmp",),
        aliases=("DIB",),
        profile=False,
        exif=False,
        resolution="header",
    ),
    Format(
        "AVIF",
        "AVIF",
        (".avif", ".avifs"),
        "image/avif",
        written=(".avif",),
        alpha=True,
        frames="read",
        quality=80,
        longest=65_536,
        encoder_bytes=50,
    ),
    Format(
        "GIF",
        "GIF",
        (".gif",),
        "image/gif",
        written=(".gif",),
        alpha=True,
        frames="read and written",
        profile=False,
        exif=False,
        resolution="none",
        longest=65_535,
    ),
    Format(
        "HEIC",
        "HEIC",
        (".heic", ".heics", ".heif", ".heifs", ".hif"),
        "image/heic",
        aliases=("HEIF",),
        alpha=True,
    ),
)
"""Every format that is read, the last by an extra, in the order in which messages list them."""

BY_NAME = {name: one for one in FORMATS for name in (one.name, *one.aliases)}
"""Pillow's name of a format, or of a kind of its files -> the format."""
SUFFIXES = tuple(suffix for one in FORMATS for suffix in one.suffixes)
"""The names of pictures end in one of these; a file that is named by itself may end in anything."""
WRITTEN = tuple(sorted((one for one in FORMATS if one.written), key=lambda one: not one.alpha))
"""The formats that are written, those with transparency first: a cutout is mostly one of them."""
WRITABLE = {suffix: one.name for one in WRITTEN for suffix in one.written}
"""The suffix of a file to be written -> Pillow's name of its format."""


def default_qualities() -> dict[str, int]:
    """Return the default quality of each lossy format that is written, by its suffix without the dot."""
    return {one.written[0].removeprefix("."): one.quality for one in WRITTEN if one.quality}
