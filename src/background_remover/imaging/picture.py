"""`Picture`: what is in a picture file, ready to be worked on; made of a Pillow image or of an array."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.arrays.bit_depth import eight_bits, resize_levels, to_levels, white
from background_remover.arrays.resample import shrink, shrink_pillow, within
from background_remover.arrays.tiles import STRIP
from background_remover.errors import ImageError
from background_remover.imaging import icc_profile, metadata
from background_remover.imaging.codecs import pillow_internals, read_16bit
from background_remover.imaging.codecs.read_16bit import SixteenBit
from background_remover.imaging.metadata import Metadata
from background_remover.runtime.parallel import begun
from background_remover.types import Alpha, Colours, Image, Levels, Size

REDUCED = 1024  # pixels of the longer side of `Picture.reduced`
_GREY, _OTHER = ("1", "L", "LA"), ("CMYK", "LAB")  # modes whose pixels don't stay in the space of their profile
_ROUNDING = 0.5 / 255  # what floating point may be beyond its range: half a level, so that the nearest one is within


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    `image` is (H, W, 3) uint8, sRGB, upright. `opacity` is the file's own transparency, (H, W) float32 in [0, 1]
    with 0 for a transparent pixel, or None where all are opaque; `image` keeps the colours under transparent ones.
    `native` are the file's own colours where they are more than `image` says, of 16 bits or of another RGB space, and
    else None. The profile in `metadata`, if there is one, is that of `colours`.
    """

    image: Image
    opacity: Alpha | None = None
    native: Colours | None = None
    metadata: Metadata = field(default_factory=Metadata)

    reducing: Callable[[], Image] | None = field(default=None, repr=False)
    """Waits for what `reduced` gives, where a thread began to find it as the file was decoded."""

    @functools.cached_property
    def reduced(self) -> Image:
        """`image` within the square of `REDUCED` pixels, at which edges and colours are found; a smaller one stays."""
        if self.reducing is not None:
            return self.reducing()
        reduced = shrink(self.image, within((self.image.shape[0], self.image.shape[1]), REDUCED))
        return reduced.copy()  # where memory was freed: it stays, and would cut what is free for larger arrays in two

    @property
    def colours(self) -> Colours:
        """The colours that a result is made of, (H, W, 3)."""
        return self.image if self.native is None else self.native


def of_pillow(image: PillowImage.Image) -> Picture:
    """Decode a Pillow image of any mode; raises whatever Pillow does where its file is damaged."""
    levels = read_16bit.grey_levels(image)
    if levels is not None:
        return of_levels(levels, image)
    image.load()
    meta = metadata.read(image)
    plain = metadata.upright(image.convert("LA") if image.mode == "La" else image)
    opacity = _opacity(plain)
    if plain.has_transparency_data and plain.mode not in _GREY:
        plain = plain.convert("RGBA")  # Pillow warns where a palette's transparency is dropped without this step
    if plain.mode in _GREY + _OTHER:
        grey = icc_profile.to_srgb(plain.convert("L") if plain.mode in _GREY else plain, meta.icc) or plain
        return _copied(grey.convert("RGB"), opacity, None, replace(meta, icc=b""))
    rgb = plain if plain.mode == "RGB" else plain.convert("RGB")
    seen, meta, is_kept = _in_srgb(rgb, meta)
    return _copied(seen or rgb, opacity, rgb if seen and is_kept else None, meta)


def _copied(
    seen: PillowImage.Image, opacity: Alpha | None, native: PillowImage.Image | None, meta: Metadata
) -> Picture:
    """Return the picture in Pillow images of mode "RGB"; a thread finds `reduced` meanwhile, and as a network runs."""
    own = None if native is None else _colours_of(native)
    size = within((seen.height, seen.width), REDUCED)
    if opacity is not None or size == (seen.height, seen.width):  # edges are found in other colours, or in these
        return Picture(_colours_of(seen), opacity, own, meta)
    reducing = begun(lambda: shrink_pillow(seen, size))
    return Picture(_colours_of(seen), None, own, meta, reducing)


