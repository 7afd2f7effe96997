"""HEIC files, which phones write: opened by pillow-heif, if it is there."""

import importlib.util
import io
from typing import IO, cast

from PIL import ImageFile

from background_remover.errors import ImageError

_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}  # ISO/IEC 23008-12, annex B


def is_readable() -> bool:
    """Return whether pillow-heif is installed."""
    return importlib.util.find_spec("pillow_heif") is not None


def is_heic(prefix: bytes) -> bool:
    """Return whether a file that begins so is HEIC: its own brand says so, or one that it is compatible with."""
    if prefix[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(prefix[:4], "big"), len(prefix))
    brands = {prefix[8:12], *(prefix[place : place + 4] for place in range(16, length - 3, 4))}
    return bool(brands & _BRANDS)


def open_heic(stream: IO[bytes], name: str) -> ImageFile.ImageFile:
    """Read the header of a HEIC file.

    Raises `ImageError` where pillow-heif isn't installed, and whatever its parsing runs into at damaged bytes.
    """
    try:
        from pillow_heif import HeifImageFile  # here, for it needs an extra
    except ImportError as error:
        raise ImageError(f"{name}: a HEIC picture needs pillow-heif; pip install 'background-remover[heic]'") from error
    return cast(ImageFile.ImageFile, HeifImageFile(io.BytesIO(stream.read()), ""))  # type: ignore[no-untyped-call]
