"""`File`: a whole picture file in memory, and `Header`: what it says before a pixel of it is decoded, read once."""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Literal

from PIL import Image as PillowImage
from PIL import ImageFile

from background_remover.errors import Error, ImageError, TooLarge, UnknownFormat, one_line
from background_remover.imaging.codecs import heic, pillow_internals, read_16bit, signatures
from background_remover.imaging.formats import BY_NAME, FORMATS, Format
from background_remover.types import Size


@dataclass(frozen=True)
class Header:
    """What a picture file says of itself, of its first picture where it has several.

    `size` is (height, width) as stored, before the EXIF orientation is applied, and `bit_depth` the bits of a channel
    that are kept of it. `frames` are those of an animation, and 1 in any other file: pages are no frames. `plays` is
    the number of times that they are shown, and 0 is for ever.
    """

    format: Format
    size: Size
    bit_depth: Literal[8, 16]
    transparent: bool
    """Whether it has an alpha channel or a transparent colour."""
    frames: int
    plays: int


@dataclass(frozen=True)
class File:
    """A whole picture file in memory: one on disk may change, or end, while its pixels are read."""

    data: bytes
    name: str  # stands for it in messages
    known: Header | None = field(default=None, compare=False, repr=False)
    """The header, where somebody has read it already."""

    @cached_property
    def header(self) -> Header:
        """The header, read at most once; raises `ImageError` where it is damaged or of no known format."""
        with reading(self.name):
            return self.known or header_of(self.open())

    def open(self, frame: int = 1) -> ImageFile.ImageFile:
        """Open the file to decode it, at one of its frames or pages, which count from 1; raises as decoders do."""
        image = identify(io.BytesIO(self.data), self.name)
        # All in one piece, or a decoder waits for Python's lock between pieces, as long as a network is being opened.
        image.decodermaxblock = max(image.decodermaxblock, len(self.data))
        if frame > 1:
            image.seek(frame - 1)
        return image


def header_of(image: ImageFile.ImageFile) -> Header:
    """Read the header of a file that `identify` has just opened; raises whatever Pillow does at damaged frames."""
    known = BY_NAME[str(image.format)]
    size, loop = (image.height, image.width), image.info.get("loop")
    plays = int(loop or 0)
    if known.name == "GIF":  # which says how often it is shown again
        plays = 1 if loop is None else plays + 1 if plays else 0
    bit_depth: Literal[8, 16] = 16 if read_16bit.is_16_bit(image) else 8
    transparent = image.has_transparency_data
    frames = getattr(image, "n_frames", 1) - first_frame(image) if known.animated else 1
    return Header(known, size, bit_depth, transparent, frames, plays)


def first_frame(image: ImageFile.ImageFile) -> int:
    """Return the number of an animation's first frame: 1 where an APNG has another picture for other programs at 0."""
    return int(getattr(image, "default_image", False))


@contextlib.contextmanager
def reading(name: str) -> Iterator[None]:
    """Make an `ImageError` of whatever a decoder raises at the picture of that name."""
    try:
        yield
    except (Error, MemoryError):
        raise
    except PillowImage.DecompressionBombError as error:  # Pillow's plugins for WebP and TIFF ask its guard themselves
        raise TooLarge(f"{name}: too many pixels for this format; save it as PNG or JPEG first") from error
    except NotImplementedError as error:
        raise ImageError(f"{name}: of a kind that isn't read ({one_line(error)}); save it as PNG first") from error
    except Exception as error:  # at damaged bytes Pillow's plugins raise whatever their parsing runs into
        raise ImageError(
            f"{name}: truncated or damaged ({one_line(error)}); get a whole copy of the picture"
        ) from error


def identify(stream: IO[bytes], name: str) -> ImageFile.ImageFile:
    """Read the header of a picture file, by the format that its first bytes show.

    `PIL.Image.open` is not used for its guard against decompression bombs: that one is set for the whole process,
    warns at 89 megapixels and refuses 179. The limit here is the caller's.
    """
    prefix = stream.read(signatures.PREFIX)
    if not prefix:
        raise ImageError(f"{name}: empty; get a whole copy of the picture")
    if signatures.is_raw_tiff(stream, prefix):
        raise UnknownFormat(f"{name}: {signatures.RAW}")
    stream.seek(0)
    if heic.is_heic(prefix):
        return heic.open_heic(stream, name)
    kinds = [known.name for known in FORMATS]
    found = pillow_internals.opener_for(prefix, kinds)
    if found is None:
        unknown = f"not a picture of a known format; known: {', '.join(kinds)}"
        raise UnknownFormat(f"{name}: {signatures.by_prefix(prefix) or unknown}")
    kind, opener = found
    try:
        return opener(stream, "")
    except SyntaxError as error:
        if "unknown pixel mode" in str(error):
            raise NotImplementedError(f"{kind} with an {error}") from error
        raise
