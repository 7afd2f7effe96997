"""Levels of 16 bits against files of another writer; files of every layout are in test_files."""

import io
from collections.abc import Callable

import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage
from PIL import TiffImagePlugin

from background_remover.imaging.codecs.read_16bit import colour_levels, grey_levels

NOISE = np.random.default_rng(0).integers(0, 65536, (13, 17, 4), dtype=np.uint16)


def opener(levels: np.ndarray, **saving: object) -> Callable[[], PillowImage.Image]:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, levels, metadata=None, **saving)
    return lambda: PillowImage.open(io.BytesIO(buffer.getvalue()))


def read(levels: np.ndarray, **saving: object) -> np.ndarray | None:
    reopen = opener(levels, photometric="rgb", **saving)
    return colour_levels(reopen(), reopen)


@pytest.mark.parametrize("planar", [False, True])
def test_colours_that_were_multiplied_by_their_alpha_are_divided(planar):
    levels = NOISE.copy()
    levels[..., :3] = levels[..., :3].astype(np.uint64) * levels[..., 3:] // 65535
    given = np.moveaxis(levels, -1, 0) if planar else levels
    result = read(given, extrasamples=["assocalpha"], planarconfig="separate" if planar else "contig")
    seen = levels[..., 3] > 20000
    assert np.array_equal(result[..., 3], levels[..., 3])
    assert np.abs(result[seen].astype(int) - NOISE[seen]).max() <= 4


@pytest.mark.parametrize("planar", [False, True])
def test_a_channel_that_says_nothing_is_left_out(planar):
    given = np.moveaxis(NOISE, -1, 0) if planar else NOISE
    result = read(given, extrasamples=["unspecified"], planarconfig="separate" if planar else "contig")
    assert np.array_equal(result, NOISE[..., :3])


def test_colours_of_8_bits_are_left_to_pillow():
    reopen = opener(NOISE[..., :3].astype(np.uint8), photometric="rgb")
    image = reopen()
    assert colour_levels(image, reopen) is None
    assert np.array_equal(np.asarray(image), NOISE[..., :3].astype(np.uint8))


def test_grey_levels_of_all_sorts():
    grey = NOISE[..., 0]
    assert np.array_equal(grey_levels(opener(grey)())[..., 0], grey)
    assert np.array_equal(grey_levels(opener(grey, photometric="miniswhite")())[..., 0], np.invert(grey))
    assert np.array_equal(grey_levels(opener(grey.astype(np.int32))())[..., 0], grey)
    assert grey_levels(PillowImage.fromarray(grey.astype(np.uint8))) is None
    wild = np.float32([[0, 0.5, 1, 1.2, -0.1, np.nan]])
    assert grey_levels(PillowImage.fromarray(wild))[0, :, 0].tolist() == [0, 32768, 65535, 65535, 0, 0]


@pytest.mark.parametrize("mode", ["F", "I"])
@pytest.mark.parametrize("white", [1, 255, 65535])
def test_white_is_as_the_range_that_is_there_says(mode, white):
    """White is 1 of floats alone: of whole numbers two levels would be a mask."""
    shares = np.linspace(0, 1, 64, dtype=np.float32)[None] * np.float32(1 if white == 1 else 0.9)
    levels = np.rint(shares * white) if mode == "I" else shares * np.float32(white)
    found = grey_levels(PillowImage.fromarray(levels.astype(np.int32 if mode == "I" else np.float32)))
    full = 255 if (mode, white) == ("I", 1) else white
    assert np.abs(found[0, :, 0] / 65535 - levels[0] / full).max() < 1e-4


@pytest.mark.parametrize(
    "levels",
    [
        *(np.float32([[0, high]]) for high in (3, 1000, 1e6, np.inf)),
        *(np.float32([[low, 1]]) for low in (-0.5, -np.inf)),
        np.float32([[-80, 128]]),
        np.int32([[0, 2**31 - 1]]),
        np.int32([[-1, 255]]),
    ],
)
def test_levels_of_no_known_range_are_refused(levels):
    with pytest.raises(NotImplementedError, match=r"levels from .* to .*, where white is none of 1, 255 and 65535"):
        grey_levels(PillowImage.fromarray(levels))


def test_12_bits_become_16():
    """Two levels in three bytes, by hand: nobody's writer makes them without a further library."""
    levels = np.arange(16, dtype=np.uint16).reshape(2, 8) * 273
    packed = b"".join(
        (int(a) << 12 | int(b)).to_bytes(3, "big")
        for a, b in zip(levels.ravel()[::2], levels.ravel()[1::2], strict=True)
    )
    directory = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
    tags = {256: 8, 257: 2, 258: 12, 259: 1, 262: 1, 273: 0, 277: 1, 278: 2, 279: len(packed)}
    for tag, value in tags.items():
        directory[tag] = value
    image = PillowImage.open(io.BytesIO(b"II*\0\x08\0\0\0" + directory.tobytes(8) + packed))
    assert np.array_equal(grey_levels(image)[..., 0], np.rint(levels / 4095 * 65535))
