"""What a picture is made of; files of every kind are in test_files."""

import platform
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.errors import ImageError
from background_remover.imaging.picture import Picture, of_array, of_levels, of_pillow, shrunk
from background_remover.runtime.parallel import at_most
from tests.conftest import grey_profile, srgb_profile, wide_profile

NOISE = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


def image_with(icc: bytes, mode: str = "RGB") -> PillowImage.Image:
    image = PillowImage.fromarray(NOISE).convert(mode)
    image.info["icc_profile"] = icc
    return image


@pytest.mark.parametrize("icc", [b"", srgb_profile()])
def test_srgb_of_8_bits_is_held_once(icc):
    picture = of_pillow(image_with(icc))
    assert picture.native is None
    assert picture.colours is picture.image
    assert picture.metadata.icc == icc


def test_wide_colours_are_held_beside_srgb():
    picture = of_pillow(image_with(wide_profile()))
    assert np.array_equal(picture.colours, NOISE)
    assert np.abs(picture.image.astype(int) - NOISE[..., [1, 0, 2]]).max() <= 12
    assert picture.metadata.icc == wide_profile()


@pytest.mark.parametrize(
    ("icc", "mode"), [(b"broken", "RGB"), (grey_profile(), "RGB"), (grey_profile(), "L"), (wide_profile(), "CMYK")]
)
def test_a_profile_that_is_not_of_the_result_is_dropped(icc, mode):
    picture = of_pillow(image_with(icc, mode))
    assert picture.native is None
    assert picture.metadata.icc == b""


def test_a_space_that_nothing_can_be_taken_to_is_left(monkeypatch):
    monkeypatch.setattr("background_remover.imaging.icc_profile.is_two_way", lambda icc: False)
    picture = of_pillow(image_with(wide_profile()))
    assert picture.native is None
    assert picture.metadata.icc == b""
    assert np.abs(picture.image.astype(int) - NOISE[..., [1, 0, 2]]).max() <= 12


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_deep_levels(channels):
    levels = NOISE.astype(np.uint16)[..., [0, 1, 2, 0]][..., :channels] * 257
    picture = of_levels(levels, image_with(b""))
    assert picture.native.dtype == np.uint16
    assert picture.native.flags.c_contiguous
    wanted = levels[..., [0, 0, 0]] if channels < 3 else levels[..., :3]
    assert np.array_equal(picture.native, wanted)
    assert np.array_equal(picture.image, wanted // 257)
    if channels in (2, 4):
        np.testing.assert_allclose(picture.opacity * 65535, levels[..., -1], atol=0.01)
        assert picture.opacity.dtype == np.float32
    else:
        assert picture.opacity is None


def test_an_array_is_a_picture():
    assert isinstance(of_array(NOISE), Picture)
    assert of_array(NOISE).image is NOISE


@pytest.mark.parametrize("scale", [1, 257])
def test_grey_alpha_and_16_bits_of_an_array_are_taken(scale):
    kind = np.uint8 if scale == 1 else np.dtype(">u2")  # the bytes of a file may be in another order
    colours = (NOISE.astype(np.uint16) * scale).astype(kind)
    grey = colours[..., 0]
    alpha = np.full(grey.shape, 51 * scale, kind)
    for array, wanted in (
        (grey, NOISE[..., :1]),
        (grey[..., None], NOISE[..., :1]),
        (np.dstack([grey, alpha]), NOISE[..., :1]),
        (colours, NOISE),
        (np.dstack([colours, alpha]), NOISE),
    ):
        picture = of_array(array)
        assert np.array_equal(picture.image, np.broadcast_to(wanted, NOISE.shape))
        assert picture.colours.dtype == (np.uint8 if scale == 1 else np.uint16)
        assert np.array_equal(picture.colours, picture.image.astype(np.uint16) * scale)
        if array.shape[2:] in ((2,), (4,)):
            np.testing.assert_allclose(picture.opacity, 0.2, atol=1e-6)
        else:
            assert picture.opacity is None
    assert of_array(np.dstack([colours, np.full(grey.shape, 255 * scale, kind)])).opacity is None


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_an_array_from_0_to_1_becomes_levels(kind):
    assert np.array_equal(of_array((NOISE / 255).astype(kind)).image, NOISE)
    beyond = of_array(np.array([[-0.001, 1.001]], kind))  # as a resize leaves it
    assert np.array_equal(beyond.image[0, :, 0], [0, 255])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 4, 3), np.uint8), "no picture; give (height, width, 3), red first"),
        (np.zeros(9, np.uint8), "no picture; give (height, width, 3), red first, or (height, width) of grey levels"),
        (np.zeros((6, 4, 5), np.uint8), "no picture; give (height, width, 3)"),
        (np.uint8(3), "no picture; give (height, width, 3)"),
        (np.zeros((3, 40, 50), np.float32), "its channels come first; give array.transpose(1, 2, 0)"),
        (
            np.zeros((2, 40, 50, 3), np.uint8),
            "no picture but several; give one of them, or all of them to remove_batch",
        ),
        (np.full((4, 4, 3), 255.0), "it ranges from 255 to 255; give 0 to 1, or levels of type uint8"),
        (np.full((4, 4, 3), -0.5), "it ranges from -0.5 to -0.5; give 0 to 1"),
        (np.full((4, 4, 3), np.nan), "it ranges from nan to nan; give 0 to 1"),
        (np.zeros((4, 4, 3), np.int64), "give levels of type uint8 or uint16, or floating point from 0 to 1"),
        (np.zeros((4, 4), bool), "give levels of type uint8 or uint16"),
        (np.zeros((4, 4), np.uint32), "give levels of type uint8 or uint16"),
        (np.zeros((4, 4), "U3"), "give levels of type uint8 or uint16"),
    ],
    ids=lambda value: f"{value.shape} {value.dtype}" if hasattr(value, "shape") else "",
)
def test_other_arrays_are_refused_with_a_way_out(array, message):
    with pytest.raises(ImageError) as error:
        of_array(np.asarray(array))
    assert message in str(error.value)