def _colours_of(image: PillowImage.Image) -> Image:
    """Return the pixels of a Pillow image of mode "RGB": (H, W, 3).

    They are copied in strips: NumPy would have Pillow make two more copies of the whole first, in memory that no other
    step needs.
    """
    # Pillow's own pixels are freed next, of four bytes each, as an alpha's are. With this beside them, which is never
    # written to, an alpha fits in their place: memory that was used before takes a tenth of the time of new memory.
    spare = np.empty(image.height * image.width // 2, dtype=np.uint8)
    result = np.empty((image.height, image.width, 3), dtype=np.uint8)
    for top in range(0, image.height, STRIP):
        bottom = min(top + STRIP, image.height)
        strip = np.frombuffer(pillow_internals.rows(image, top, bottom), dtype=np.uint8)
        result[top:bottom] = strip.reshape(bottom - top, image.width, 3)
    del spare
    return result


def of_levels(levels: SixteenBit, image: PillowImage.Image) -> Picture:
    """Return the picture of 16-bit levels, (H, W, 1 to 4), the second or fourth an alpha, read upright from `image`."""
    meta, transparent = metadata.read(image), image.info.get("transparency")
    is_grey = levels.shape[2] < 3
    colours, opacity = levels[..., : 1 if is_grey else 3], None
    if levels.shape[2] in (2, 4):
        opacity = np.divide(levels[..., -1], np.float32(65535), dtype=np.float32)
    elif transparent is not None:
        opacity = np.any(colours != np.uint16(transparent), axis=-1).astype(np.float32)
    if opacity is not None and opacity.min() == 1:
        opacity = None
    if not is_grey:
        return _in_its_space(np.ascontiguousarray(colours), opacity, meta)
    in_srgb = _grey_in_srgb(colours[..., 0], meta.icc)
    return Picture(eight_bits(in_srgb), opacity, in_srgb, replace(meta, icc=b""))


def of_array(array: NDArray[Any]) -> Picture:
    """Return the picture in an array: (H, W) of grey levels or (H, W, 1 to 4), red first, an alpha second or fourth.

    It is of type uint8 or uint16, or of floating point in [0, 1], which becomes levels of 8 bits. Raises `ImageError`
    at any other shape, type or range, and at no pixels.
    """
    levels = _levels_of(array)
    is_grey = levels.shape[2] < 3
    colours = levels if levels.shape[2] == 3 else np.ascontiguousarray(levels[..., : 1 if is_grey else 3])
    if is_grey:
        colours = np.repeat(colours, 3, axis=2)
    opacity = None
    if levels.shape[2] in (2, 4):
        opacity = np.divide(levels[..., -1], np.float32(white(levels)), dtype=np.float32)
        opacity = None if opacity.min() == 1 else opacity
    small = eight_bits(colours)
    return Picture(small, opacity, None if small is colours else colours)


def _levels_of(array: NDArray[Any]) -> Levels:
    """Return the levels in an array, (H, W, 1 to 4)."""
    said = f"an array of shape {array.shape} and type {array.dtype} is no picture"
    kind, shape = array.dtype.kind, array.shape
    if len(shape) == 4:
        raise ImageError(f"{said} but several; give one of them, or all of them to remove_batch")
    if len(shape) == 3 and shape[2] not in range(1, 5) and shape[0] in range(1, 5):
        raise ImageError(f"{said}, its channels come first; give array.transpose(1, 2, 0)")
    levels = array[..., None] if len(shape) == 2 else array
    if levels.ndim != 3 or levels.shape[2] not in range(1, 5) or array.size == 0:
        raise ImageError(f"{said}; give (height, width, 3), red first, or (height, width) of grey levels")
    if kind == "f":
        least, most = float(array.min()), float(array.max())
        if not (least > -_ROUNDING and most < 1 + _ROUNDING):  # true of NaN as well
            raise ImageError(f"{said}, it ranges from {least:g} to {most:g}; give 0 to 1, or levels of type uint8")
        return to_levels(np.clip(levels, 0, 1, dtype=np.float32), np.dtype(np.uint8))
    if kind != "u" or array.dtype.itemsize > 2:
        raise ImageError(f"{said}; give levels of type uint8 or uint16, or floating point from 0 to 1")
    return cast(Levels, levels.astype(np.uint8 if array.dtype.itemsize == 1 else np.uint16, copy=False))


def shrunk(picture: Picture, longest: int) -> Picture:
    """Shrink a picture so that neither side is above `longest`; a smaller one, or with 0 any, is returned itself."""
    size = picture.image.shape[0], picture.image.shape[1]
    small = within(size, longest) if longest else size
    return picture if small == size else resized(picture, small)


def resized(picture: Picture, size: Size) -> Picture:
    """Resize a picture to `size`, (height, width).

    Colours are weighed by the opacity, so that those of transparent pixels don't bleed into others; what is transparent
    all around is black.
    """

    def brought(colours: Colours) -> Levels:
        if picture.opacity is not None:
            colours = np.dstack([colours, to_levels(picture.opacity, colours.dtype)])
        return resize_levels(colours, size)

    image = brought(picture.image)
    native = None if picture.native is None else brought(picture.native)
    opacity = None
    if picture.opacity is not None:
        levels = (image if native is None else native)[..., 3]
        opacity = np.divide(levels, np.float32(white(levels)), dtype=np.float32)
        image, native = image[..., :3], None if native is None else native[..., :3]
    meta = picture.metadata.of_size(size)
    native = None if native is None else np.ascontiguousarray(native)
    return Picture(cast(Image, np.ascontiguousarray(image)), opacity, native, meta)


def _in_its_space(colours: Colours, opacity: Alpha | None, meta: Metadata) -> Picture:
    """Return the picture of RGB colours, (H, W, 3), of more than 8 bits."""
    small = eight_bits(colours)
    if not meta.icc:  # most have none, and Pillow would copy the picture
        return Picture(small, opacity, colours, meta)
    seen, meta, is_kept = _in_srgb(PillowImage.fromarray(small), meta)
    return Picture(small if seen is None else np.asarray(seen), opacity, colours if is_kept else None, meta)


def _in_srgb(image: PillowImage.Image, meta: Metadata) -> tuple[PillowImage.Image | None, Metadata, bool]:
    """Return an image of mode "RGB" in sRGB, its metadata, and whether they are those of its own colours as well.

    None stands for an image that needs no conversion, or can't be converted. A profile is kept where a background can
    be converted to it.
    """
    seen = icc_profile.to_srgb(image, meta.icc)
    if seen is None:
        return None, meta if icc_profile.is_srgb(meta.icc) else replace(meta, icc=b""), True
    is_kept = icc_profile.is_two_way(meta.icc)
    return seen, meta if is_kept else replace(meta, icc=b""), is_kept


def _grey_in_srgb(grey: SixteenBit, icc: bytes) -> SixteenBit:
    """Convert grey levels (H, W) to sRGB, (H, W, 3), by the curve of their profile at 256 levels."""
    seen = icc_profile.to_srgb(PillowImage.fromarray(np.arange(256, dtype=np.uint8)[None]), icc)
    if seen is None:
        return np.repeat(grey[..., None], 3, axis=2)
    known, curves = np.arange(256) * 257, np.asarray(seen)[0] * 257.0
    tables = [np.rint(np.interp(np.arange(65536), known, curves[:, channel])) for channel in range(3)]
    return np.asarray(np.stack(tables, axis=-1)[grey], dtype=np.uint16)


def _opacity(image: PillowImage.Image) -> Alpha | None:
    if not image.has_transparency_data:
        return None
    levels = np.asarray(image.convert("RGBA").getchannel("A"))
    return None if levels.min() == 255 else levels.astype(np.float32) / np.float32(255)
