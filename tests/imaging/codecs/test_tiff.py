"""Files against tifffile, which knows nothing of ours, and against Pillow."""

import io

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from background_remover.imaging.codecs.tiff import encode

NOTHING = PillowImage.Exif()


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from([(), (3,), (4,)]),
    st.sampled_from([np.uint8, np.uint16]),
    st.integers(0, 9),
)
def test_an_independent_reader_finds_the_levels(size, channels, kind, seed):
    levels = np.random.default_rng(seed).integers(0, np.iinfo(kind).max + 1, (*size, *channels)).astype(kind)
    data = encode(levels, NOTHING, b"")
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert np.array_equal(file.pages[0].asarray().reshape(levels.shape), levels)
        assert len(file.pages) == 1
        if channels == (4,):
            assert file.pages[0].extrasamples == (tifffile.EXTRASAMPLE.UNASSALPHA,)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_many_strips_make_one_picture(kind):
    levels = np.random.default_rng(0).integers(0, 255, (900, 800, 4)).astype(kind)
    data = encode(levels, NOTHING, b"")
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert len(file.pages[0].dataoffsets) > 2
        assert np.array_equal(file.asarray(), levels)
    with PillowImage.open(io.BytesIO(data)) as image:
        high = np.asarray(image) if kind is np.uint8 else np.asarray(image).astype(np.uint16) << 8
    assert np.array_equal(high, levels if kind is np.uint8 else levels >> 8 << 8)


def test_tags_and_profile_are_written():
    tags = PillowImage.Exif()
    tags[0x013B] = "Ada"
    tags[700] = b"<x/>"
    tags.get_ifd(0x8769)[0x9003] = "2024:05:06 07:08:09"
    loaded = PillowImage.Exif()
    loaded.load(tags.tobytes())
    with PillowImage.open(io.BytesIO(encode(np.zeros((3, 4, 3), np.uint16), loaded, b"profile"))) as image:
        assert image.info["icc_profile"] == b"profile"
        assert image.info["xmp"] == b"<x/>"
        assert image.getexif()[0x013B] == "Ada"
        assert image.getexif().get_ifd(0x8769)[0x9003] == "2024:05:06 07:08:09"


def test_smooth_colours_are_packed():
    levels = np.broadcast_to(np.arange(600, dtype=np.uint16)[:, None] * 100, (400, 600, 3)).copy()
    assert len(encode(levels, NOTHING, b"")) < levels.nbytes / 20


def test_what_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr("background_remover.imaging.codecs.tiff._LIMIT", 10)
    with pytest.raises(ValueError, match="4 GB"):
        encode(np.zeros((9, 9, 3), np.uint8), NOTHING, b"")
