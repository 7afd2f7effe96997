import os
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath

import numpy as np
import pytest

from background_remover.errors import OptionError
from background_remover.parameters.lengths import read_length
from background_remover.parameters.values import (
    as_canvas,
    as_file,
    as_length,
    as_number,
    as_offset,
    as_switch,
    as_text,
    as_whole,
    coerce_fields,
    hex_colour,
    read_switch,
    shown,
)


@dataclass(frozen=True)
class Choices:
    dry: bool = False
    how_many: int = 1
    share: float = 0.5
    name: str = ""
    length: object = field(default="0", metadata={"read": as_length})

    def __post_init__(self) -> None:
        coerce_fields(self)


def test_fields_come_to_the_types_of_their_defaults():
    assert Choices(np.True_, np.uint8(3), 1, "x", 2.5) == Choices(True, 3, 1.0, "x", "2.5")
    assert [type(value) for value in vars(Choices(np.True_, np.uint8(3), 1, "x", 2)).values()] == [
        bool,
        int,
        float,
        str,
        str,
    ]
    with pytest.raises(OptionError, match=r"^how_many is 'x'; give a whole number$"):
        Choices(how_many="x")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        ("a\nb", r"'a\nb'"),
        ("x" * 1000, repr("x" * 64)),
        (3, "3"),
        (-(10**400), "-10^16 or more"),
        (0.5, "0.5"),
        ({"a": 1}, "of type dict"),
        (np.zeros(3), "of type ndarray"),
    ],
)
def test_a_value_is_shown_on_one_short_line(value, text):
    assert shown(value) == text


def test_numbers_of_every_kind_are_taken_and_truths_are_not():
    assert as_whole("n", np.int16(3)) == 3
    assert [as_number("n", value) for value in (1, np.float16(0.5), Fraction(1, 4))] == [1.0, 0.5, 0.25]
    assert as_number("n", 10**400) == float("inf")
    assert as_number("n", -(10**400)) == float("-inf")
    for value in (True, np.True_, "1", None, 1j, Decimal(1)):
        with pytest.raises(OptionError, match="n is"):
            as_number("n", value)
    for value in (True, 1.0, "1"):
        with pytest.raises(OptionError, match="n is"):
            as_whole("n", value)
    for value in (0, 1, "yes"):
        with pytest.raises(OptionError, match="n is"):
            as_switch("n", value)


@pytest.mark.parametrize("value", [0, 1, 20, 0.5, 2.25, 1e-7, 123456.75, np.float32(0.5)])
def test_a_length_in_pixels_is_read_back_as_it_was(value):
    length = read_length("margin", as_length("margin", value))
    assert (length.value, length.percent) == (pytest.approx(float(value), abs=1e-9), False)


def test_texts_files_pairs_and_colours():
    assert as_text("t", "x") == "x"
    assert as_file("f", PurePosixPath("a/b")) == os.fspath(PurePosixPath("a/b"))
    assert as_offset("o", ("1%", 2)) == "1%,2"
    assert as_canvas("c", [12, 8]) == "12x8"
    assert hex_colour("b", (255, 0, 16)) == "#ff0010"
    for read, value in ((as_text, b"x"), (as_file, 3), (as_file, "\0"), (as_offset, (1,)), (as_canvas, (1, "2"))):
        with pytest.raises(OptionError, match="name is"):
            read("name", value)


@pytest.mark.parametrize("text", ["true", "TRUE", "1", "yes", "on"])
def test_a_switch_as_a_text_is_on(text):
    assert read_switch("n", text) is True


@pytest.mark.parametrize("text", ["false", "False", "0", "no", "off"])
def test_a_switch_as_a_text_is_off(text):
    assert read_switch("n", text) is False


@pytest.mark.parametrize("text", ["", "2", "maybe", " true"])
def test_any_other_text_of_a_switch_is_refused(text):
    with pytest.raises(OptionError, match=r"n is .*; give true or false"):
        read_switch("n", text)
