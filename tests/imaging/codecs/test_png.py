import io
import struct
import tracemalloc
import zlib
from collections.abc import Iterator

import numpy as np
import png as pypng
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from background_remover.compositing.composite import CutoutRows
from background_remover.errors import ImageError, OptionError
from background_remover.imaging.codecs import png

MODES = {"L": (), "RGB": (3,), "RGBA": (4,)}
COMPRESS = ["fast", "small"]


def levels(shape: tuple[int, ...], kind: str = "smooth", dtype: type = np.uint8, seed: int = 0) -> np.ndarray:
    """Pixels of one kind: all of one level, of noise, or of a slope with some noise."""
    rng, top = np.random.default_rng(seed), np.iinfo(dtype).max
    if kind == "even":
        return np.full(shape, rng.integers(top + 1), dtype)
    noise = rng.integers(0, top, shape, endpoint=True)
    slope = np.indices(shape).sum(axis=0) * (top // 90)
    return (noise if kind == "noise" else slope + noise // 64).astype(dtype)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The names and data of a file's chunks, whose checksums are held to."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place = 8
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 8 + length
        assert struct.unpack_from(">I", data, end) == (zlib.crc32(data[place + 4 : end]),)
        yield data[place + 4 : place + 8], data[place + 8 : end]
        place = end + 4


def stream(data: bytes) -> bytes:
    """The filtered rows, out of zlib, which checks their checksum."""
    return zlib.decompress(b"".join(content for name, content in chunks(data) if name == b"IDAT"))


def read_by_pypng(data: bytes) -> np.ndarray:
    width, height, rows, info = pypng.Reader(bytes=data).read()
    dtype = np.uint8 if info["bitdepth"] == 8 else np.uint16
    planes = () if info["planes"] == 1 else (info["planes"],)
    return np.array([list(row) for row in rows], dtype).reshape(height, width, *planes)


def read_by_pillow(data: bytes) -> np.ndarray:
    with PillowImage.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def saved_by_pillow(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@settings(deadline=None, max_examples=60)
@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    mode=st.sampled_from(list(MODES)),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    kind=st.sampled_from(["even", "noise", "smooth"]),
    compress=st.sampled_from(COMPRESS),
    strip=st.integers(1, 3000),
    piece=st.integers(1, 300),
)
def test_two_decoders_read_every_pixel_back(size, mode, dtype, kind, compress, strip, piece):
    pixels = levels((*size, *MODES[mode]), kind, dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(png, "_STRIP", strip)
        patch.setattr(png, "_PIECE", piece)
        data = png.encode(pixels, compress=compress, threads=2)
    assert np.array_equal(read_by_pypng(data), pixels)
    deep = dtype == np.uint16
    again = pixels >> 8 if deep and mode != "L" else pixels  # Pillow keeps 8 bits of deep colours
    assert np.array_equal(read_by_pillow(data), again)
    assert len(stream(data)) == pixels.nbytes + size[0]
    assert max(len(content) for name, content in chunks(data) if name == b"IDAT") <= max(piece, 6)


@pytest.mark.parametrize("compress", COMPRESS)
@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (30, 20000), (20000, 30), (700, 900)])
def test_pictures_of_odd_shapes(size, compress):
    pixels = levels((*size, 4))
    data = png.encode(pixels, compress=compress)
    assert np.array_equal(read_by_pillow(data), pixels)


@pytest.mark.parametrize("compress", COMPRESS)
@pytest.mark.parametrize(
    "view",
    [
        lambda array: array[::-1],
        lambda array: array[5:60:3, ::-2],
        lambda array: array.transpose(1, 0, 2),
        np.asfortranarray,
        lambda array: array[..., ::-1],
        lambda array: array[..., 1],
        lambda array: np.broadcast_to(array[3], array.shape),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_array_may_lie_in_memory_as_it_likes(view, dtype, compress):
    pixels = view(levels((70, 50, 3), dtype=dtype))
    assert png.encode(pixels, compress=compress) == png.encode(np.ascontiguousarray(pixels), compress=compress)


@pytest.mark.parametrize("compress", COMPRESS)
def test_the_bytes_are_the_same_for_any_number_of_threads(compress, monkeypatch):
    monkeypatch.setattr(png, "_STRIP", 20_000)
    one, *others = (png.encode(skimage.data.chelsea(), compress=compress, threads=threads) for threads in (1, 2, 7))
    assert [one, one] == others
    assert sum(name == b"IDAT" for name, _ in chunks(one)) > 20


def test_every_filter_is_used_and_read_back():
    photo = skimage.data.chelsea()
    pixels = np.vstack([photo, levels(photo.shape, "noise"), np.repeat(photo[:1], 60, axis=0)])
    rows = {compress: stream(png.encode(pixels, compress=compress)) for compress in COMPRESS}
    kinds = {name: set(data[:: 1 + pixels[0].nbytes]) for name, data in rows.items()}
    assert kinds["small"] == {0, 1, 2, 3, 4}
    assert kinds["fast"] <= {1, 2, 3}
    assert np.array_equal(read_by_pypng(png.encode(pixels, compress="small")), pixels)


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 4)])
@pytest.mark.parametrize("kind", range(5))
def test_filters_are_those_of_the_specification(kind, shape):
    pixels = levels(shape, "noise")
    pixel = 1 if pixels.ndim == 2 else shape[2]
    lines = pixels.reshape(len(pixels), -1).astype(int)
    wanted = np.zeros_like(lines)
    for y in range(lines.shape[0]):
        for x in range(lines.shape[1]):
            a = lines[y, x - pixel] if x >= pixel else 0
            b = lines[y - 1, x] if y else 0
            c = lines[y - 1, x - pixel] if y and x >= pixel else 0
            paeth = min((a, b, c), key=lambda level: abs(a + b - c - level))  # the first of the nearest
            wanted[y, x] = lines[y, x] - (0, a, b, (a + b) // 2, paeth)[kind]
    for top in (0, 4):
        result = png._filtered(png._rows(pixels, top, 9), kind)
        assert set(result[:, 0]) == {kind}
        assert np.array_equal(result[:, 1:], wanted[top:].astype(np.uint8))


@pytest.fixture(params=["chelsea", "coffee", "astronaut"])
def cutout(request) -> np.ndarray:
    """A photo with an ellipse of it opaque."""
    photo = getattr(skimage.data, request.param)()
    down, along = (np.linspace(-1, 1, length) for length in photo.shape[:2])
    alpha = np.clip((0.8 - np.hypot(down[:, None], along)) * 40, 0, 1)
    return np.dstack([photo, np.rint(alpha * 255).astype(np.uint8)])


@pytest.mark.parametrize("clear", ["zeroed", "kept"])
def test_files_are_hardly_larger_than_pillows_and_small_ones_are_smaller(cutout, clear):
    if clear == "zeroed":
        cutout = cutout * (cutout[..., 3:] > 0)
    reference = len(saved_by_pillow(cutout))
    fast, small = (len(png.encode(cutout, compress=compress)) for compress in COMPRESS)
    assert fast < 1.2 * reference
    assert small < min(fast, 1.002 * reference)


def test_without_isal_zlib_does_the_same(cutout, monkeypatch):
    monkeypatch.setattr(png, "_quick", zlib)
    data = png.encode(cutout)
    assert np.array_equal(read_by_pillow(data), cutout)
    assert len(stream(data)) == cutout.nbytes + len(cutout)
    assert len(data) < 1.25 * len(saved_by_pillow(cutout))


def test_metadata_stand_before_the_pixels_in_their_order():
    extra = [(b"pHYs", struct.pack(">IIB", 11811, 11811, 1)), (b"tEXt", b"Title\0Ein Bild"), (b"tEXt", b"Comment\0")]
    data = png.encode(levels((4, 5)), metadata=extra)
    first, *found = chunks(data)
    assert first == (b"IHDR", struct.pack(">IIBBBBB", 5, 4, 8, 0, 0, 0, 0))
    assert found[:3] == extra
    assert {name for name, _ in found[3:-1]} == {b"IDAT"}
    assert found[-1] == (b"IEND", b"")
    with PillowImage.open(io.BytesIO(data)) as image:
        image.load()
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        assert image.info["Title"] == "Ein Bild"


@pytest.mark.parametrize("name", [b"", b"pHY", b"pHYsx", b"p Ys", b"pH1s"])
def test_a_chunk_has_a_name_of_four_letters(name):
    with pytest.raises(ValueError, match="four letters"):
        png.encode(levels((4, 5)), metadata=[(name, b"")])


@pytest.mark.parametrize("compress", COMPRESS)
def test_memory_is_that_of_a_few_strips(compress):
    pixels = np.broadcast_to(levels((2000, 4), "noise"), (3000, 2000, 4))  # 24 MB, of which 8 KB are in memory
    png.encode(pixels[:1], compress=compress)
    tracemalloc.start()
    data = png.encode(pixels, compress=compress, threads=2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(data) < 1e6
    assert peak < {"fast": 12e6, "small": 50e6}[compress]


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 5), np.float32),
        np.zeros((4, 5), np.int16),
        np.zeros((4, 5), bool),
        np.zeros((4, 5, 1), np.uint8),
        np.zeros((4, 5, 2), np.uint8),
        np.zeros((4, 5, 5), np.uint8),
        np.zeros(5, np.uint8),
        np.zeros((1, 4, 5, 3), np.uint8),
    ],
)
def test_other_arrays_are_refused(pixels):
    with pytest.raises(ImageError, match=r"^a PNG can't hold an array of shape .*; give \(height, width\), .* uint16$"):
        png.encode(pixels)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (0, 0), (2**31, 1), (1, 2**31)])
def test_sides_of_no_pixels_or_too_many_are_refused(size):
    pixels = np.broadcast_to(np.uint8(0), (*size, 3))
    with pytest.raises(ImageError, match=f"{size[1]}x{size[0]}; give sides of 1 to 2147483647 pixels$"):
        png.encode(pixels)


def test_an_unknown_way_to_compress_is_refused():
    with pytest.raises(OptionError, match=r"^compress 'tiny' is unknown, known: fast, small$"):
        png.encode(levels((4, 5)), compress="tiny")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_rows_that_are_made_as_they_are_written_give_the_same_file(dtype, monkeypatch):
    monkeypatch.setattr(png, "_STRIP", 2000)
    image, alpha = levels((50, 30, 3), dtype=dtype), levels((50, 30), "noise") / np.float32(255)
    rows = CutoutRows(image, alpha, clear=True)
    assert png.encode(rows) == png.encode(rows.whole())
