"""EXIF data against Pillow, which reads what was changed; and what isn't to change, byte for byte."""

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from background_remover.imaging.exif import PREFIX, of_resolution, of_size, upright, upright_xmp

ORIENTATION, MAKER, WIDTH, HEIGHT = 0x0112, 0x927C, 0xA002, 0xA003
JPEG = b"\xff\xd8 a small picture of the old background \xff\xd9"


def exif_data(order: str, thumbnail: bytes = JPEG, gap: bytes = b"") -> bytes:
    """EXIF data by hand: a directory, one inside it with a maker note, and a thumbnail at the end."""

    def entry(tag: int, kind: int, count: int, value: int) -> bytes:
        if kind == 3:
            return struct.pack(f"{order}HHLHH", tag, kind, count, value, 0)
        return struct.pack(f"{order}HHLL", tag, kind, count, value)

    first = 8
    inner = first + 2 + 2 * 12 + 4
    note = inner + 2 + 3 * 12 + 4
    second = note + 10
    picture = second + 2 + 2 * 12 + 4
    parts = [
        {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}L", first),
        struct.pack(f"{order}H", 2) + entry(ORIENTATION, 3, 1, 6) + entry(0x8769, 4, 1, inner),
        struct.pack(f"{order}L", second if thumbnail else 0),
        struct.pack(f"{order}H", 3) + entry(MAKER, 7, 10, note) + entry(WIDTH, 4, 1, 4000) + entry(HEIGHT, 3, 1, 3000),
        bytes(4) + b"maker note",
    ]
    if thumbnail:
        parts.append(struct.pack(f"{order}H", 2) + entry(0x0201, 4, 1, picture) + entry(0x0202, 4, 1, len(thumbnail)))
        parts += [bytes(4), thumbnail, gap]
    return PREFIX + b"".join(parts)


def read(data: bytes) -> tuple[dict[int, object], dict[int, object], dict[int, object]]:
    exif = PillowImage.Exif()
    exif.load(data)
    return dict(exif), exif.get_ifd(0x8769), exif.get_ifd(1)


@pytest.mark.parametrize("order", "<>")
def test_the_orientation_is_one_and_the_thumbnail_gone(order):
    data = exif_data(order)
    result = upright(data)
    main, inner, second = read(result)
    assert main[ORIENTATION] == 1
    assert inner[MAKER] == b"maker note"
    assert not second
    assert JPEG not in result
    assert len(result) < len(data) - len(JPEG)


@pytest.mark.parametrize("order", "<>")
def test_all_else_stays_where_it_was(order):
    data = exif_data(order, thumbnail=b"")
    changed = [place for place in range(len(data)) if data[place] != upright(data)[place]]
    assert len(changed) == 1


def test_a_thumbnail_in_the_middle_becomes_zeros():
    result = upright(exif_data("<", gap=b"what else is there"))
    assert result.endswith(bytes(len(JPEG)) + b"what else is there")


def test_an_orientation_of_another_type_is_read_as_well():
    data = bytearray(exif_data("<"))
    place = data.index(struct.pack("<HH", ORIENTATION, 3))
    data[place : place + 12] = struct.pack("<HHLL", ORIENTATION, 4, 1, 6)
    assert read(upright(bytes(data)))[0][ORIENTATION] == 1


@pytest.mark.parametrize("order", "<>")
def test_words_on_the_size_are_made_true(order):
    _, inner, _ = read(of_size(exif_data(order), (30, 40)))
    assert (inner[WIDTH], inner[HEIGHT]) == (40, 30)
    assert of_size(b"", (30, 40)) == b""


@pytest.mark.parametrize("order", "<>")
def test_a_resolution_is_added_and_replaced(order):
    once = of_resolution(upright(exif_data(order)), (300, 299.5))
    twice = of_resolution(once, (72, 72))
    for data, dpi in ((once, (300, 299.5)), (twice, (72, 72)), (of_resolution(b"", (300, 299.5)), (300, 299.5))):
        main, _, _ = read(data)
        assert (float(main[0x011A]), float(main[0x011B]), main[0x0128]) == (*dpi, 2)
    assert read(twice)[1][MAKER] == b"maker note"
    assert once.startswith(upright(exif_data(order))[:8])


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: exif_data("<")[:60] + tail))
@example(PREFIX)
@example(b"II*\0\xff\xff\xff\xff")
def test_broken_data_are_no_accident(data):
    result = upright(data)
    assert result == b"" or len(result) <= len(PREFIX) + len(data)
    of_size(data, (1, 1))


@pytest.mark.parametrize(
    ("packet", "wanted"),
    [
        (b'<r tiff:Orientation="6" a="6"/>', b'<r tiff:Orientation="1" a="6"/>'),
        (b"<tiff:Orientation>8</tiff:Orientation>", b"<tiff:Orientation>1</tiff:Orientation>"),
        (b"<tiff:Orientation>1</tiff:Orientation>", b"<tiff:Orientation>1</tiff:Orientation>"),
        (b"<a/><xmp:Thumbnails>\n<x/>\n</xmp:Thumbnails><b/>", b"<a/><b/>"),
        (b"no XML at all \xff", b"no XML at all \xff"),
    ],
)
def test_xmp_of_an_upright_picture(packet, wanted):
    assert upright_xmp(packet) == wanted
