"""`File`: a whole picture file in memory, and `Header`: what it says before a pixel is decoded, read once and checked.

Nothing here needs NumPy, so that a file can be decoded by `begin` while that is imported.
"""

import contextlib
import io
import os
import stat
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

from PIL import Image as PillowImage
from PIL import ImageFile

from background_remover.errors import OR_RAISE, Error, ImageError, TooLarge, UnknownFormat, one_line
from background_remover.imaging.codecs import heic, pillow_internals, signatures
from background_remover.imaging.formats import BY_NAME, FORMATS, Format
from background_remover.imaging.paths import is_special
from background_remover.runtime import streams
from background_remover.runtime.parallel import in_thread

if TYPE_CHECKING:
    from background_remover.types import Size

MAX_MEGAPIXELS = 250.0
MAX_SIDE, MAX_RATIO = 65_535, 5_000  # pixels, and the longer side by the shorter: beyond them hardly anything works
_STORED_BYTES = 8  # of a pixel of 16 bits with its transparency, in a file


class Header(NamedTuple):
    """What a picture file says of itself, of its first picture where it has several.

    `size` is (height, width) as stored, before the EXIF orientation is applied, and `bit_depth` the bits of a channel
    that are kept of it. `frames` are those of an animation, and 1 in any other file: pages are no frames. `plays` is
    the number of times that they are shown, and 0 is for ever.
    """

    format: Format
    size: "Size"
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


@dataclass(frozen=True)
class BegunFile(File):
    """A file that a thread decodes, see `begin`."""

    decoding: list[Future[ImageFile.ImageFile]] = field(default_factory=list, compare=False, repr=False)
    """The image whose pixels are being decoded, for the first who opens the file."""

    def open(self, frame: int = 1) -> ImageFile.ImageFile:
        """Return the decoded image once, and then open the file as any other; so too where the thread met a fault."""
        if frame == 1 and self.decoding:
            with contextlib.suppress(Exception):  # whoever decodes it then meets the fault again, and reports it
                return self.decoding.pop().result()
        return super().open(frame)


def begin(file: File, *, frame: int = 0, longest: int = 0) -> File:
    """Return a file that a thread decodes for who opens it first, to do something else meanwhile.

    The file itself is returned where its reader does more before it decodes: of animations, of 16 bits, of a `frame`
    that isn't the first, of JPEG where the picture is to be shrunk to `longest`, and of TIFF, which has all sorts.
    """
    header = file.header
    several, prepared = max(header.frames, frame) > 1, header.bit_depth > 8 or header.format.name == "TIFF"
    if several or prepared or (longest and header.format.name == "JPEG"):
        return file
    begun = BegunFile(file.data, file.name, header)
    with contextlib.suppress(Exception):  # no thread can be started, or the file can't be opened: its reader will say
        image = file.open()
        begun.decoding.append(in_thread(lambda: _loaded(image)))
    return begun


def _loaded(image: ImageFile.ImageFile) -> ImageFile.ImageFile:
    image.load()
    return image


def header_of(image: ImageFile.ImageFile) -> Header:
    """Read the header of a file that `identify` has just opened; raises whatever Pillow does at damaged frames."""
    known = BY_NAME[str(image.format)]
    size, loop = (image.height, image.width), image.info.get("loop")
    plays = int(loop or 0)
    if known.name == "GIF":  # which says how often it is shown again
        plays = 1 if loop is None else plays + 1 if plays else 0
    bit_depth: Literal[8, 16] = 16 if pillow_internals.is_16_bit(image) else 8
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


def load(source: File | bytes | Path | str, *, name: str | None = None, max_megapixels: float = MAX_MEGAPIXELS) -> File:
    """Read a whole picture file and check its header; raises `ImageError` as `decode` does."""
    if isinstance(source, File):
        return checked(source, max_megapixels)
    if isinstance(source, bytes):
        return checked(File(source, name or "the given bytes"), max_megapixels)
    path, header = Path(source), None
    try:
        if path.is_dir():
            raise ImageError(f"{path}: a folder, not a picture; name a file in it")
        with path.open("rb") as stream:
            before = os.fstat(stream.fileno())
            is_file = stat.S_ISREG(before.st_mode)
            if is_file:  # what is too large is not to come into memory
                with reading(str(path)):
                    image = identify(stream, str(path))
                    check_size((image.height, image.width), str(path), max_megapixels)
                    check_length(before.st_size, str(path), max_megapixels)
                    header = header_of(image)
                stream.seek(0)
            data = stream.read() if is_file else streams.read_all(stream, str(path))
            after = os.fstat(stream.fileno())
    except FileNotFoundError as error:
        raise ImageError(f"{path}: no such file; check the name") from error
    except OSError as error:
        raise ImageError(f"{path}: can't be read ({error.strerror}); check its permissions") from error
    if is_file and (before.st_size, before.st_mtime_ns) != (len(data), after.st_mtime_ns):
        raise ImageError(f"{path}: changed while it was read; try again once it is whole")
    return checked(File(data, str(path), header), max_megapixels)


def check_ordinary(path: Path) -> None:
    """Raise `ImageError` at a pipe or a device, which a run over many files would wait for."""
    if is_special(path):
        raise ImageError(f"{path}: neither a file nor a folder; name a file")


def checked(file: File, max_megapixels: float = MAX_MEGAPIXELS) -> File:
    """Return a file whose header has been checked; raises `ImageError` as `decode` does."""
    check_size(file.header.size, file.name, max_megapixels)
    return file


def check_length(length: int, name: str, max_megapixels: float) -> None:
    """Raise `TooLarge` at a file that is longer than the largest picture allowed, without any compression."""
    most = max(streams.LONGEST, round(_STORED_BYTES * max_megapixels * 1e6))
    if length > most:
        raise TooLarge(f"{name}: is {length:,} bytes long, and the most is {most:,}; save it anew, as PNG")


def check_size(size: "Size", name: str, max_megapixels: float) -> None:
    """Raise `ImageError` at a picture without pixels, and `TooLarge` at one of more than `max_megapixels` million."""
    height, width = size
    if width * height == 0:
        raise ImageError(f"{name}: {width}x{height} has no pixels; give a picture of 1x1 or more")
    if width * height > max_megapixels * 1e6:
        raise TooLarge(
            f"{name}: {width}x{height} is {width * height / 1e6:.6g} megapixels and the limit is {max_megapixels:g}; "
            f"shrink the picture{OR_RAISE}"
        )
    if max(width, height) > MAX_SIDE or max(width, height) > MAX_RATIO * min(width, height):
        raise TooLarge(
            f"{name}: {width}x{height} is too long; at most {MAX_SIDE} pixels a side and {MAX_RATIO} to 1 are read; "
            "cut it into parts first"
        )
