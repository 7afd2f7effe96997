"""Pictures of at most 256 colours, as GIF has them."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.arrays.bit_depth import eight_bits
from background_remover.types import Image, Levels, Mask

_CLEAR = 255  # the number of the colour that isn't one
_SOLID = 128  # an alpha from here on is opaque: a pixel of a GIF is there or not


def paletted(pixels: Levels) -> PillowImage.Image:
    """A picture, (H, W, 4 or 3) or (H, W), of mode "P" and at most 255 colours, chosen from what can be seen of it.

    With an alpha channel, colour 255 is the clear one. Where there are more colours than that the rest is dithered.
    """
    levels = eight_bits(pixels)
    if levels.ndim == 2:
        levels = np.repeat(levels[..., None], 3, axis=2)
    solid = levels[..., 3] >= _SOLID if levels.shape[2] == 4 else np.ones(levels.shape[:2], dtype=np.bool_)
    numbers = np.full(solid.shape, _CLEAR, dtype=np.uint8)
    table, numbers[solid] = _numbered(levels[..., :3], solid)
    image = PillowImage.frombytes("P", (solid.shape[1], solid.shape[0]), numbers.tobytes())
    image.putpalette(table.tobytes().ljust(3 * 256, b"\0"))
    if levels.shape[2] == 4:
        image.info["transparency"] = _CLEAR
    return image


def _numbered(colours: Image, solid: Mask) -> tuple[Image, NDArray[np.uint8]]:
    """A table of colours, (at most 255, 3), and for each solid pixel the number of its own."""
    seen = colours[solid]
    known, numbers = np.unique(seen @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True)
    if len(known) <= _CLEAR:
        return (known[:, None] >> np.array([16, 8, 0])).astype(np.uint8), numbers.astype(np.uint8)
    chosen = PillowImage.fromarray(seen[None]).quantize(_CLEAR, PillowImage.Quantize.MEDIANCUT)
    table = np.array(chosen.getpalette(), dtype=np.uint8).reshape(-1, 3)
    filled = np.where(solid[..., None], colours, table[0])  # what is clear is not to be dithered into what isn't
    drawn = PillowImage.fromarray(filled).quantize(palette=chosen, dither=PillowImage.Dither.FLOYDSTEINBERG)
    return table, np.asarray(drawn)[solid]
