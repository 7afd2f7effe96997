"""The signatures of files that aren't read: what they are, and what to do instead."""

import contextlib
from typing import IO, NamedTuple

from background_remover.imaging.codecs.pillow_internals import TiffDirectory, first_directory, read_directory

PREFIX = 1024  # bytes of a file in which it shows what it is


class UnsupportedFormat(NamedTuple):
    """A kind of file by its name in a sentence, and what its owner can do."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}, which isn't read; {self.remedy}"


RAW = UnsupportedFormat("a RAW photo", "export it as TIFF, PNG or JPEG from a RAW converter first")
_VIDEO = UnsupportedFormat("a video", "use background-remover video, batch under a name as clip.mp4, or POST /video")
_PHOTOSHOP = UnsupportedFormat("a Photoshop document", "save it as PNG or TIFF, with its layers merged")
_GIMP = UnsupportedFormat("a GIMP document", "export it as PNG first")
_PDF = UnsupportedFormat("a PDF document", "export the picture in it as PNG first")
_POSTSCRIPT = UnsupportedFormat("a PostScript document", "export it as PNG first")
_JPEG_XL = UnsupportedFormat("a JPEG XL picture", "convert it to PNG or JPEG first")
_JPEG_2000 = UnsupportedFormat("a JPEG 2000 picture", "convert it to PNG or JPEG first")
_HDR = UnsupportedFormat("a picture of high dynamic range", "save it as PNG of 16 bits first")
_NETPBM = UnsupportedFormat("a Netpbm picture", "convert it to PNG first")
_ICON = UnsupportedFormat("an icon", "convert it to PNG first")
_SVG = UnsupportedFormat("an SVG drawing", "export it as PNG first")
_HTML = UnsupportedFormat("an HTML page", "save the picture itself, not the page that shows it")
_ARCHIVE = UnsupportedFormat("an archive or a document", "unpack or export the pictures in it first")
_POINTER = UnsupportedFormat("a Git LFS pointer to a file", "fetch the file itself: git lfs pull")

SIGNATURES: tuple[tuple[int, bytes, UnsupportedFormat], ...] = (
    *((0, start, RAW) for start in (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM")),
    *((place, mark, RAW) for place, mark in ((4, b"ftypcrx "), (8, b"CR\2\0"), (6, b"HEAPCCDR"))),
    (0, b"8BPS", _PHOTOSHOP),
    (0, b"gimp xcf", _GIMP),
    (0, b"%PDF-", _PDF),
    (0, b"%!PS", _POSTSCRIPT),
    (0, b"\xc5\xd0\xd3\xc6", _POSTSCRIPT),
    (0, b"\xff\x0a", _JPEG_XL),
    (0, b"\0\0\0\x0cJXL ", _JPEG_XL),
    (0, b"\0\0\0\x0cjP  ", _JPEG_2000),
    (0, b"\xff\x4f\xff\x51", _JPEG_2000),
    (0, b"\x76\x2f\x31\x01", _HDR),
    (0, b"#?RADIANCE", _HDR),
    *((0, b"P%d\n" % number, _NETPBM) for number in range(1, 8)),
    (0, b"\0\0\1\0", _ICON),
    *((4, b"ftyp" + brand, _VIDEO) for brand in (b"iso", b"mp4", b"avc1", b"qt  ", b"M4V", b"3g", b"dash", b"MSNV")),
    *((0, start, _VIDEO) for start in (b"\x1a\x45\xdf\xa3", b"FLV\1", b"OggS", b"\0\0\1\xba", b"\0\0\1\xb3")),
    (8, b"AVI ", _VIDEO),
    *((0, start, _ARCHIVE) for start in (b"PK\3\4", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")),
    (0, b"version https://git-lfs", _POINTER),
)
"""Where in a file which bytes stand, by the formats' own specifications."""
_WORDS = ((b"<svg", _SVG), (b"<!doctype html", _HTML), (b"<html", _HTML))

_NEW_SUBFILE, _PHOTOMETRIC, _SUBFILES, _DNG_VERSION = 254, 262, 330, 50706  # TIFF tags
_REDUCED = 1  # the bit of `_NEW_SUBFILE`
_SENSOR = {32803, 34892}  # photometric interpretations: a colour filter array, and linear light
_TIFF = (b"II*\0", b"MM\0*")  # no camera writes BigTIFF


def by_prefix(prefix: bytes) -> UnsupportedFormat | None:
    """Return what a file is whose first `PREFIX` bytes no reader knows; None where these don't show it."""
    for place, mark, kind in SIGNATURES:
        if prefix.startswith(mark, place):
            return kind
    text = prefix.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<"):
        found = [(text.find(word), kind) for word, kind in _WORDS if word in text]
        return min(found, key=lambda one: one[0])[1] if found else None
    return None


def is_raw_tiff(stream: IO[bytes], prefix: bytes) -> bool:
    """Return whether a file is a camera's RAW photo in the container of a TIFF file, such as DNG, NEF, CR2 or ARW.

    Such a file's first page is a small preview, and its pixels are those of a sensor. The stream's place is lost.
    """
    if not prefix.startswith(_TIFF):
        return False
    if by_prefix(prefix) is RAW:
        return True
    header = prefix[:8]
    with contextlib.suppress(Exception):  # at damaged bytes Pillow raises whatever its parsing runs into
        pages = [read_directory(stream, header, first_directory(header))]
        pages += [read_directory(stream, header, place) for place in _places(pages[0].get(_SUBFILES, ()))]
        return _DNG_VERSION in pages[0] or any(page.get(_PHOTOMETRIC) in _SENSOR for page in pages)
    return False


def is_reduced(tags: TiffDirectory) -> bool:
    """Return whether a page of a TIFF file is a small copy of another picture in the same file."""
    kind = tags.get(_NEW_SUBFILE, 0)
    return isinstance(kind, int) and bool(kind & _REDUCED)


def _places(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)[:8]
