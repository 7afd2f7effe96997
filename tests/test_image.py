import io
import os
import random
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageCms

from background_remover.errors import ImageError, OptionError
from background_remover.image import WRITABLE, check_target, decode, encode, from_array, from_pillow, write

KINDS = ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"]
PillowImage.init()
if "AVIF" not in PillowImage.SAVE:  # Pillow learnt it in version 11.3
    KINDS.remove("AVIF")
LOSSLESS = {
    "WEBP": {"lossless": True},
    "JPEG": {"quality": 100, "subsampling": 0},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}


def file_of(image: PillowImage.Image, kind: str = "PNG", **saving: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **saving)
    return buffer.getvalue()


@pytest.fixture
def scene() -> np.ndarray:
    """Four unlike quarters, blown up to 32 x 48 so that lossy formats keep them apart."""
    quarters = np.uint8([[[250, 10, 10], [10, 250, 10]], [[10, 10, 250], [240, 240, 240]]])
    return quarters.repeat(16, axis=0).repeat(24, axis=1)


# Reading


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_is_read_from_bytes_and_path(tmp_path, scene, kind):
    data = file_of(PillowImage.fromarray(scene), kind, **LOSSLESS.get(kind, {}))
    path = tmp_path / "no-suffix-needed"
    path.write_bytes(data)
    for picture in (decode(data), decode(path), decode(str(path))):
        assert picture.image.dtype == np.uint8
        assert picture.opacity is None
        assert np.abs(picture.image.astype(int) - scene).max() <= (0 if kind in ("PNG", "TIFF", "BMP", "GIF") else 12)


STORED = {  # how a file of each EXIF orientation stores an upright picture, from the words of the EXIF standard
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(upright, 2).swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("BMP", "GIF")])
def test_pictures_are_turned_upright(scene, kind, orientation):
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    stored = PillowImage.fromarray(np.ascontiguousarray(STORED[orientation](scene)))
    picture = decode(file_of(stored, kind, exif=exif, **LOSSLESS.get(kind, {})))
    assert picture.image.shape == scene.shape
    assert np.abs(picture.image.astype(int) - scene).max() <= 12


