import os

import pytest

from background_remover.batch.clips.options import ClipOptions
from background_remover.errors import OptionError
from background_remover.options import Options
from background_remover.parameters.picture_list import COLUMNS, read_list, write_list, written_as
from background_remover.parameters.prompts import NO_PROMPTS, PicturePrompts


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"", []),
        (b"a.jpg\n\nb c.jpg", ["a.jpg", "b c.jpg"]),
        (b"a.jpg\r\nb.jpg\r\n", ["a.jpg", "b.jpg"]),
        (b"a\n.jpg\0b.jpg\0", ["a\n.jpg", "b.jpg"]),
        (b"image,point\0b.jpg\0", ["image,point", "b.jpg"]),
        ("ä.jpg\n".encode(), ["ä.jpg"]),
        (b"a,b.jpg\nc.jpg", ["a,b.jpg", "c.jpg"]),
        (b"image\nbox", ["image", "box"]),
        (b"{a}.jpg", ["{a}.jpg"]),
        (b'"a.jpg', ['"a.jpg']),
        (b"\xff.jpg", [os.fsdecode(b"\xff.jpg")]),
    ],
)
def test_a_plain_list_has_a_name_a_line_or_between_zero_bytes(data, names):
    assert read_list(data) == [(name, NO_PROMPTS) for name in names]


WANTED = [
    ("a b.jpg", PicturePrompts(points="30%,55% 80%,60%", subjects="2")),
    ("ä.jpg", PicturePrompts(not_points="1,2", box="1,2,3,4")),
    ("c.jpg", NO_PROMPTS),
]
TABLES = {
    "csv": 'image,point,not_point,box,subjects\na b.jpg,"30%,55%;80%,60%",,,2\nä.jpg,,"1,2","1,2,3,4"\n\nc.jpg\n',
    "tsv": "box\tpoint\timage\tsubjects\tnot_point\n\t30%,55%  80%,60%\ta b.jpg\t2\n1,2,3,4\t\tä.jpg\t\t1,2\n\t\tc.jpg",
    "json lines": '{"image": "a b.jpg", "point": "30%,55% ; 80%,60%", "subjects": 2}\n\n'
    '{"box": "1,2,3,4", "image": "\\u00e4.jpg", "not_point": "1,2", "point": null}\n{"image": "c.jpg"}',
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_a_table_has_prompts(text, end):
    data = text.replace("\n", end).encode()
    assert read_list(data) == WANTED
    assert read_list(b"\xef\xbb\xbf" + data) == WANTED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "image,points\na.jpg,\n",
            "line 1 of the list has the column 'points'; known: image, point, not_point, box, subjects",
        ),
        ('{"image": "a.jpg", "crop": true}', "line 1 of the list has the column 'crop'; known: image, point"),
        ("name,box\na.jpg,\n", "has the column 'name'; known: image"),
        ("point,box\n1,2\n", "line 2 of the list names no picture; give a file's name in the column image"),
        ('{"image": "a\\u0000.jpg"}', "line 1 of the list names no picture"),
        (
            "image,point\na.jpg,30%,55%\n",
            "line 2 of the list has 3 cells for 2 columns; put a cell that holds a comma",
        ),
        ("image,box,box\n", "names a column twice: image, box, box; name each once"),
        ('image,point\na.jpg,"1\n', "of the list can't be read .*; check its quotes"),
        ('{"image": "a.jpg"}\nb.jpg', "line 2 of the list is no JSON object"),
        ('{"image": ' + "[" * 100_000, "line 1 of the list is no JSON object"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused(text, message):
    with pytest.raises(OptionError, match=message):
        read_list(text.encode())


def test_a_value_is_left_to_the_picture_and_can_be_written_down():
    ((_, prompts),) = read_list(b"image,point\na.jpg,\xff\n")
    assert prompts == PicturePrompts(points="\\udcff")
    ((_, prompts),) = read_list(b'{"image": "a.jpg", "box": [1, 2]}')
    assert prompts == PicturePrompts(box="[1, 2]")


def test_columns_are_prompts_and_options():
    fields, parts = set(PicturePrompts.__dataclass_fields__), {"part_start", "part_end"}
    assert set(COLUMNS.values()) == fields
    assert fields - parts <= set(Options.__dataclass_fields__)
    assert parts <= set(ClipOptions.__dataclass_fields__)


PLAIN = ["a b.jpg", "ä,b.jpg", os.fsdecode(b"\xff.jpg"), "{a}.jpg"]
LISTS = {
    "names": ([(name, NO_PROMPTS) for name in PLAIN], True),
    "prompts": (WANTED, False),
    "a line feed in a name": ([("a\n.jpg", NO_PROMPTS), (os.fsdecode(b"\xff.jpg"), NO_PROMPTS)], False),
    "a name like JSON": ([('{"image": "a.jpg"}', NO_PROMPTS)], False),
    "a name like a table's first line": ([("image,point", NO_PROMPTS), ("a,b,c.jpg", NO_PROMPTS)], False),
    "none": ([], True),
}


@pytest.mark.parametrize(("pictures", "plain"), LISTS.values(), ids=LISTS)
def test_what_is_written_is_read_back(pictures, plain):
    data = write_list(pictures)
    assert read_list(data) == pictures
    assert plain == (data == b"".join(os.fsencode(f"{name}\n") for name, _ in pictures))


def test_messages_name_a_column_where_the_list_gave_the_value_and_else_the_flag():
    prompts = PicturePrompts(not_points="1,2", part_start="3")
    assert [written_as(prompts, name) for name in ("not_points", "part_start")] == ["not_point", "from"]
    assert [written_as(prompts, name) for name in ("points", "keep_colours", "frame=1")] == [
        "point",
        "keep-colours",
        "--frame 1",
    ]
