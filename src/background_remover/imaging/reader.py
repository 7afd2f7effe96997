"""Picture files decoded: a `File`, or what becomes one, becomes a `Picture`."""

import logging
from pathlib import Path

from PIL import Image as PillowImage

from background_remover.arrays.resample import within
from background_remover.errors import ImageError, naming
from background_remover.imaging import picture
from background_remover.imaging.codecs import read_16bit, signatures, truncation
from background_remover.imaging.file import (
    MAX_MEGAPIXELS,
    File,
    Header,
    check_size,
    header_of,
    identify,
    load,
    reading,
)
from background_remover.imaging.picture import Picture

LOG = logging.getLogger(__name__)
BYTES = 16  # that the work on a picture takes for each pixel of 8 bits
_16_BIT_BYTES, _OPACITY_BYTES = 40, 12  # of 16 bits, and what a transparency adds
_CUT_OFF = "{}: its end is missing; taken all the same, for its rows are there: get a whole copy to be sure"
_TILE, _LARGE_TILE = (322, 323), 4096  # TIFF tags of the width and the length of a tile; pixels


def decode(
    source: File | bytes | Path | str,
    *,
    name: str | None = None,
    max_megapixels: float = MAX_MEGAPIXELS,
    frame: int = 1,
    longest: int = 0,
) -> Picture:
    """Decode a picture file, or the bytes of one: of a file with several frames or pages one, which count from 1.

    The header of a `File` isn't read again. `name` stands for bytes in messages; `longest` shrinks the picture, see
    `read`. Raises `ImageError` where there
    is no whole picture to be read, no such frame, or a picture of more than `max_megapixels` million pixels; that is
    known from the header, before any pixel is decoded.
    """
    file = load(source, name=name, max_megapixels=max_megapixels)
    return read(file, max_megapixels=max_megapixels, frame=frame, longest=longest)


def read(file: File, *, max_megapixels: float = MAX_MEGAPIXELS, frame: int = 1, longest: int = 0) -> Picture:
    """Decode a file that `load` gave; raises `ImageError` as `decode` does.

    With `longest` it is shrunk, see `picture.shrunk`. A JPEG is then decoded at 1/2, 1/4 or 1/8 of its size, where that
    leaves enough, in a fraction of the time. Where no more than the mark of a file's end is missing, or a part of its
    last rows, it is taken, and a warning is logged.
    """
    try:
        return _read(file, max_megapixels, frame, longest)
    except ImageError as error:
        data = _completed(file) if isinstance(error.__cause__, OSError) else None
        if data is None:
            raise
        LOG.warning("%s", _CUT_OFF.format(file.name))
        return _read(File(data, file.name), max_megapixels, frame, longest)


def say_if_cut_off(file: File, kind: str | None) -> None:
    """Log a warning where a file that can be read all the same lacks its end; Pillow calls its format `kind`."""
    if truncation.is_missing(file.data, kind):
        LOG.warning("%s", _CUT_OFF.format(file.name))


def _read(file: File, max_megapixels: float, frame: int, longest: int) -> Picture:
    with reading(file.name):
        image = file.open()
        frames = getattr(image, "n_frames", 1) if frame > 1 else 1
        if frame > frames:
            raise ImageError(f"{file.name}: has no frame {frame}; give a number up to {frames}")
        if frame > 1:
            image.seek(frame - 1)
        _check_page(image, file.name)
        _check_image(image, file.name, max_megapixels)
        if longest and image.format == "JPEG":
            height, width = within((image.height, image.width), longest)
            image.draft(image.mode, (width, height))
        moving = image.format != "TIFF" and getattr(image, "is_animated", False)
        levels = None if moving else read_16bit.colour_levels(image, lambda: file.open(frame))
        whole = picture.of_pillow(image) if levels is None else picture.of_levels(levels, image)
        say_if_cut_off(file, image.format)
        return picture.shrunk(whole, longest)


def memory(source: File | Path | bytes, *, extra: int = 0, canvas: int = 0, all_frames: bool = False) -> int:
    """Return the bytes that the work on a picture takes at most, as measured: by its pixels and their bit depth.

    Its header alone is read, and that of a `File` only once. `extra` are bytes for each pixel beside those of a plain
    cutout, and `canvas` the pixels of the result where it may have more; with `all_frames` those of all frames count.
    Raises `ImageError` where it isn't a picture.
    """
    header = _header(source)
    each = BYTES if header.bit_depth == 8 else _16_BIT_BYTES
    each += _OPACITY_BYTES if header.transparent else 0
    height, width = header.size
    return max(width * height * (header.frames if all_frames else 1), canvas) * (each + extra)


def _header(source: File | Path | bytes) -> Header:
    if isinstance(source, File):
        return source.header
    if isinstance(source, bytes):
        return File(source, "the given bytes").header
    with reading(str(source)), source.open("rb") as stream:
        return header_of(identify(stream, str(source)))


def from_pillow(
    image: PillowImage.Image, *, name: str = "the given picture", max_megapixels: float = MAX_MEGAPIXELS
) -> Picture:
    """Return the picture in a Pillow image of any mode, turned upright as its EXIF data say.

    Raises `ImageError` where it has no pixels, has more than `max_megapixels` million, or can't be loaded.
    """
    with reading(name):
        _check_image(image, name, max_megapixels)
        return picture.of_pillow(image)


def _completed(file: File) -> bytes | None:
    """Return the bytes of a file that ends too early, with an end; None where that doesn't help."""
    with reading(file.name):
        return truncation.completed(file.data, lambda stream: identify(stream, file.name), file.header.format.name)


def _check_page(image: PillowImage.Image, name: str) -> None:
    """Refuse the small copy of a picture that many TIFF files have in front of it."""
    pages = getattr(image, "n_frames", 1)
    if image.format == "TIFF" and pages > 1 and signatures.is_reduced(image.tag_v2):  # type: ignore[attr-defined]
        raise ImageError(
            f"{name}: this page is a small copy of another; give the number of that one, as in {naming('frame=2')}"
        )


def _check_image(image: PillowImage.Image, name: str, max_megapixels: float) -> None:
    check_size((image.height, image.width), name, max_megapixels)
    tags = getattr(image, "tag_v2", {})
    for tag, side in zip(_TILE, image.size, strict=True):
        length = tags.get(tag, 0)
        if not isinstance(length, int) or length > max(side, _LARGE_TILE):  # a small picture of much memory
            raise ImageError(f"{name}: truncated or damaged (tiles of {length} pixels); get a whole copy")
