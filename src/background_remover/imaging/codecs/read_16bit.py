"""Levels of 16 bits from pictures that Pillow has opened, which has no mode for colours of more than 8."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageFile

from background_remover.imaging.codecs import pillow_internals
from background_remover.imaging.codecs.pillow_internals import raw_modes
from background_remover.imaging.metadata import upright

SixteenBit: TypeAlias = NDArray[np.uint16]
_COLOUR = re.compile(r"(RGBA?|RGBX|RGBa);16([BLN])")
_OTHER = {"B": "L", "L": "B", "N": "B" if np.little_endian else "L"}
_PHOTOMETRIC, _BITS, _PLANES = 262, 258, 284  # TIFF tags
_SEPARATE = 2
_WHITES = {"F": ((-1.0, 1.0), (16.0, 255.0), (4096.0, 65535.0)), "I": ((-1.0, 255.0), (256.0, 65535.0))}
"""Pillow's mode -> for each level that may be white the least that the brightest pixel then has, and white itself.

Between them are gaps: where the brightest is 3, it may be white overexposed, or a picture in [0, 255] that is black.
"""
_SLACK = 0.25


def grey_levels(image: PillowImage.Image) -> SixteenBit | None:
    """Return the levels of a grey picture of more than 8 bits, upright, (H, W, 1); None of any other picture.

    White is 65535 in 16 bits. Of floats and of 32 bits it is the range that is there which says so, see `_WHITES`;
    what isn't a number is black. Raises `NotImplementedError` at levels that fit none.
    """
    if not image.mode.startswith(("I", "F")):
        return None
    image.load()
    found = np.asarray(upright(image))[..., None]
    tags = getattr(image, "tag_v2", {})
    if image.mode in ("F", "I"):
        found = np.nan_to_num(found.astype(np.float32), nan=0)
        shares = np.clip(found / np.float32(_white(found, image.mode)), 0, 1)
        levels: SixteenBit = np.rint(shares * np.float32(65535)).astype(np.uint16)
    elif tags.get(_BITS, (16,))[0] == 12:
        levels = np.rint(found * np.float32(65535 / 4095)).astype(np.uint16)
    else:
        levels = np.clip(found, 0, 65535).astype(np.uint16)
    if tags.get(_PHOTOMETRIC) == 0:  # white is 0
        np.invert(levels, out=levels)
    return levels


def _white(levels: NDArray[np.float32], mode: str) -> float:
    """Return which of `_WHITES` is meant; enlarging and sharpening leave floats a little beyond both ends."""
    low, high = float(levels.min()), float(levels.max())
    slack = _SLACK if mode == "F" else 0.0
    for least, white in _WHITES[mode]:
        if least <= high <= white * (1 + slack) and low >= -slack * white:
            return white
    raise NotImplementedError(f"levels from {low:g} to {high:g}, where white is none of 1, 255 and 65535")


def colour_levels(image: ImageFile.ImageFile, reopen: Callable[[], ImageFile.ImageFile]) -> SixteenBit | None:
    """Return the levels of a PNG or TIFF file of 16-bit colours, upright, (H, W, 2 to 4); None of any other.

    The image has its header read and no more, and `reopen` gives another such. Two channels are grey and alpha, and the
    alpha is straight. Raises `NotImplementedError` at files which Pillow misreads.

    Pillow's decoders are asked twice, each time for one byte of every level: that of a file's highest bytes is what
    Pillow makes of it anyway, and the same bytes taken for those of the other order give the lowest.
    """
    modes = set(raw_modes(image))
    if modes == {"LA;16B"}:  # as long as four levels of 8 bits
        found = np.asarray(_loaded(image, "RGBA")).astype(np.uint16)
        levels = np.left_shift(found[..., ::2], 8, dtype=np.uint16)
        levels |= found[..., 1::2]
        return levels
    if _is_separate(image):
        if pillow_internals.codec_names(image) != {"raw"}:
            raise NotImplementedError("16-bit planes, each compressed by itself")
        return _planes(reopen)
    match = _COLOUR.fullmatch(modes.pop()) if len(modes) == 1 else None
    if match is None:
        return None
    channels, order = match[1].replace("RGBa", "RGBA"), match[2]
    lowest = _loaded(reopen(), f"{channels};16{_OTHER[order]}")
    levels = np.asarray(_loaded(image, f"{channels};16{order}")).astype(np.uint16)
    levels <<= 8
    levels |= np.asarray(lowest)
    return _straight(levels) if match[1] == "RGBa" else levels


def _is_separate(image: ImageFile.ImageFile) -> bool:
    """Return whether it is a TIFF file of planes of 16 bits, one after the other, which Pillow takes for 8."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(_PLANES) == _SEPARATE and set(tags.get(_BITS, ())) == {16} and len(tags[_BITS]) > 1


def _planes(reopen: Callable[[], ImageFile.ImageFile]) -> SixteenBit:
    """Decode the planes of such a file; the fourth is "A", a straight alpha, or "a", a premultiplied one."""
    planes = {}
    for name in sorted(set(raw_modes(reopen())) & set("RGBAa"), key="RGBAa".index):
        image: Any = reopen()
        pillow_internals.keep_plane(image, name)
        planes[name] = np.asarray(_loaded(image, "I;16B" if pillow_internals.is_big_endian(image.tag_v2) else "I;16"))
    levels = np.stack(list(planes.values()), axis=-1)
    return _straight(levels) if "a" in planes else levels


def _loaded(image: ImageFile.ImageFile, raw: str) -> PillowImage.Image:
    """Decode a picture whose pixels are taken to be laid out as a raw mode of Pillow's says; upright."""
    pillow_internals.set_raw_mode(image, raw)
    image.load()
    return upright(image)


def _straight(levels: SixteenBit) -> SixteenBit:
    """Divide colours that were multiplied by their alpha by it, in place."""
    alpha = levels[..., 3].astype(np.float32)
    for channel in range(3):
        plane = levels[..., channel] * np.float32(65535)
        np.divide(plane, alpha, out=plane, where=alpha > 0)
        levels[..., channel] = np.rint(np.clip(plane, 0, 65535, out=plane))
    return levels
