"""`Metadata`: what a picture file holds beside its pixels, and the forms in which formats take it."""

import struct
import zlib
from dataclasses import dataclass, replace
from typing import Any

from PIL import ExifTags
from PIL import Image as PillowImage

from background_remover.imaging import exif
from background_remover.imaging.formats import BY_NAME
from background_remover.types import Size

_METRE = 0.0254  # of an inch
_RESOLUTION = (ExifTags.Base.XResolution, ExifTags.Base.YResolution, ExifTags.Base.ResolutionUnit)
_TIFF_XMP = 700
_TURNS = {
    2: PillowImage.Transpose.FLIP_LEFT_RIGHT,
    3: PillowImage.Transpose.ROTATE_180,
    4: PillowImage.Transpose.FLIP_TOP_BOTTOM,
    5: PillowImage.Transpose.TRANSPOSE,
    6: PillowImage.Transpose.ROTATE_270,
    7: PillowImage.Transpose.TRANSVERSE,
    8: PillowImage.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Metadata:
    """The metadata of a picture; b"" and None stand for nothing.

    `icc` is the profile of the colours, `exif` begins with "Exif" and two zero bytes, and its orientation is 1, `xmp`
    is a packet of XML, and `dpi` are the pixels in an inch, along and down.
    """

    icc: bytes = b""
    exif: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None

    def of_size(self, size: Size) -> "Metadata":
        """Return the metadata for the picture at another (height, width)."""
        return replace(self, exif=exif.of_size(self.exif, size))

    def of_resolution(self, dpi: int) -> "Metadata":
        """Return the metadata with another resolution, in pixels in an inch both along and down."""
        both = float(dpi), float(dpi)
        return replace(self, dpi=both, exif=self.exif and exif.of_resolution(self.exif, both))

    def pillow(self, kind: str) -> dict[str, Any]:
        """Return the arguments of Pillow's `save` for a format, by its name in Pillow: only what it can hold."""
        known, given = BY_NAME[kind], dict[str, Any]()
        if known.profile:
            given["icc_profile"] = self.icc
        if known.exif:
            given |= {"exif": self.exif, "xmp": self.xmp}
        if known.resolution == "header":
            given["dpi"] = self.dpi
        elif known.resolution == "exif" and self.dpi is not None:
            given["exif"] = exif.of_resolution(self.exif, self.dpi)
        return {name: value for name, value in given.items() if value}

    def chunks(self) -> list[tuple[bytes, bytes]]:
        """Return the chunks of a PNG file: names and data (PNG specification, third edition, chapter 11)."""
        found = []
        if self.icc:
            found.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(self.icc)))
        if self.dpi is not None:
            along, down = (round(dots / _METRE) for dots in self.dpi)
            found.append((b"pHYs", struct.pack(">LLB", along, down, 1)))
        if self.xmp:
            found.append((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + self.xmp))
        if self.exif:
            found.append((b"eXIf", self.exif.removeprefix(exif.PREFIX)))
        return found

    def tags(self) -> PillowImage.Exif:
        """Return the tags of a TIFF file, without the profile."""
        tags = PillowImage.Exif()
        if self.exif:
            tags.load(self.exif)
        if self.xmp:
            tags[_TIFF_XMP] = self.xmp
        if self.dpi is not None:
            for tag, value in zip(_RESOLUTION, (*self.dpi, 2), strict=True):
                tags[tag] = value
        return tags


def read(image: PillowImage.Image) -> Metadata:
    """Read the metadata of a file that Pillow has opened and loaded, as they hold of the upright picture."""
    return Metadata(
        icc=_bytes(image.info.get("icc_profile")),
        exif=_exif(image),
        xmp=exif.upright_xmp(_bytes(image.info.get("xmp") or image.info.get("XML:com.adobe.xmp"))),
        dpi=_dpi(image),
    )


def upright(image: PillowImage.Image) -> PillowImage.Image:
    """Return the picture turned upright, by the orientation in its file."""
    try:
        tags = image.getexif()  # where the EXIF data say nothing Pillow takes the XMP packet's word
        if image.format == "AVIF":  # whose own boxes say it, which Pillow puts into the EXIF data
            tags = PillowImage.Exif()
            tags.load(image.info.get("exif", b""))
        turn = _TURNS.get(tags.get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF data are no reason to refuse a whole picture
        return image
    return image if turn is None else image.transpose(turn)


def _exif(image: PillowImage.Image) -> bytes:
    try:
        if image.info.get("exif"):
            found = exif.upright(_bytes(image.info["exif"]))
        elif hasattr(image, "tag_v2"):
            found = exif.of_tiff(image)
        else:
            found = exif.upright(image.getexif().tobytes()) if len(image.getexif()) else b""
        if found:  # where Pillow can't write them anew, as it does for TIFF and AVIF, they are of no use
            tags = PillowImage.Exif()
            tags.load(found)
            tags.tobytes()
    except Exception:  # neither are they here: Pillow raises whatever its parsing runs into
        return b""
    return found


def _dpi(image: PillowImage.Image) -> tuple[float, float] | None:
    try:
        tags = image.getexif()
        found = image.info.get("dpi") or (tags[_RESOLUTION[0]], tags[_RESOLUTION[1]])
        scale = 1.0 if "dpi" in image.info or tags.get(_RESOLUTION[2], 2) == 2 else 2.54
        along, down = float(found[0]) * scale, float(found[1]) * scale
    except Exception:
        return None
    return (along, down) if 1 < along < 1e6 and 1 < down < 1e6 else None


def _bytes(value: object) -> bytes:
    """Return a field of Pillow's info, which differs by format and version."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return value if isinstance(value, bytes) else b""
