"""A list of pictures and videos: names alone, or a table whose columns hold each one's own prompts."""

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from background_remover.errors import OptionError, flag_of
from background_remover.parameters.prompts import NO_PROMPTS, PicturePrompts

IMAGE = "image"
"""The column of the names."""
COLUMNS = {
    "point": "points",
    "not_point": "not_points",
    "box": "box",
    "subjects": "subjects",
    "from": "part_start",
    "to": "part_end",
}
"""Column -> the field of `PicturePrompts` that it sets."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_Row: TypeAlias = tuple[str, Mapping[str, str]]  # which line it is, and column -> cell


def read_list(data: bytes) -> list[tuple[str, PicturePrompts]]:
    """Return the names in a list, each with the picture's own prompts.

    A list has a name a line, or a zero byte behind each as `find -print0` writes them. Lines of JSON objects, and CSV
    or TSV whose first line names `COLUMNS`, have prompts as well: texts as the flags take, several points separated by
    spaces or semicolons. Their values are checked when the picture is cut out. Raises `OptionError` at a table that
    can't be read, an unknown column and a row without a name.
    """
    if b"\0" not in data:
        text = os.fsdecode(data.removeprefix(_BYTE_ORDER_MARK))
        first = text.lstrip("\r\n").splitlines()[:1]
        if first and first[0].startswith('{"'):
            return [_picture(*row) for row in _json_rows(text)]
        header = next(csv.reader(first, delimiter=_delimiter(first[0])), []) if first else []
        if len(header) > 1 and {IMAGE, *COLUMNS} & set(header):
            return [_picture(*row) for row in _table_rows(text, _delimiter(first[0]))]
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [(os.fsdecode(name), NO_PROMPTS) for name in names if name]


def write_list(pictures: Sequence[tuple[str, PicturePrompts]]) -> bytes:
    """Return the list from which `read_list` reads these names and prompts: names alone where these do, else JSON."""
    plain = b"".join(os.fsencode(name) + b"\n" for name, _ in pictures)
    with contextlib.suppress(OptionError):  # a name may be like the first line of a table
        if read_list(plain) == list(pictures):
            return plain
    return "".join(f"{json.dumps(_row(*picture))}\n" for picture in pictures).encode()


def written_as(prompts: PicturePrompts, option: str) -> str:
    """Return how messages on a listed file write an option: its column where the list gave it, or else its flag."""
    columns = {field: column for column, field in COLUMNS.items() if field in prompts.given()}
    return columns.get(option) or flag_of(option)


def _row(name: str, prompts: PicturePrompts) -> dict[str, str]:
    given = prompts.given()
    return {IMAGE: name} | {column: given[option] for column, option in COLUMNS.items() if option in given}


def _delimiter(header: str) -> str:
    return "\t" if "\t" in header else ","


def _json_rows(text: str) -> Iterator[_Row]:
    """Yield the rows of lines of JSON; raises `OptionError` at a line that is no object."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise OptionError(f'line {number} of the list is no JSON object; write {{"{IMAGE}": "a.jpg", ...}}')
        yield f"line {number}", {column: _as_text(value) for column, value in row.items()}


def _as_text(value: object) -> str:
    """Return a JSON value as a flag's text; what isn't one fails when the picture is cut out."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _table_rows(text: str, delimiter: str) -> Iterator[_Row]:
    """Yield the rows of CSV or TSV; raises `OptionError` at a row of more cells than there are columns."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    try:
        for row in rows:
            if header and len(row) > len(header):
                raise OptionError(
                    f"line {rows.line_num} of the list has {len(row)} cells for {len(header)} columns; "
                    'put a cell that holds a comma in quotes, as in "30%,55%"'
                )
            if header and row:
                yield f"line {rows.line_num}", dict(zip(header, row, strict=False))
            if not header:
                _check_columns(f"line {rows.line_num}", row)
            header = header or row
            if len(set(header)) < len(header):
                raise OptionError(f"the list names a column twice: {', '.join(header)}; name each once")
    except csv.Error as error:
        raise OptionError(f"line {rows.line_num} of the list can't be read ({error}); check its quotes") from error


def _check_columns(where: str, columns: Iterable[str]) -> None:
    """Raise `OptionError` at a column that isn't known."""
    known = (IMAGE, *COLUMNS)
    for column in columns:
        if column not in known:
            raise OptionError(f"{where} of the list has the column {column!r}; known: {', '.join(known)}")


def _picture(where: str, row: Mapping[str, str]) -> tuple[str, PicturePrompts]:
    """Return the name and the prompts in a row."""
    _check_columns(where, row)
    name = row.get(IMAGE, "")
    if not name or "\0" in name:
        raise OptionError(f"{where} of the list names no picture; give a file's name in the column {IMAGE}")
    values = {COLUMNS[column]: _prompt(text) for column, text in row.items() if column != IMAGE}
    return name, PicturePrompts(**values)


def _prompt(text: str) -> str:
    """Return a cell's text with one space between points, and in characters that can be written down."""
    return " ".join(text.replace(";", " ").split()).encode(errors="backslashreplace").decode()
