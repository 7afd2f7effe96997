"""Picture files: a path or bytes become a `Picture`, a Pillow image becomes a file. Only input and output."""

import contextlib
import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import ExifTags, ImageCms, ImageFile
from PIL import Image as PillowImage

from background_remover.errors import Error, ImageError, OptionError, one_line
from background_remover.types import Alpha, Image

MAX_MEGAPIXELS = 250.0
READABLE = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
WRITABLE = {
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".bmp": "BMP",
}
_WITHOUT_ALPHA = ("JPEG", "BMP")
_SAVING: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95},
    "TIFF": {"compression": "tiff_adobe_deflate"},
    "WEBP": {"quality": 90},
}
_UPRIGHT = {
    2: PillowImage.Transpose.FLIP_LEFT_RIGHT,
    3: PillowImage.Transpose.ROTATE_180,
    4: PillowImage.Transpose.FLIP_TOP_BOTTOM,
    5: PillowImage.Transpose.TRANSPOSE,
    6: PillowImage.Transpose.ROTATE_270,
    7: PillowImage.Transpose.TRANSVERSE,
    8: PillowImage.Transpose.ROTATE_90,
}
_PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # an ICC profile's colour space -> Pillow's mode for it


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    `image` is (H, W, 3) uint8, sRGB, upright. `opacity` is the file's own transparency, (H, W) float32 in [0, 1]
    with 0 for a clear pixel, or None where every pixel is opaque; `image` keeps the colours under clear pixels.
    """

    image: Image
    opacity: Alpha | None = None


def decode(source: bytes | Path | str, *, name: str | None = None, max_megapixels: float = MAX_MEGAPIXELS) -> Picture:
    """The picture in a file, or in the bytes of one: the first frame of a moving picture.

    `name` stands for the bytes in messages. Raises `ImageError` where there is no whole picture to be read, or one
    of more than `max_megapixels` million pixels; that is known from the header, before any pixel is decoded.
    """
    if isinstance(source, bytes):
        return _decode(io.BytesIO(source), name or "the given bytes", max_megapixels)
    path = Path(source)
    try:
        if path.is_dir():
            raise ImageError(f"{path}: a folder, not a picture; name a file in it")
        with path.open("rb") as file:
            stream: IO[bytes] = file if file.seekable() else io.BytesIO(file.read())
            return _decode(stream, str(path), max_megapixels)
    except FileNotFoundError as error:
        raise ImageError(f"{path}: no such file; check the name") from error
    except OSError as error:
        raise ImageError(f"{path}: can't be read ({error.strerror}); check its permissions") from error


def from_pillow(
    image: PillowImage.Image, *, name: str = "the given picture", max_megapixels: float = MAX_MEGAPIXELS
) -> Picture:
    """The picture in a Pillow image of any mode, turned upright as its EXIF data say.

    Raises `ImageError` where it has no pixels, has more than `max_megapixels` million, or can't be loaded.
    """
    width, height = image.size
    if width * height == 0:
        raise ImageError(f"{name}: {width}x{height} has no pixels; give a picture of 1x1 or more")
    if width * height > max_megapixels * 1e6:
        raise ImageError(
            f"{name}: {width}x{height} is {width * height / 1e6:.6g} megapixels and the limit is {max_megapixels:g}; "
            "shrink the picture or raise max-megapixels"
        )
    with _reading(name):
        image.load()
        plain = _in_eight_bits(_upright(image.convert("LA") if image.mode == "La" else image))
        return Picture(_colours(plain), _opacity(plain))


def from_array(array: Image) -> Picture:
    """The picture in an (H, W, 3) uint8 array; raises `ImageError` at any other shape or type, and at no pixels."""
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or array.size == 0:
        raise ImageError(
            f"an array of shape {array.shape} and type {array.dtype} is no picture; "
            "give (height, width, 3) of type uint8, red first"
        )
    return Picture(array)


def encode(image: PillowImage.Image, suffix: str = ".png") -> bytes:
    """The bytes of a picture file of the format that `suffix` names.

    Raises `OptionError` at an unknown suffix, or one whose format lacks the transparency the picture has, and
    `ImageError` where the format can't hold the picture (WebP ends at 16,383 pixels a side, JPEG at 65,500).
    """
    kind = _kind(suffix, image.mode == "RGBA", "suffix")
    buffer = io.BytesIO()
    try:
        image.save(buffer, kind, **_SAVING.get(kind, {}))
    except (OSError, ValueError) as error:
        size = f"{image.width}x{image.height}"
        raise ImageError(f"{kind} can't hold this picture of {size} ({one_line(error)}); write a .png") from error
    return buffer.getvalue()


def check_target(path: Path, *, source: Path | None = None, transparent: bool = True) -> None:
    """Raises what `write` would raise about the path itself, so that nobody works for a file that can't be written.

    That is an `OptionError` at a suffix that `encode` refuses, and an `ImageError` where the folder is missing,
    where the path is something else than a file, or where it is the file `source`.
    """
    _kind(path.suffix, transparent, str(path))
    if not path.parent.is_dir():
        raise ImageError(f"{path}: there is no folder {path.parent}; make it first")
    if path.exists() and not path.is_file():
        raise ImageError(f"{path}: in the way and not a file; choose another name")
    if source is not None and source.exists() and path.exists() and path.samefile(source):
        raise ImageError(f"{path}: is the picture to be read and would be lost; choose another name")


def write(image: PillowImage.Image, path: Path, *, source: Path | None = None) -> None:
    """Writes a picture file of the format that the path's suffix names; an existing file is replaced.

    The file appears whole or not at all, see `write_whole`. Raises as `check_target` and `encode` do, and `ImageError`
    where writing fails.
    """
    check_target(path, source=source, transparent=image.mode == "RGBA")
    try:
        data = encode(image, path.suffix)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
    write_whole(path, data)


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all: to a hidden file beside it, which is renamed at the end.

    A symbolic link is followed. Raises `ImageError` where writing fails.
    """
    target = path.resolve()
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(target)
    except OSError as error:
        raise ImageError(f"{path}: can't be written ({error.strerror}); choose another place") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _kind(suffix: str, transparent: bool, name: str) -> str:
    """Pillow's name of the format that a suffix stands for."""
    kinds = {known: kind for known, kind in WRITABLE.items() if not (transparent and kind in _WITHOUT_ALPHA)}
    if suffix.lower() not in kinds:
        *most, last = kinds
        picture = "a picture with transparency" if transparent else "a picture"
        raise OptionError(f"{name}: {picture} ends in {', '.join(most)} or {last}, not in {suffix!r}")
    return kinds[suffix.lower()]


