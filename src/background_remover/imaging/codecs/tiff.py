"""TIFF files: colours of 16 bits, which Pillow reads but can't write, and all others in the same way."""

import itertools
import zlib
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from background_remover.imaging.codecs import pillow_internals
from background_remover.types import Levels

_STRIP = 2**20  # bytes of levels that are deflated together
_LIMIT = 2**32 - 2**24  # bytes, which places in the file are counted by
_SIGNATURE = b"II*\0" if np.little_endian else b"MM\0*"


def encode(pixels: Levels, tags: PillowImage.Exif, icc: bytes) -> bytes:
    """Return the bytes of a TIFF file (revision 6.0) of (H, W) grey, (H, W, 3), or (H, W, 4) with straight alpha.

    `tags` and the profile are written with it. Levels are stored as differences from their left neighbours, and
    deflated in strips. Raises `ValueError` where the file would be too long for TIFF.
    """
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    height, width, channels = pixels.shape
    rows = max(1, _STRIP // pixels[0].nbytes)
    strips = [_strip(pixels[top : top + rows]) for top in range(0, height, rows)]
    lengths = [len(strip) for strip in strips]
    if sum(lengths) > _LIMIT:
        raise ValueError("more than 4 GB")
    places = itertools.accumulate(lengths[:-1], initial=0)  # from the directory's end, where Pillow takes them from
    square: dict[int, Any] = {282: 1, 283: 1, 296: 1}  # TIFF wants a resolution: that pixels are square, no more
    own: dict[int, Any] = {
        256: width,
        257: height,
        258: (8 * pixels.itemsize,) * channels,
        259: 8,  # deflate
        262: 1 if channels == 1 else 2,  # black is 0, or RGB
        273: tuple(places),
        277: channels,
        278: rows,
        279: tuple(lengths),
        284: 1,  # all channels of a pixel together
        317: 2,  # differences
        339: (1,) * channels,  # whole numbers
    }
    own |= ({338: 2} if channels == 4 else {}) | ({34675: icc} if icc else {})
    offset = len(_SIGNATURE) + 4
    start = offset.to_bytes(4, "little" if np.little_endian else "big")
    directory = pillow_internals.directory_bytes(square | _tags(tags) | own, _SIGNATURE[:2], offset)
    return b"".join([_SIGNATURE, start, directory, *strips])


def _strip(pixels: Levels) -> bytes:
    differences = pixels.copy()
    differences[:, 1:] -= pixels[:, :-1]
    return zlib.compress(differences.tobytes())


def _tags(tags: PillowImage.Exif) -> dict[int, Any]:
    """Return the tags with the directories that some of them lead to."""
    return {tag: tags.get_ifd(tag) or value if tag in (0x8769, 0x8825) else value for tag, value in tags.items()}
