"""Pictures of at most 256 colours, as GIF has them."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.arrays.bit_depth import eight_bits
from background_remover.types import Image, Levels, Mask

_TRANSPARENT = 255  # the number of the colour that stands for none
_OPAQUE = 128  # an alpha from here on is opaque: a pixel of a GIF is there or not


def paletted(pixels: Levels) -> PillowImage.Image:
    """Return a picture, (H, W, 4 or 3) or (H, W), in mode "P": at most 255 colours, chosen from its opaque pixels.

    With an alpha channel, colour 255 is the transparent one. Where there are more colours the rest is dithered.
    """
    levels = eight_bits(pixels)
    if levels.ndim == 2:
        levels = np.repeat(levels[..., None], 3, axis=2)
    opaque = levels[..., 3] >= _OPAQUE if levels.shape[2] == 4 else np.ones(levels.shape[:2], dtype=np.bool_)
    numbers = np.full(opaque.shape, _TRANSPARENT, dtype=np.uint8)
    table, numbers[opaque] = _numbered(levels[..., :3], opaque)
    image = PillowImage.frombytes("P", (opaque.shape[1], opaque.shape[0]), numbers.tobytes())
    image.putpalette(table.tobytes().ljust(3 * 256, b"\0"))
    if levels.shape[2] == 4:
        image.info["transparency"] = _TRANSPARENT
    return image


def _numbered(colours: Image, opaque: Mask) -> tuple[Image, NDArray[np.uint8]]:
    """Return a table of colours, (at most 255, 3), and for each opaque pixel the number of its own."""
    seen = colours[opaque]
    known, numbers = np.unique(seen @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True)
    if len(known) <= _TRANSPARENT:
        return (known[:, None] >> np.array([16, 8, 0])).astype(np.uint8), numbers.astype(np.uint8)
    chosen = PillowImage.fromarray(seen[None]).quantize(_TRANSPARENT, PillowImage.Quantize.MEDIANCUT)
    table = np.array(chosen.getpalette(), dtype=np.uint8).reshape(-1, 3)
    filled = np.where(opaque[..., None], colours, table[0])  # what is transparent is not to be dithered into what isn't
    drawn = PillowImage.fromarray(filled).quantize(palette=chosen, dither=PillowImage.Dither.FLOYDSTEINBERG)
    return table, np.asarray(drawn)[opaque]