def test_broken_exif_data_do_not_matter(scene):
    data = file_of(PillowImage.fromarray(scene), exif=b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff")
    assert np.array_equal(decode(data).image, scene)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"])
def test_opaque_modes_become_rgb(scene, mode):
    image = PillowImage.fromarray(scene).convert(mode, palette=PillowImage.Palette.ADAPTIVE)
    picture = from_pillow(image)
    wanted = np.asarray(PillowImage.fromarray(scene).convert(mode if mode in ("1", "L") else "RGB").convert("RGB"))
    assert np.abs(picture.image.astype(int) - wanted).max() <= (20 if mode == "LAB" else 3)
    assert picture.opacity is None


@pytest.mark.parametrize("mode", ["RGBA", "RGBa", "LA", "La", "PA", "P"])
def test_transparency_is_kept_beside_the_colours(mode):
    grey, clear = np.full((4, 6), 200, np.uint8), np.full((4, 6), 255, np.uint8)
    clear[:, :2], clear[:, 2] = 0, 102
    if mode == "P":
        image = PillowImage.frombytes("P", (6, 4), (clear == 0).astype(np.uint8).tobytes())
        image.putpalette([200, 200, 200, 9, 9, 9])
        image.info["transparency"] = b"\xff\x00"  # one value for each colour, as PNG has it
        clear[:, 2] = 255
    elif mode == "PA":
        image = PillowImage.new("PA", (6, 4))
        image.putpalette([200, 200, 200])
        image.putalpha(PillowImage.fromarray(clear))
    else:
        image = PillowImage.merge("LA", [PillowImage.fromarray(grey), PillowImage.fromarray(clear)])
        image = image if mode in ("LA", "La") else image.convert("RGBA")
        image = image.convert(mode)
    picture = from_pillow(image)
    np.testing.assert_allclose(picture.opacity, clear / 255, atol=1e-6)
    assert picture.opacity.dtype == np.float32
    assert np.abs(picture.image[clear > 0].astype(int) - 200).max() <= 2


@pytest.mark.parametrize(("mode", "colour"), [("RGB", (9, 8, 7)), ("L", 9)])
def test_one_colour_of_a_png_may_be_clear(mode, colour):
    image = PillowImage.new(mode, (3, 2), colour)
    image.putpixel((1, 1), (1, 2, 3) if mode == "RGB" else 1)
    picture = decode(file_of(image, transparency=colour))
    assert picture.opacity.tolist() == [[0, 0, 0], [0, 1, 0]]


def test_an_alpha_that_is_opaque_everywhere_is_none(scene):
    assert from_pillow(PillowImage.fromarray(scene).convert("RGBA")).opacity is None


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_range(kind):
    levels = np.arange(256, dtype=np.uint16).reshape(16, 16)
    picture = decode(file_of(PillowImage.fromarray(levels * 257), kind))
    assert np.array_equal(picture.image, np.repeat(levels[..., None], 3, axis=2))


def test_float_grey_is_white_at_one():
    levels = np.float32([[0, 0.5, 1, 2, -1, np.nan]])
    picture = decode(file_of(PillowImage.fromarray(levels), "TIFF"))
    assert picture.image[0, :, 0].tolist() == [0, 128, 255, 255, 0, 0]


def srgb_profile(swapped: bool) -> bytes:
    """The profile of sRGB under another name; swapped, the red and the green primary change places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    if swapped:
        profile = profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    return profile


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("swapped", [False, True])
def test_colours_are_taken_from_their_profile_to_srgb(scene, kind, swapped):
    data = file_of(PillowImage.fromarray(scene), kind, icc_profile=srgb_profile(swapped), **LOSSLESS.get(kind, {}))
    wanted = scene[..., [1, 0, 2]] if swapped else scene
    assert np.abs(decode(data).image.astype(int) - wanted).max() <= 12


def test_the_profile_counts_where_there_is_transparency_too(scene):
    image = PillowImage.fromarray(scene).convert("RGBA")
    image.putpixel((0, 0), (0, 0, 0, 0))
    picture = decode(file_of(image, icc_profile=srgb_profile(True)))
    assert np.abs(picture.image[1:].astype(int) - scene[1:][..., [1, 0, 2]]).max() <= 2
    assert picture.opacity[0, 0] == 0


@pytest.mark.parametrize("profile", [b"broken", srgb_profile(True)])
def test_a_profile_that_does_not_fit_is_passed_over(profile):
    levels = np.uint8([[0, 100, 255]])
    assert np.array_equal(decode(file_of(PillowImage.fromarray(levels), icc_profile=profile)).image[..., 0], levels)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_counts(scene, kind):
    first = PillowImage.fromarray(scene)
    saving = {"lossless": True} if kind == "WEBP" else {}
    data = file_of(first, kind, save_all=True, append_images=[PillowImage.new("RGB", first.size)], **saving)
    assert np.array_equal(decode(data).image, scene)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_read(tmp_path, scene):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(file_of(PillowImage.fromarray(scene)),))
    writer.start()
    assert np.array_equal(decode(pipe).image, scene)
    writer.join()


# Refusing


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_truncated_file_is_refused(kind, share):
    noise = PillowImage.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = file_of(noise, kind)
    with pytest.raises(ImageError, match=r"^photo: (truncated or damaged|not a picture)") as caught:
        decode(data[: int(len(data) * share)], name="photo")
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore")  # Pillow remarks on odd files that it reads all the same
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_bytes_give_a_picture_or_our_error(scene, kind):
    whole, dice = file_of(PillowImage.fromarray(scene), kind), random.Random(0)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            decode(bytes(data), max_megapixels=1)
        except ImageError as error:
            assert "\n" not in str(error)  # noqa: PT017 - no error at all is right as well


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "^standard input: empty; get a whole copy"),
        (b"%PDF-1.7 and so on, for a while", "^standard input: not a picture of a known format; known: JPEG, PNG"),
        (b"BM, as a text may begin", "^standard input: truncated or damaged"),
        (b"\x89PNG\r\n\x1a\n", "^standard input: truncated or damaged"),
    ],
)
def test_bytes_that_are_no_picture_are_refused(data, message):
    with pytest.raises(ImageError, match=message):
        decode(data, name="standard input")


def test_a_format_beyond_the_known_is_refused(scene):
    with pytest.raises(ImageError, match="not a picture of a known format"):
        decode(file_of(PillowImage.fromarray(scene), "PPM"))


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    with pytest.raises(ImageError, match=r"none\.jpg: no such file; check the name"):
        decode(tmp_path / "none.jpg")
    with pytest.raises(ImageError, match="a folder, not a picture; name a file in it"):
        decode(tmp_path)


def bomb() -> bytes:
    """The header of a PNG of 100,000 x 100,000 pixels, and none of them."""
    small = file_of(PillowImage.new("L", (1, 1)))
    header = small[12:16] + (100_000).to_bytes(4, "big") * 2 + small[24:29]
    return small[:12] + header + zlib.crc32(header).to_bytes(4, "big") + small[33:]


def test_a_decompression_bomb_is_refused_by_its_header(monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    with pytest.raises(ImageError, match=r"100000x100000 is 10000 megapixels and the limit is 250;"):
        decode(bomb())


def test_the_limit_is_the_callers_and_not_pillows(scene, monkeypatch):
    monkeypatch.setattr(PillowImage, "MAX_IMAGE_PIXELS", 10)
    data = file_of(PillowImage.fromarray(scene))
    assert np.array_equal(decode(data).image, scene)
    assert np.array_equal(decode(data, max_megapixels=32 * 48 / 1e6).image, scene)
    with pytest.raises(ImageError, match="megapixels"):
        decode(data, max_megapixels=(32 * 48 - 1) / 1e6)


def test_pillows_own_limit_on_a_format_is_explained(scene, monkeypatch):
    def refuse(image: PillowImage.Image) -> None:
        raise PillowImage.DecompressionBombError("two lines\nand no file name")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", refuse)
    with pytest.raises(ImageError, match=r"^photo: too many pixels for this format; save it as PNG or JPEG first$"):
        decode(file_of(PillowImage.fromarray(scene)), name="photo")


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
    ids=lambda array: f"{array.shape} {array.dtype}",
)
def test_other_arrays_are_refused(array):
    with pytest.raises(ImageError, match=r"is no picture; give \(height, width, 3\) of type uint8"):
        from_array(array)


def test_a_pillow_image_without_pixels_is_refused():
    with pytest.raises(ImageError, match="0x5 has no pixels"):
        from_pillow(PillowImage.new("RGB", (0, 5)))


# Writing


@pytest.fixture
def cutout(scene) -> PillowImage.Image:
    image = PillowImage.fromarray(scene).convert("RGBA")
    image.putalpha(PillowImage.linear_gradient("L").resize(image.size))
    return image


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".PNG"])
def test_a_cutout_comes_back_as_written(tmp_path, cutout, suffix):
    write(cutout, tmp_path / f"cutout{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == [f"cutout{suffix}"]
    with PillowImage.open(tmp_path / f"cutout{suffix}") as written:
        assert written.mode == "RGBA"
        assert np.array_equal(np.asarray(written), np.asarray(cutout))


def test_a_webp_keeps_the_alpha(tmp_path, cutout):
    write(cutout, tmp_path / "cutout.webp")
    with PillowImage.open(tmp_path / "cutout.webp") as written:
        assert np.array_equal(np.asarray(written)[..., 3], np.asarray(cutout)[..., 3])


@pytest.mark.parametrize("suffix", WRITABLE)
def test_a_mask_may_have_any_suffix(cutout, suffix):
    mask = cutout.getchannel("A")
    with PillowImage.open(io.BytesIO(encode(mask, suffix))) as written:
        assert written.format == WRITABLE[suffix]
        assert np.abs(np.asarray(written.convert("L")).astype(int) - np.asarray(mask)).max() <= 8


@pytest.mark.parametrize("suffix", [".jpg", ".bmp", ".pdf", ""])
def test_a_suffix_that_cannot_hold_a_cutout_is_refused(tmp_path, cutout, suffix):
    for refuse in (lambda: encode(cutout, suffix), lambda: write(cutout, tmp_path / f"cutout{suffix}")):
        with pytest.raises(OptionError, match=r"with transparency ends in \.png, \.webp, \.tif or \.tiff, not in '"):
            refuse()
    assert not list(tmp_path.iterdir())


def test_what_a_format_cannot_hold_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(ImageError, match=r"wide\.webp: WEBP can't hold this picture of 20000x1 .*; write a \.png"):
        write(PillowImage.new("RGBA", (20000, 1)), tmp_path / "wide.webp")
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_replaced_through_a_link(tmp_path, cutout):
    (tmp_path / "real.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to("real.png")
    write(cutout, tmp_path / "link.png")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes() == encode(cutout)


def test_a_failure_keeps_the_old_file_and_leaves_no_other(tmp_path, cutout, monkeypatch):
    path = tmp_path / "cutout.png"
    path.write_bytes(b"old")

    def fail(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ImageError, match=r"cutout\.png: can't be written \(Permission denied\); choose another place"):
        write(cutout, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_new_file_has_the_usual_permissions(tmp_path, cutout):
    write(cutout, tmp_path / "cutout.png")
    (tmp_path / "usual").touch()
    assert (tmp_path / "cutout.png").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("link", [None, Path.symlink_to, Path.hardlink_to])
def test_the_picture_to_be_read_is_never_overwritten(tmp_path, cutout, link):
    source = tmp_path / "photo.png"
    write(cutout, source)
    target = source if link is None else tmp_path / "other.png"
    if link is not None:
        link(target, source)
    with pytest.raises(ImageError, match="is the picture to be read and would be lost"):
        check_target(target, source=source)


def test_a_target_that_is_no_place_for_a_file_is_refused(tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ImageError, match=r"folder\.png: in the way and not a file"):
        check_target(tmp_path / "folder.png")
    with pytest.raises(ImageError, match=r"there is no folder .*none; make it first"):
        check_target(tmp_path / "none" / "cutout.png")
    check_target(tmp_path / "cutout.png")
    check_target(tmp_path / "mask.jpg", transparent=False)
