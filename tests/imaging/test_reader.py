import errno
import importlib.util
import io
import os
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from background_remover.errors import ImageError, TooLarge
from background_remover.imaging import file as file_module
from background_remover.imaging import reader as image_module
from background_remover.imaging.animation import frames, is_moving
from background_remover.imaging.file import load
from background_remover.imaging.formats import BY_NAME, SUFFIXES
from background_remover.imaging.metadata import Metadata
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.reader import decode, from_pillow, memory, read
from background_remover.imaging.writer import Result, encode
from tests.conftest import STORED, srgb_profile, wide_profile

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
    assert np.array_equal(picture.native, picture.image * np.uint16(257))


def test_float_grey_is_white_at_one():
    levels = np.float32([[0, 0.5, 1, 1.2, -0.1, np.nan]])
    picture = decode(file_of(PillowImage.fromarray(levels), "TIFF"))
    assert picture.image[0, :, 0].tolist() == [0, 128, 255, 255, 0, 0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("swapped", [False, True])
def test_colours_are_taken_from_their_profile_to_srgb(scene, kind, swapped):
    data = file_of(
        PillowImage.fromarray(scene),
        kind,
        icc_profile=wide_profile() if swapped else srgb_profile(),
        **LOSSLESS.get(kind, {}),
    )
    wanted = scene[..., [1, 0, 2]] if swapped else scene
    assert np.abs(decode(data).image.astype(int) - wanted).max() <= 12


def test_the_profile_counts_where_there_is_transparency_too(scene):
    image = PillowImage.fromarray(scene).convert("RGBA")
    image.putpixel((0, 0), (0, 0, 0, 0))
    picture = decode(file_of(image, icc_profile=wide_profile()))
    assert np.abs(picture.image[1:].astype(int) - scene[1:][..., [1, 0, 2]]).max() <= 2
    assert picture.opacity[0, 0] == 0


@pytest.mark.parametrize("profile", [b"broken", wide_profile()])
def test_a_profile_that_does_not_fit_is_passed_over(profile):
    levels = np.uint8([[0, 100, 255]])
    assert np.array_equal(decode(file_of(PillowImage.fromarray(levels), icc_profile=profile)).image[..., 0], levels)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_counts(scene, kind):
    first = PillowImage.fromarray(scene)
    saving = {"lossless": True} if kind == "WEBP" else {}
    data = file_of(first, kind, save_all=True, append_images=[PillowImage.new("RGB", first.size)], **saving)
    assert np.array_equal(decode(data).image, scene)


def test_a_page_is_picked(scene):
    pages = [PillowImage.fromarray(np.roll(scene, number, axis=1)) for number in range(3)]
    data = file_of(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert np.array_equal(decode(data, frame=3).image, np.roll(scene, 2, axis=1))
    with pytest.raises(ImageError, match="photo: has no frame 4; give a number up to 3"):
        decode(data, name="photo", frame=4)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_that_is_shrunk_is_decoded_at_a_fraction_of_its_size(scene, mode, orientation, monkeypatch):
    large = PillowImage.fromarray(scene).resize((960, 640), PillowImage.Resampling.BICUBIC).convert(mode)
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    data, sizes = file_of(large, "JPEG", exif=exif, quality=95), []
    whole = decode(data)
    of_pillow = image_module.picture.of_pillow
    monkeypatch.setattr(image_module.picture, "of_pillow", lambda image: sizes.append(image.size) or of_pillow(image))
    small = decode(data, longest=200)
    assert sizes == [(240, 160)]
    wanted = image_module.picture.shrunk(whole, 200)
    assert small.image.shape == wanted.image.shape == ((133, 200, 3) if orientation == 1 else (200, 133, 3))
    assert np.abs(small.image.astype(int) - wanted.image).mean() < 2
    assert decode(data, longest=700).image.shape[:2] == ((467, 700) if orientation == 1 else (700, 467))


def test_memory_is_known_by_the_header_alone(tmp_path, scene):
    path = tmp_path / "photo.png"
    path.write_bytes(file_of(PillowImage.fromarray(scene))[:60])
    assert memory(path) == memory(path.read_bytes()) == 32 * 48 * 16


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_deep_and_transparent_pictures_take_more_memory(scene, kind):
    deep = encode(Result(scene.astype(np.uint16) * np.uint16(257)), OutputOptions(), kind, "o")
    veiled = encode(Result(np.dstack([scene, scene[..., :1]])), OutputOptions(), kind, "o")
    floats = tiff_of(scene[..., 0].astype(np.float32))
    plain = memory(file_of(PillowImage.fromarray(scene), kind))
    assert memory(deep) > 1.5 * plain
    assert memory(floats) == memory(deep)
    assert memory(veiled) > 1.5 * plain


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
@pytest.mark.parametrize("share", [0.2, 0.6, 0.75])
def test_a_truncated_file_is_refused(kind, share):
    noise = PillowImage.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = file_of(noise, kind)
    with pytest.raises(ImageError, match=r"^photo: (truncated or damaged|not a picture)") as caught:
        decode(data[: int(len(data) * share)], name="photo")
    assert "\n" not in str(caught.value)


def tiff_of(levels: np.ndarray, **how: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, levels, metadata=None, **how)
    return buffer.getvalue()


def seeds() -> dict[str, bytes]:
    """A small file of each kind, and of those that are read in another way: of 16 bits, or moving."""
    noise = np.random.default_rng(0).integers(0, 65536, (12, 10, 4), dtype=np.uint16)
    image, exif = PillowImage.fromarray((noise[..., :3] >> 8).astype(np.uint8)), PillowImage.Exif()
    exif[0x0112], exif[0x013B] = 6, "Ada"
    found = {kind: file_of(image, kind, **({} if kind in ("BMP", "GIF") else {"exif": exif})) for kind in KINDS}
    told = Metadata(icc=wide_profile(), exif=exif.tobytes(), xmp=b"<x/>", dpi=(300, 300))
    found |= {f"deep {kind}": encode(Result(noise, told), OutputOptions(), kind, "seed") for kind in ("PNG", "TIFF")}
    found["deep, as it is, TIFF"] = file_of(PillowImage.fromarray(noise[..., 0]), "TIFF", tiffinfo=exif)
    clear = PillowImage.fromarray((noise >> 8).astype(np.uint8))
    found |= {f"clear {kind}": file_of(clear, kind) for kind in ("PNG", "WEBP", "TIFF", "AVIF", "BMP") if kind in KINDS}
    for packed in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        found[f"{packed} TIFF"] = file_of(image, "TIFF", compression=packed)
    found["fax TIFF"] = file_of(image.convert("1"), "TIFF", compression="group4")
    found["tiled TIFF"], found["planes TIFF"], found["float TIFF"] = (
        tiff_of(levels, **how)
        for levels, how in (
            (noise[..., :3], {"photometric": "rgb", "tile": (16, 16), "compression": "zlib"}),
            (np.moveaxis(noise[..., :3], -1, 0), {"photometric": "rgb", "planarconfig": "separate"}),
            (noise[..., 0].astype(np.float32), {}),
        )
    )
    found["CMYK JPEG"] = file_of(image.convert("CMYK"), "JPEG", icc_profile=wide_profile())
    found["progressive JPEG"] = file_of(image.convert("L"), "JPEG", progressive=True)
    found["palette PNG"] = file_of(image.quantize(16), "PNG", transparency=3)
    if importlib.util.find_spec("pillow_heif"):
        import pillow_heif

        buffer = io.BytesIO()
        pillow_heif.from_pillow(image).save(buffer, exif=exif.tobytes())
        found["HEIC"] = buffer.getvalue()
    for kind in ("GIF", "WEBP", "PNG", "AVIF"):
        found[f"moving {kind}"] = file_of(image, kind, save_all=True, append_images=[image.rotate(180)], duration=50)
    return found


SEEDS = seeds()


@pytest.mark.filterwarnings("ignore")  # Pillow remarks on odd files that it reads all the same
@settings(max_examples=400, deadline=20_000)  # milliseconds: nothing hangs
@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(st.tuples(st.integers(0, 2**16), st.binary(min_size=1, max_size=4), st.booleans()), max_size=6),
    st.floats(0, 1),
)
def test_damaged_bytes_give_a_picture_or_our_error(name, changes, end):
    """Bytes are replaced (near the beginning, too, where it hurts), put in, and cut off."""
    data = bytearray(SEEDS[name])
    for place, new, put_in in changes:
        place = place % len(data) if place % 2 else place % min(len(data), 200)
        data[place : place if put_in else place + len(new)] = new
    if end < 0.5:
        del data[int(2 * end * len(data)) :]
    try:
        file = load(bytes(data), max_megapixels=1)
        picture = read(file, max_megapixels=1)
        if is_moving(file):
            assert all(frame.image.shape == picture.image.shape for frame, _ in frames(file))
    except ImageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - no error at all is right as well
    else:
        assert picture.colours.shape == picture.image.shape
        assert picture.metadata.of_size((1, 1)).chunks() is not None


# A file that changes


@pytest.mark.parametrize("name", SEEDS)
def test_a_file_may_end_once_it_has_been_loaded(tmp_path, name, monkeypatch):
    """Pillow would map some kinds into memory by their name: the process would be killed."""
    path, kept = tmp_path / "photo", file_module.checked
    path.write_bytes(SEEDS[name])

    def end_it(file: file_module.File, limit: float) -> file_module.File:
        path.write_bytes(b"")
        return kept(file, limit)

    monkeypatch.setattr(file_module, "checked", end_it)
    assert np.array_equal(decode(path).colours, decode(SEEDS[name]).colours)


@pytest.mark.parametrize("change", [lambda data: data[:-9], lambda data: data + data, lambda data: data[::-1]])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, change, monkeypatch):
    path, kept = tmp_path / "photo.png", file_module.header_of
    path.write_bytes(SEEDS["PNG"])
    os.utime(path, ns=(1, 1))

    def change_it(image: PillowImage.Image) -> object:
        path.write_bytes(change(SEEDS["PNG"]))
        return kept(image)

    monkeypatch.setattr(file_module, "header_of", change_it)
    with pytest.raises(ImageError, match=r"photo\.png: changed while it was read; try again once it is whole"):
        decode(path)


