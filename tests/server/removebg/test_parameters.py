import pytest

from background_remover.errors import OptionError
from background_remover.parameters.lengths import Length
from background_remover.server.removebg.parameters import FIELDS, RemoveBgOptions, read_options


def read(**texts: str) -> RemoveBgOptions:
    return read_options(texts.items())


def test_without_fields_it_is_a_preview():
    assert read() == RemoveBgOptions()
    assert RemoveBgOptions().megapixels == 0.25


def test_empty_fields_count_as_left_out():
    assert read(**dict.fromkeys(FIELDS, "")) == RemoveBgOptions()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("size", "full", "megapixels", 25.0),
        ("size", "regular", "megapixels", 0.25),
        ("size", "4k", "megapixels", 25.0),
        ("format", "zip", "format", "zip"),
        ("crop", "true", "crop", True),
        ("crop_margin", "30px", "margins", (Length(30, False),) * 4),
        ("crop_margin", "10% 5", "margins", (Length(10, True), Length(5, False)) * 2),
        ("crop_margin", "1 2 3 4", "margins", tuple(Length(n, False) for n in (1, 2, 3, 4))),
        ("roi", "10% 0px 90% 50", "roi", (Length(10, True), Length(0, False), Length(90, True), Length(50, False))),
        ("scale", "80%", "scale", 0.8),
        ("scale", "80%", "position", (0.5, 0.5)),
        ("scale", "original", "scale", None),
        ("position", "center", "position", (0.5, 0.5)),
        ("position", "20%", "position", (0.2, 0.2)),
        ("position", "20% 70%", "position", (0.2, 0.7)),
        ("position", "original", "position", None),
        ("channels", "alpha", "only_alpha", True),
        ("bg_color", "81d4fa", "colour", (0x81, 0xD4, 0xFA, 255)),
        ("bg_color", "81d4fa77", "colour", (0x81, 0xD4, 0xFA, 0x77)),
        ("bg_color", "fff", "colour", (255, 255, 255, 255)),
        ("bg_color", "fff8", "colour", (255, 255, 255, 0x88)),
        ("bg_color", "#fff", "colour", (255, 255, 255, 255)),
        ("bg_color", "green", "colour", (0, 128, 0, 255)),
        ("semitransparency", "false", "semitransparency", False),
        ("add_shadow", "true", "shadow", 0.5),
        ("shadow_type", "drop", "shadow", 0.5),
        ("shadow_type", "none", "shadow", 0.0),
        ("type", "car", "crop", False),
        ("type_level", "latest", "crop", False),
    ],
)
def test_a_field(name, text, field, value):
    assert getattr(read(**{name: text}), field) == value


def test_how_dark_a_shadow_is():
    assert read(shadow_type="3D", shadow_opacity="80").shadow == 0.8


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("colour", "red"),
        ("size", "huge"),
        ("type", "ghost"),
        ("type_level", "3"),
        ("format", "gif"),
        ("crop", "maybe"),
        ("crop_margin", "51%"),
        ("crop_margin", "501px"),
        ("crop_margin", "1 2 3"),
        ("crop_margin", "-1"),
        ("roi", "0 0 1"),
        ("roi", "a b c d"),
        ("scale", "9%"),
        ("scale", "101%"),
        ("scale", "50"),
        ("position", "left"),
        ("position", "10% 20% 30%"),
        ("channels", "rgb"),
        ("bg_color", "12345"),
        ("bg_color", "/etc/passwd"),
        ("semitransparency", "half"),
        ("shadow_type", "deep"),
    ],
)
def test_what_cant_be_read_is_refused(name, text):
    with pytest.raises(OptionError, match=name):
        read(**{name: text})


def test_a_shadow_too_dark():
    with pytest.raises(OptionError, match="shadow_opacity"):
        read(shadow_type="drop", shadow_opacity="101")


def test_a_field_given_twice():
    with pytest.raises(OptionError, match="twice"):
        read_options([("size", "full"), ("size", "hd")])
