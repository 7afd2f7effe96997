"""Files that aren't read: each is named, with what to do instead, on one line."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage

from background_remover.errors import UnknownFormat
from background_remover.imaging.codecs.signatures import PREFIX, SIGNATURES, by_prefix, is_raw_tiff
from background_remover.imaging.file import load
from background_remover.imaging.reader import decode

REST = bytes(range(64))
FILES = {
    "a Fujifilm RAW": (b"FUJIFILMCCD-RAW 0201", "a RAW photo"),
    "an Olympus RAW": (b"IIRO\x08\0\0\0", "a RAW photo"),
    "a Panasonic RAW": (b"IIU\0\x18\0\0\0", "a RAW photo"),
    "a Canon RAW of the third kind": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "a RAW photo"),
    "a Canon RAW of the second kind": (b"II*\0\x10\0\0\0CR\2\0", "a RAW photo"),
    "a Sigma RAW": (b"FOVb\0\0\2\0", "a RAW photo"),
    "PSD": (b"8BPS\0\1", "a Photoshop document"),
    "XCF": (b"gimp xcf v011", "a GIMP document"),
    "PDF": (b"%PDF-1.7\n", "a PDF document"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript document"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'>", "an SVG drawing"),
    "SVG with a declaration": (b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- x -->\n<SVG width='3'>", "an SVG drawing"),
    "HTML": (b"\n<!DOCTYPE html>\n<html><body><svg></svg>", "an HTML page"),
    "HTML without a declaration": (b"<html><head>", "an HTML page"),
    "JPEG XL": (b"\xff\x0a\xfa\x1f", "a JPEG XL picture"),
    "JPEG XL in a container": (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
    "JPEG 2000": (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
    "MP4": (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "a video"),
    "QuickTime": (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "a video"),
    "Matroska or WebM": (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81", "a video"),
    "AVI": (b"RIFF\0\0\1\0AVI LIST", "a video"),
    "OpenEXR": (b"\x76\x2f\x31\x01\2\0\0\0", "a picture of high dynamic range"),
    "an icon": (b"\0\0\1\0\1\0\x10\x10", "an icon"),
    "ZIP": (b"PK\3\4\x14\0", "an archive or a document"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer to a file"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_read_is_named_with_what_to_do(name, tmp_path):
    start, what = FILES[name]
    (tmp_path / "photo.jpg").write_bytes(start + REST)
    with pytest.raises(UnknownFormat, match=rf"photo\.jpg: {what}, which isn't read; \w[^\n]+$"):
        load(tmp_path / "photo.jpg")


def raw(order: str = "<") -> bytes:
    """A TIFF file as cameras write it: a small preview whose subfile holds a sensor's pixels."""
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, byteorder=order) as writer:
        preview = np.full((12, 16, 3), 200, np.uint8)
        writer.write(preview, photometric="rgb", subfiletype=1, subifds=1, metadata=None)
        writer.write(np.zeros((48, 64), np.uint16), photometric="cfa", metadata=None)
    return buffer.getvalue()


@pytest.mark.parametrize("data", [raw("<"), raw(">")], ids=["little", "big"])
def test_a_raw_photo_in_the_clothes_of_a_tiff_is_no_thumbnail(data):
    """DNG, NEF, ARW and others; Pillow opens their previews."""
    with pytest.raises(UnknownFormat, match=r"^photo: a RAW photo, which isn't read; export it as TIFF, PNG or JPEG"):
        decode(data, name="photo")


def test_a_dng_says_so_whatever_its_pixels_are():
    buffer = io.BytesIO()
    extra = [(50706, "B", 4, (1, 4, 0, 0), True)]
    tifffile.imwrite(buffer, np.zeros((8, 9, 3), np.uint8), photometric="rgb", metadata=None, extratags=extra)
    with pytest.raises(UnknownFormat, match="a RAW photo"):
        decode(buffer.getvalue())


def test_tiff_files_with_smaller_copies_behind_them_are_pictures():
    scene = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(scene, photometric="rgb", subifds=1, metadata=None)
        writer.write(np.ascontiguousarray(scene[::2, ::2]), photometric="rgb", subfiletype=1, metadata=None)
    assert np.array_equal(decode(buffer.getvalue()).image, scene)


def test_damaged_tiff_files_are_left_to_their_reader():
    data = raw()
    for end in range(0, 200, 7):
        assert is_raw_tiff(io.BytesIO(data[:end]), data[:end]) is False
    assert by_prefix(b"") is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "MPO"])
def test_no_picture_that_is_read_looks_like_one_of_them(kind):
    buffer = io.BytesIO()
    PillowImage.new("RGB", (8, 9)).save(buffer, kind)
    assert by_prefix(buffer.getvalue()[:PREFIX]) is None


def test_every_signature_lies_in_the_prefix():
    assert all(place + len(mark) <= PREFIX for place, mark, _ in SIGNATURES)