def test_a_file_that_is_replaced_while_it_is_read_is_whole(tmp_path, monkeypatch):
    path, kept = tmp_path / "photo.png", file_module.header_of
    path.write_bytes(SEEDS["PNG"])

    def replace_it(image: PillowImage.Image) -> object:
        (tmp_path / "new").write_bytes(SEEDS["JPEG"])
        (tmp_path / "new").replace(path)
        return kept(image)

    monkeypatch.setattr(file_module, "header_of", replace_it)
    assert np.array_equal(decode(path).image, decode(SEEDS["PNG"]).image)


# Refusals


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "^standard input: empty; get a whole copy"),
        (b"a text and so on, for a while", "^standard input: not a picture of a known format; known: JPEG, PNG"),
        (b"%PDF-1.7 and so on, for a while", "^standard input: a PDF document, which isn't read; export the picture"),
        (b"BM, as a text may begin", "^standard input: truncated or damaged"),
        (b"\x89PNG\r\n\x1a\n", "^standard input: truncated or damaged"),
    ],
)
def test_bytes_that_are_no_picture_are_refused(data, message):
    with pytest.raises(ImageError, match=message):
        decode(data, name="standard input")


def test_a_format_beyond_the_known_is_refused(scene):
    with pytest.raises(ImageError, match="a Netpbm picture, which isn't read; convert it to PNG first"):
        decode(file_of(PillowImage.fromarray(scene), "PPM"))


