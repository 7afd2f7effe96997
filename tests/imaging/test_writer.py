"""Results written as files; which metadata and depths come through is in test_files."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.errors import ImageError, OptionError
from background_remover.imaging import exif
from background_remover.imaging.formats import BY_NAME, WRITABLE
from background_remover.imaging.metadata import Metadata
from background_remover.imaging.metadata import read as read_metadata
from background_remover.imaging.output_options import OutputOptions, check_target, kind_of
from background_remover.imaging.writer import Result, encode, write
from tests.conftest import wide_profile


@pytest.fixture
def cutout() -> Result:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 48, 4), dtype=np.uint8)
    pixels[..., 3] = np.linspace(0, 255, 48)
    pixels[pixels[..., 3] == 0] = 0
    return Result(pixels)


def opened(data: bytes) -> PillowImage.Image:
    image = PillowImage.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".PNG"])
def test_a_cutout_comes_back_as_written(tmp_path, cutout, suffix):
    write(cutout, tmp_path / f"cutout{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == [f"cutout{suffix}"]
    with PillowImage.open(tmp_path / f"cutout{suffix}") as written:
        assert written.mode == "RGBA"
        assert np.array_equal(np.asarray(written), cutout.pixels)


def test_webp_keeps_the_alpha_and_without_loss_all(cutout):
    lossy, exact = (encode(cutout, OutputOptions(lossless=lossless), "WEBP", "o") for lossless in (False, True))
    assert np.array_equal(np.asarray(opened(lossy))[..., 3], cutout.pixels[..., 3])
    assert np.array_equal(np.asarray(opened(exact)), cutout.pixels)
    assert len(lossy) < len(exact)


def test_hidden_colours_come_through_lossy_webp():
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[..., :3] = 4 * np.arange(64)[None, :, None]
    pixels[:, 32:, 3] = 255
    found = np.asarray(opened(encode(Result(pixels), OutputOptions(), "WEBP", "o"))).astype(int)
    assert np.abs(found - pixels)[..., :3].max() <= 6


def test_zeros_beside_the_edge_do_not_darken_it_in_avif():
    """Colours of every second pixel alone would: half of each pair is hidden."""
    pixels = np.zeros((64, 65, 4), np.uint8)
    pixels[:, 33:] = (250, 30, 30, 255)
    found = np.asarray(opened(encode(Result(pixels), OutputOptions(), "AVIF", "o"))).astype(int)
    assert np.abs(found[:, 33:, :3] - (250, 30, 30)).max() <= 12


def test_a_small_png_is_smaller_and_the_same():
    pixels = np.cumsum(np.random.default_rng(0).integers(0, 3, (200, 300, 4)), axis=1).astype(np.uint8)
    fast, small = (
        encode(Result(pixels), OutputOptions(compress=compress), "PNG", "o") for compress in ("fast", "small")
    )
    assert len(small) < len(fast)
    assert np.array_equal(np.asarray(opened(small)), np.asarray(opened(fast)))


@pytest.mark.parametrize("suffix", WRITABLE)
def test_a_mask_may_have_any_suffix(tmp_path, suffix):
    mask = np.asarray(PillowImage.linear_gradient("L").resize((48, 32)))
    write(Result(mask), tmp_path / f"mask{suffix}")
    with PillowImage.open(tmp_path / f"mask{suffix}") as written:
        assert written.format == WRITABLE[suffix]
        assert np.abs(np.asarray(written.convert("L")).astype(int) - mask).max() <= 8


@pytest.mark.parametrize("suffix", [".jpg", ".bmp", ".pdf", ""])
def test_a_suffix_that_cannot_hold_a_cutout_is_refused(tmp_path, cutout, suffix):
    message = r"with transparency ends in \.png, \.webp, \.tif, \.tiff, \.avif or \.gif, not in '"
    with pytest.raises(OptionError, match=message):
        write(cutout, tmp_path / f"cutout{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_what_a_format_cannot_hold_is_refused_and_leaves_nothing(tmp_path, suffix):
    wide = Result(np.zeros((1, 70000, 4), np.uint8))
    with pytest.raises(ImageError, match=r"wide\.\w+: \w+ holds at most \d+ pixels a side, not 70000x1; make"):
        write(wide, tmp_path / f"wide{suffix}")
    assert not list(tmp_path.iterdir())


def test_metadata_too_long_for_a_jpeg_are_refused_with_a_way_out(tmp_path):
    result = Result(np.zeros((2, 2, 3), np.uint8), Metadata(exif=b"Exif\0\0" + bytes(70000)))
    with pytest.raises(ImageError, match=r"o\.jpg: JPEG can't hold this picture of 2x2 \(EXIF data is too long\)"):
        write(result, tmp_path / "o.jpg")
    write(result, tmp_path / "o.jpg", OutputOptions(strip=True))


def test_a_pillow_image_has_the_metadata():
    told = Metadata(wide_profile(), b"Exif\0\0", b"<x/>", (300, 300))
    image = Result(np.full((2, 3, 4), 65535, np.uint16), told).pillow()
    assert (image.mode, image.size, image.getpixel((0, 0))) == ("RGBA", (3, 2), (255, 255, 255, 255))
    wanted = {"icc_profile": wide_profile(), "exif": b"Exif\0\0", "xmp": b"<x/>", "dpi": (300, 300)}
    assert image.info == wanted
    assert Result(np.zeros((2, 3), np.uint8)).pillow().info == {}


def test_stripped_colours_are_in_srgb(cutout):
    wide = Result(cutout.pixels, Metadata(icc=wide_profile()))
    found = np.asarray(opened(encode(wide, OutputOptions(strip=True), "PNG", "o")))
    assert np.abs(found[..., :3].astype(int) - cutout.pixels[..., [1, 0, 2]]).max() <= 12
    assert np.array_equal(found[..., 3], cutout.pixels[..., 3])


def test_an_existing_file_is_replaced_through_a_link(tmp_path, cutout):
    (tmp_path / "real.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to("real.png")
    write(cutout, tmp_path / "link.png")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes() == encode(cutout, OutputOptions(), "PNG", "o")


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
    with pytest.raises(ImageError, match="is the picture to be read and would be lost"):
        write(cutout, target, source=source)


def test_the_name_wins_but_for_what_says_nothing(tmp_path, cutout):
    write(cutout, tmp_path / "cutout", OutputOptions(format="webp"))
    with PillowImage.open(tmp_path / "cutout") as written:
        assert written.format == "WEBP"
    assert kind_of(tmp_path / "o.jpeg", OutputOptions(format="jpg"), transparent=False) == "JPEG"


@pytest.mark.parametrize("suffix", [suffix for suffix, one in WRITABLE.items() if BY_NAME[one].resolution != "none"])
@pytest.mark.parametrize("own", [Metadata(), Metadata(dpi=(72, 72), exif=exif.of_resolution(b"", (72, 72)))])
def test_a_wanted_resolution_takes_the_place_of_the_pictures_own(tmp_path, suffix, own):
    path = tmp_path / f"o{suffix}"
    write(Result(np.zeros((6, 8, 3), np.uint8), own), path, OutputOptions(dpi=300))
    with PillowImage.open(path) as image:
        found = read_metadata(image)
    assert found.dpi == pytest.approx((300, 300), abs=0.02)
    if found.exif:
        tags = PillowImage.Exif()
        tags.load(found.exif)
        assert tags[282] == tags[283] == pytest.approx(300)