def test_a_picture_is_shrunk_and_never_enlarged():
    picture = of_array(np.random.default_rng(1).integers(0, 256, (60, 40, 3), dtype=np.uint8))
    small = shrunk(picture, 30)
    wanted = PillowImage.fromarray(picture.image).resize((20, 30), PillowImage.Resampling.BICUBIC)
    assert np.array_equal(small.image, np.asarray(wanted))
    assert (small.native, small.opacity) == (None, None)
    for longest in (60, 1000, 0):
        assert shrunk(picture, longest) is picture


def test_deep_colours_are_shrunk_beside_those_for_the_network():
    levels = np.repeat(np.linspace(0, 65535, 64).astype(np.uint16)[None, :, None], 32, axis=0).repeat(3, axis=2)
    small = shrunk(of_levels(levels, PillowImage.new("RGB", (64, 32))), 16)
    assert small.native.dtype == np.uint16
    assert small.native.shape == small.image.shape == (8, 16, 3)
    assert np.abs(small.native / 257 - small.image).max() <= 1
    assert np.abs(small.native[4, 1:-1, 0] - levels[0].reshape(16, 4, 3).mean(axis=(1, 2))[1:-1]).max() < 200


def test_deep_colours_without_a_profile_are_not_copied_by_pillow(monkeypatch):
    image = PillowImage.new("RGB", (8, 6))
    monkeypatch.setattr(PillowImage, "fromarray", lambda *_: pytest.fail("nothing is to be converted"))
    picture = of_levels(NOISE.astype(np.uint16) * 257, image)
    assert np.array_equal(picture.image, NOISE)
    assert np.array_equal(picture.native, NOISE.astype(np.uint16) * 257)


def test_the_colours_of_clear_pixels_do_not_bleed_where_it_is_shrunk():
    image = np.full((40, 40, 3), 200, np.uint8)
    image[:, 17:] = 9
    opacity = np.ones((40, 40), np.float32)
    opacity[:, 17:] = 0
    small = shrunk(Picture(image, opacity), 10)
    assert small.opacity.shape == (10, 10)
    assert np.abs(small.image[small.opacity > 0.02].astype(int) - 200).max() <= 6  # of 8 bits times a small alpha
    assert np.abs(small.opacity.sum() / 100 - opacity.mean()) < 0.01


def test_decoded_colours_are_held_once_and_not_beside_copies_of_pillows():
    image = PillowImage.fromarray(np.random.default_rng(1).integers(0, 256, (700, 500, 3), dtype=np.uint8))
    tracemalloc.start()
    picture = of_pillow(image)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(picture.image, np.asarray(image))
    assert peak < 1.6 * picture.image.nbytes  # with what is held beside it, and never written to


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("number", [1, 2])
def test_the_reduced_picture_is_the_same_however_it_is_found(mode, number):
    samples = np.random.default_rng(2).integers(0, 256, (700, 3100, 3), dtype=np.uint8)
    image = PillowImage.fromarray(samples).convert(mode)
    image.getexif()[0x0112] = 6  # to be turned by a quarter
    with at_most(number):
        picture = of_pillow(image)
    assert picture.image.shape == (3100, 700, 3)
    assert np.array_equal(picture.reduced, Picture(picture.image).reduced)
    assert picture.reduced.shape == (1024, 231, 3)


REUSE = """
import io, numpy as np
from PIL import Image
from background_remover.imaging.picture import of_pillow
from background_remover.runtime.allocator import keep_freed_memory
keep_freed_memory()
buffer = io.BytesIO()
Image.new("RGB", (1600, 1200)).save(buffer, "JPEG")
picture = of_pillow(Image.open(buffer))
picture.reduced  # another thread has Pillow's pixels until then
beside = np.empty(1600 * 1200 // 4, np.uint8)  # the network's picture, say
alpha = np.empty((1200, 1600), np.float32)
print(alpha.ctypes.data < picture.image.ctypes.data)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="its allocator is meant")
def test_an_alpha_takes_the_place_of_pillows_pixels():
    done = subprocess.run([sys.executable, "-c", REUSE], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