def test_the_suffixes_are_all_that_the_readers_know():
    """As Pillow lists them; those of HEIC are pillow-heif's."""
    known = {suffix for suffix, kind in PillowImage.registered_extensions().items() if kind in BY_NAME}
    assert known - set(BY_NAME["HEIC"].suffixes) == set(SUFFIXES) - set(BY_NAME["HEIC"].suffixes)


@pytest.mark.parametrize("size", [(65_536, 20), (20, 65_536), (6_000, 1), (10, 50_001)])
def test_a_picture_of_a_wild_shape_is_refused_by_its_header(size, monkeypatch):
    data = file_of(PillowImage.new("1", size), "PNG")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    with pytest.raises(TooLarge, match=rf"^photo: {size[0]}x{size[1]} is too long; at most 65535 pixels a side"):
        decode(data, name="photo")


def test_a_small_file_that_claims_a_long_picture_is_refused():
    data = tiff_of(np.zeros((2**20, 56), np.uint8), compression="zlib", rowsperstrip=2**20)
    assert len(data) < 60_000
    with pytest.raises(TooLarge, match="56x1048576 is too long"):
        load(data)


def small_first(scene: np.ndarray) -> bytes:
    """A TIFF file whose first page is a small copy of its second."""
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(np.ascontiguousarray(scene[::4, ::4]), photometric="rgb", subfiletype=1, metadata=None)
        writer.write(scene, photometric="rgb", metadata=None)
    return buffer.getvalue()