def _decode(stream: IO[bytes], name: str, max_megapixels: float) -> Picture:
    with _reading(name):
        return from_pillow(_identify(stream, name), name=name, max_megapixels=max_megapixels)


def _identify(stream: IO[bytes], name: str) -> ImageFile.ImageFile:
    """The header of a picture file, read.

    `PIL.Image.open` is not used for its guard against decompression bombs: that one is set for the whole process,
    warns at 89 megapixels and refuses 179. The limit here is the caller's, checked by `from_pillow`.
    """
    prefix = stream.read(16)
    if not prefix:
        raise ImageError(f"{name}: empty; get a whole copy of the picture")
    PillowImage.init()
    for kind in READABLE:
        factory, accept = PillowImage.OPEN.get(kind, (None, None))
        if factory is not None and accept is not None and accept(prefix) is True:
            stream.seek(0)
            return factory(stream, name)
    raise ImageError(f"{name}: not a picture of a known format; known: {', '.join(READABLE)}")


@contextlib.contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except (Error, MemoryError):
        raise
    except PillowImage.DecompressionBombError as error:  # Pillow's plugins for WebP and TIFF ask its guard themselves
        raise ImageError(f"{name}: too many pixels for this format; save it as PNG or JPEG first") from error
    except Exception as error:  # at damaged bytes Pillow's plugins raise whatever their parsing runs into
        raise ImageError(
            f"{name}: truncated or damaged ({one_line(error)}); get a whole copy of the picture"
        ) from error


def _upright(image: PillowImage.Image) -> PillowImage.Image:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken EXIF data are no reason to refuse a whole picture
        return image
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def _in_eight_bits(image: PillowImage.Image) -> PillowImage.Image:
    """The picture as it is, or its deep grey levels as "L": Pillow's own conversion would cut them off at 255.

    White is 65535 in whole numbers (Pillow reads 16-bit PNG as "I;16" or, in older versions, "I") and 1.0 in floats.
    """
    if not image.mode.startswith(("I", "F")):
        return image
    levels = np.asarray(image).astype(np.float32) / np.float32(1 if image.mode == "F" else 65535)
    grey = PillowImage.fromarray(np.rint(np.clip(np.nan_to_num(levels), 0, 1) * 255).astype(np.uint8))
    if "icc_profile" in image.info:
        grey.info["icc_profile"] = image.info["icc_profile"]
    return grey


def _opacity(image: PillowImage.Image) -> Alpha | None:
    if not image.has_transparency_data:
        return None
    levels = np.asarray(image.convert("RGBA").getchannel("A"))
    return None if levels.min() == 255 else levels.astype(np.float32) / np.float32(255)


def _colours(image: PillowImage.Image) -> Image:
    """The colours of an 8-bit picture in sRGB, without its transparency: (H, W, 3) uint8."""
    profile = image.info.get("icc_profile")
    natural = {"1": "L", "L": "L", "LA": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")  # Pillow warns where a palette's transparency is dropped without this step
    if profile:
        image = _from_profile(image.convert(natural), profile) or image
    return np.asarray(image.convert("RGB"))


def _from_profile(image: PillowImage.Image, profile: bytes) -> PillowImage.Image | None:
    """The picture taken from its ICC profile to sRGB; None where the profile is sRGB, broken, or of other colours."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _PROFILE_MODES.get(source.profile.xcolor_space.strip())
        if mode != image.mode or "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return None
