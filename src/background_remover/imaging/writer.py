"""`Result`: a finished picture, and the file that is written of it."""

import functools
import io
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image as PillowImage

from background_remover.arrays.bit_depth import eight_bits
from background_remover.errors import ImageError, one_line
from background_remover.imaging import icc_profile
from background_remover.imaging.atomic import write_whole
from background_remover.imaging.codecs import png, tiff
from background_remover.imaging.codecs.palette import paletted
from background_remover.imaging.formats import BY_NAME, Compress
from background_remover.imaging.metadata import Metadata
from background_remover.imaging.output_options import OutputOptions, check_size, check_target, kind_of
from background_remover.types import Image, Levels, Rows, Size


@dataclass(frozen=True, eq=False)
class Result:
    """A finished picture: (H, W, 4), straight alpha last, or (H, W, 3), in the metadata's space, or (H, W) of grey.

    Of one that is made row by row `pixels` makes all rows, and `encode` as it writes a PNG few at a time.
    """

    rows: Levels | Rows
    metadata: Metadata = field(default_factory=Metadata)

    @functools.cached_property
    def pixels(self) -> Levels:
        """All of its pixels."""
        return self.rows if isinstance(self.rows, np.ndarray) else self.rows.whole()

    @property
    def transparent(self) -> bool:
        """Whether it has an alpha channel."""
        return self.rows.shape[2:] == (4,)

    @property
    def size(self) -> Size:
        """(height, width)."""
        return self.rows.shape[0], self.rows.shape[1]

    def pillow(self) -> PillowImage.Image:
        """Return it as a Pillow image of 8 bits, of mode "RGBA", "RGB" or "L", whose `info` holds the metadata."""
        image = PillowImage.fromarray(as_8_bits(self.pixels))
        info = {"icc_profile": self.metadata.icc, "exif": self.metadata.exif, "xmp": self.metadata.xmp}
        image.info |= {name: value for name, value in info.items() if value}
        if self.metadata.dpi is not None:
            image.info["dpi"] = self.metadata.dpi
        return image


def as_8_bits(pixels: Levels) -> Image:
    """Return a result's pixels in 8 bits; those that become fully transparent are hidden, by 0, where others were."""
    levels = eight_bits(pixels)
    if pixels.dtype != np.uint8 and pixels.shape[2:] == (4,) and not pixels[pixels[..., 3] == 0].any():
        levels[levels[..., 3] == 0] = 0
    return levels


def plain(result: Result, saving: OutputOptions, kind: str) -> Result:
    """Return a result as a format can hold it: without metadata where it can't or isn't to, and then in sRGB.

    Its resolution is `saving.dpi`, where that is given.
    """
    if saving.dpi:
        result = replace(result, metadata=result.metadata.of_resolution(saving.dpi))
    if BY_NAME[kind].profile and not saving.strip:
        return result
    kept = Metadata(dpi=None if saving.strip else result.metadata.dpi)
    icc = result.metadata.icc
    if icc:
        levels = as_8_bits(result.pixels)
        colours = icc_profile.to_srgb(PillowImage.fromarray(np.ascontiguousarray(levels[..., :3])), icc)
        if colours is not None:
            return Result(cast(Image, np.concatenate([np.asarray(colours), levels[..., 3:]], axis=2)), kept)
    return Result(result.rows, kept)


def encode(result: Result, saving: OutputOptions, kind: str, name: str) -> bytes:
    """Return the bytes of a picture file of the format that `kind_of` gives; `name` stands for it in messages.

    Raises `ImageError` where the format can't hold the picture, see `formats.FORMATS`.
    """
    check_size(result.size, kind, name)
    result = plain(result, saving, kind)
    try:
        if kind == "PNG":
            compress = cast(Compress, saving.compress)
            return png.encode(result.rows, metadata=result.metadata.chunks(), compress=compress)
        if kind == "TIFF":
            return tiff.encode(result.pixels, result.metadata.tags(), result.metadata.icc)
        return _by_pillow(result, saving, kind)
    except (OSError, OverflowError, RuntimeError, ValueError, struct.error) as error:
        size = f"{result.size[1]}x{result.size[0]}"
        message = f"{name}: {kind} can't hold this picture of {size} ({one_line(error)}); write a .png"
        raise ImageError(message) from error


def write(result: Result, path: Path, saving: OutputOptions | None = None, *, source: Path | None = None) -> None:
    """Write a picture file of the format that the path's suffix names, or `saving.format`; replaces an existing file.

    The file appears whole or not at all, see `write_whole`. Raises as `check_target` and `encode` do, and `ImageError`
    where writing fails.
    """
    saving = saving or OutputOptions()
    check_target(path, saving, source=source, transparent=result.transparent)
    kind = kind_of(path, saving, transparent=result.transparent)
    write_whole(path, encode(result, saving, kind, str(path)))


def _by_pillow(result: Result, saving: OutputOptions, kind: str) -> bytes:
    buffer = io.BytesIO()
    given: dict[str, Any] = saving.pillow(kind) | result.metadata.pillow(kind)
    if result.transparent and kind == "AVIF":
        given["subsampling"] = "4:4:4"  # or colours at the edge are mixed with the zeros beside it
    if result.transparent and kind == "WEBP" and result.pixels[result.pixels[..., 3] == 0].any():
        given["exact"] = True  # somebody asked for the hidden colours; else the encoder is free there
    image = paletted(result.pixels) if kind == "GIF" else PillowImage.fromarray(as_8_bits(result.pixels))
    image.save(buffer, kind, **given)
    return buffer.getvalue()
