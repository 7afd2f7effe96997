import io
import struct
import warnings
import zlib

import pytest
from PIL import Image as PillowImage

from background_remover.imaging.exif import PREFIX
from background_remover.imaging.metadata import Metadata, read, upright

EXIF = PillowImage.Exif()
EXIF[0x013B] = "Ada"
FULL = Metadata(icc=b"profile", exif=EXIF.tobytes(), xmp=b"<x/>", dpi=(300, 150))


def test_only_what_is_there_is_handed_on():
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP"):
        assert Metadata().pillow(kind) == {}
    assert Metadata().chunks() == []
    assert len(Metadata().tags()) == 0


def test_each_format_gets_what_it_can_hold():
    assert set(FULL.pillow("JPEG")) == {"icc_profile", "exif", "xmp", "dpi"}
    assert FULL.pillow("GIF") == {}
    assert FULL.pillow("BMP") == {"dpi": (300, 150)}
    exif = PillowImage.Exif()
    exif.load(FULL.pillow("WEBP")["exif"])
    assert (exif[0x013B], exif[0x011A], exif[0x011B]) == ("Ada", 300, 150)


def test_the_chunks_are_those_of_the_specification():
    chunks = dict(FULL.chunks())
    name, method, profile = chunks[b"iCCP"].partition(b"\0\0")
    assert (name, method, zlib.decompress(profile)) == (b"ICC profile", b"\0\0", b"profile")
    assert struct.unpack(">LLB", chunks[b"pHYs"]) == (11811, 5906, 1)
    assert chunks[b"iTXt"] == b"XML:com.adobe.xmp\0" + bytes(4) + b"<x/>"
    assert PREFIX + chunks[b"eXIf"] == FULL.exif


def opened(kind: str, **saving: object) -> PillowImage.Image:
    buffer = io.BytesIO()
    PillowImage.new("RGB", (4, 3)).save(buffer, kind, **saving)
    image = PillowImage.open(buffer)
    image.load()
    return image


def test_a_resolution_is_found_in_exif_data_as_well():
    exif = PillowImage.Exif()
    exif[0x011A], exif[0x011B], exif[0x0128] = 100.0, 100.0, 3  # in a centimetre
    assert read(opened("WEBP", exif=exif)).dpi == pytest.approx((254, 254))
    assert read(opened("PNG", dpi=(300, 300))).dpi == pytest.approx((300, 300), abs=0.01)
    assert read(opened("PNG")).dpi is None


@pytest.mark.parametrize("dpi", [(float("nan"), 300), ("a", 3), (0, 0), (1e9, 3), 5])
def test_a_resolution_that_is_none_is_none(dpi):
    image = PillowImage.new("RGB", (4, 3))
    image.info["dpi"] = dpi
    assert read(image).dpi is None


def test_old_pngs_hide_exif_data_in_a_text():
    body = EXIF.tobytes()
    image = PillowImage.new("RGB", (4, 3))
    image.info["Raw profile type exif"] = f"\nexif\n{len(body)}\n{body.hex()}"
    assert b"Ada" in read(image).exif


@pytest.mark.parametrize("head", [b"MM\x06*", b"MM\0*\0\0\0\x08\0\x01\x01\x0f\0\x02\xff\xff"])
def test_exif_data_that_cannot_be_written_anew_are_dropped(head):
    image = PillowImage.new("RGB", (4, 3))
    image.info["exif"] = b"Exif\0\0" + head + EXIF.tobytes()[10:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks
        found = read(image)
    assert found.exif == b""


def test_broken_exif_data_are_dropped_and_turn_nothing():
    image = PillowImage.new("RGB", (4, 3))
    image.info["exif"] = b"Exif\0\0MM\0*\xff\xff\xff\xff"
    assert read(image).exif == b""
    assert upright(image) is image


def test_the_size_is_told_anew():
    assert FULL.of_size((3, 4)) == FULL