def test_a_small_copy_in_front_of_a_picture_is_not_taken_for_it(scene):
    with pytest.raises(ImageError, match=r"^photo: this page is a small copy of another; give the number of that one"):
        decode(small_first(scene), name="photo")
    assert np.array_equal(decode(small_first(scene), frame=2).image, scene)


@pytest.mark.parametrize(
    ("kind", "missing"),
    [("JPEG", 1), ("JPEG", 2), ("PNG", 1), ("PNG", 9), ("PNG", 12), ("GIF", 1), ("BMP", 1), ("BMP", 99)],
)
def test_a_file_without_its_end_is_taken_and_that_is_said_once(scene, kind, missing, caplog):
    whole = file_of(PillowImage.fromarray(scene), kind)
    picture = decode(whole[:-missing], name="photo")
    rows = len(scene) // 2
    assert np.array_equal(picture.image[rows - 1 : rows], decode(whole).image[rows - 1 : rows])
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "photo: its end is missing; taken all the same, for its rows are there: get a whole copy to be sure"
    ]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_half_a_picture_is_refused(kind, caplog):
    noise = np.random.default_rng(0).integers(0, 255, (200, 160, 3), np.uint8)
    whole = file_of(PillowImage.fromarray(noise), kind)
    for share in (0.3, 0.5, 0.8):
        with pytest.raises(ImageError, match=r"photo: truncated or damaged|of a kind that isn't read"):
            decode(whole[: int(len(whole) * share)], name="photo")
    assert not caplog.records


def test_an_unreadable_file_is_refused_by_name(tmp_path, monkeypatch):
    """Not by its permissions, which mean nothing to an administrator."""
    (tmp_path / "photo.jpg").write_bytes(SEEDS["JPEG"])

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ImageError, match=r"photo\.jpg: can't be read \(Permission denied\); check its permissions"):
        decode(tmp_path / "photo.jpg")


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


def test_huge_tiles_of_a_small_picture_are_refused(scene):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, scene, photometric="rgb", tile=(16, 16), compression="zlib", metadata=None)
    data = bytearray(buffer.getvalue())
    place = data.index(struct.pack("<HHL", 322, 3, 1)) if struct.pack("<HHL", 322, 3, 1) in data else 0
    place = place or data.index(struct.pack("<HHL", 322, 4, 1))
    struct.pack_into("<HHLL", data, place, 322, 4, 1, 2**24)
    with pytest.raises(
        ImageError, match=r"^photo: truncated or damaged \(tiles of 16777216 pixels\); get a whole copy"
    ):
        decode(bytes(data), name="photo")


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


def test_a_pillow_image_without_pixels_is_refused():
    with pytest.raises(ImageError, match="0x5 has no pixels"):
        from_pillow(PillowImage.new("RGB", (0, 5)))


def test_a_giant_file_is_refused_before_it_is_read(tmp_path, photo):
    """A picture with a good header and a hole of 64 gigabytes behind it, which takes no room on the disk."""
    path = tmp_path / "giant.png"
    PillowImage.fromarray(photo).save(path)
    with path.open("r+b") as file:
        file.truncate(2**36)
    with pytest.raises(TooLarge, match=r"giant\.png: is 68,719,476,736 bytes long, and the most is 2,000,000,000"):
        load(path)
