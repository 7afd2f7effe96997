"""Pillow's parts beyond its documented names, used here alone; a test finds what a version lacks."""

import ctypes
import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from PIL import Image as PillowImage
from PIL import ImageFile, _imaging

if TYPE_CHECKING:  # Pillow's module for TIFF files is imported with the first of them
    from PIL import TiffImagePlugin

TiffDirectory: TypeAlias = "TiffImagePlugin.ImageFileDirectory_v2"
"""The tags of a page of a TIFF file, by their numbers."""
Opener: TypeAlias = Callable[[IO[bytes], str], ImageFile.ImageFile]
"""What reads the header of a stream; a name that isn't "" would have Pillow map the file of that name into memory."""


_PLUGINS = {b"\xff\xd8\xff": "JpegImagePlugin", b"\x89PNG\r\n\x1a\n": "PngImagePlugin"}
"""How files of the two most common formats begin -> Pillow's module for them, which takes no other file."""


def opener_for(prefix: bytes, kinds: Iterable[str]) -> tuple[str, Opener] | None:
    """Return the first of some formats, by Pillow's names, that takes a file for its own, and what opens it.

    `prefix` are the file's first bytes. Returns None where no format does.
    """
    # The very format, the most common ones, then all: those take a while.
    for prepare in (lambda: _load_plugin(prefix), PillowImage.preinit, PillowImage.init):
        prepare()
        for kind in kinds:
            factory, accept = PillowImage.OPEN.get(kind, (None, None))
            if factory is not None and accept is not None and accept(prefix) is True:
                return kind, factory
    return None


def _load_plugin(prefix: bytes) -> None:
    """Load the one module that reads a file of a common format, by its first bytes."""
    for signature, module in _PLUGINS.items():
        if prefix.startswith(signature):
            importlib.import_module(f"PIL.{module}")


def rows(image: PillowImage.Image, top: int, bottom: int) -> bytes:
    """Return the pixels of some rows, as `tobytes` does of all; with `crop` before that it takes twice the time."""
    encoder = PillowImage._getencoder(image.mode, "raw", (image.mode,))
    encoder.setimage(image.im, (0, top, image.width, bottom))
    length = image.width * (bottom - top) * len(image.getbands())
    return bytes(encoder.encode(length)[2])


def raw_modes(image: PillowImage.Image) -> list[str]:
    """Return the layout of the pixels in each tile of an opened file, as decoders name it: "RGB;16B"."""
    return [_raw_mode(tile) for tile in getattr(image, "tile", ())]


def is_16_bit(image: PillowImage.Image) -> bool:
    """Return whether a picture, of which the header has been read, has levels of more than 8 bits."""
    return image.mode.startswith(("I", "F")) or any(";16" in raw for raw in raw_modes(image))


def codec_names(image: ImageFile.ImageFile) -> set[str]:
    """Return the names of the decoders that the tiles of an opened file are for: "raw", "zip"."""
    return {tile.codec_name for tile in image.tile}


def set_raw_mode(image: ImageFile.ImageFile, raw: str) -> None:
    """Have all tiles of an opened file decoded as pixels of another layout."""
    image.tile = [
        tile._replace(args=raw if not isinstance(tile.args, tuple) else (raw, *tile.args[1:])) for tile in image.tile
    ]


def keep_plane(image: ImageFile.ImageFile, name: str) -> None:
    """Have one plane of an opened file decoded alone, that of the raw mode `name`, as grey levels of 16 bits."""
    image.tile = [tile for tile in image.tile if _raw_mode(tile) == name]
    image._mode = "I;16"


def is_big_endian(tags: TiffDirectory) -> bool:
    """Return whether the numbers of a TIFF file have their highest bytes first."""
    return bool(tags.prefix == b"MM")


def first_directory(header: bytes) -> int:
    """Return where a TIFF file's first directory begins, by the 8 bytes at its head."""
    from PIL import TiffImagePlugin

    return int(TiffImagePlugin.ImageFileDirectory_v2(header).next)


def read_directory(stream: IO[bytes], header: bytes, place: int) -> TiffDirectory:
    """Read a directory of a TIFF file at a place; raises whatever Pillow's parsing runs into at damaged bytes."""
    from PIL import TiffImagePlugin

    directory = TiffImagePlugin.ImageFileDirectory_v2(header)
    stream.seek(place)
    directory.load(stream)
    return directory


def directory_bytes(tags: Mapping[int, Any], prefix: bytes, offset: int) -> bytes:
    """Return the bytes of a TIFF directory that begins at `offset`; `prefix` is b"II" or b"MM".

    The places of strips among the tags are counted from the directory's end, and written from the file's beginning.
    """
    from PIL import TiffImagePlugin

    directory = TiffImagePlugin.ImageFileDirectory_v2(prefix=prefix)
    for tag, value in tags.items():
        directory[tag] = value
    return directory.tobytes(offset)


def library_file() -> str:
    """Return the path of Pillow's compiled library; raises `AttributeError` where it is built into the interpreter."""
    return str(_imaging.__file__)


def silence_libtiff() -> None:
    """Keep libtiff's remarks on damaged files off standard error, in this process: what matters Pillow raises.

    Does nothing where Pillow was built without libtiff, or holds it out of reach.
    """
    try:
        library = ctypes.CDLL(library_file())  # which brings along the libraries that it is linked with
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            handler = library[name]
            handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
            handler(None)
    except (AttributeError, OSError):
        return


def _raw_mode(tile: Any) -> str:
    return str(tile.args[0] if isinstance(tile.args, tuple) else tile.args)
