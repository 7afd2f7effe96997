import dataclasses
from pathlib import Path

import numpy as np
import pytest

from background_remover import OptionError, Options
from background_remover.options import (
    POSITIONS,
    Backdrop,
    Length,
    read_background,
    read_canvas,
    read_colour,
    read_length,
    read_offset,
)

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("white", (255, 255, 255, 255)),
        ("#f80", (255, 136, 0, 255)),
        ("#ff8800", (255, 136, 0, 255)),
        ("#ff880080", (255, 136, 0, 128)),
        ("rgb(1, 2, 3)", (1, 2, 3, 255)),
        ("RebeccaPurple", (102, 51, 153, 255)),
    ],
)
def test_colours(text, colour):
    assert read_colour(text) == colour
    assert read_background(text) == Backdrop(colour=colour)


def test_other_backgrounds():
    assert read_background("none") == Backdrop()
    assert read_background("blur:20") == Backdrop(blur=20)
    assert read_background("beach.jpg") == Backdrop(file="beach.jpg")
    assert read_background("../white/beach") == Backdrop(file="../white/beach")


def test_lengths():
    assert read_length("margin", "20") == read_length("margin", "20px") == Length(20, percent=False)
    assert read_length("margin", "2.5%").pixels(400) == 10
    assert [length.pixels(200) for length in read_offset("shadow-offset", "-3px, 1%")] == [-3, 2]
    assert read_canvas("1200x800") == (800, 1200)
    assert read_canvas("") is None


def test_positions_are_the_nine_places():
    assert len(POSITIONS) == 9
    assert POSITIONS["centre"] == (0.5, 0.5)
    assert POSITIONS["top"] == (0, 0.5)
    assert POSITIONS["bottom-left"] == (1, 0)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("background", "whiteish", "background is 'whiteish'; give none, a colour (white, #fff, #ffffff80,"),
        ("background", "rgb(1, 2, 300)", "levels end at 255"),
        ("background", "blur:", "give blur: and a radius from 0 to 1000 pixels"),
        ("background", "blur:-1", "give blur: and a radius from 0 to 1000 pixels"),
        ("background", "blur:nan", "give blur: and a radius from 0 to 1000 pixels"),
        ("background_fit", "fill", "background-fit is 'fill'; known: cover, contain, stretch"),
        ("matting", "knn", "matting is 'knn'; known: none, guided, closed-form"),
        ("second_look", "yes", "second-look is 'yes'; known: auto, off"),
        ("margin", "-5", "margin is '-5'; give pixels or a share, as in 20, 20px or 5%"),
        ("margin", "5em", "margin is '5em'"),
        ("canvas", "1200", "canvas is '1200'; give its width and height in pixels, as in 1200x800"),
        ("canvas", "0x800", "canvas is '0x800'"),
        ("scale", 0, "scale is 0; give a number above 0"),
        ("scale", 1.5, "scale is 1.5; give a number from 0 to 1"),
        ("position", "middle", "position is 'middle'; known: top-left,"),
        ("shadow_opacity", 2, "shadow-opacity is 2; give a number from 0 to 1"),
        ("shadow_blur", "soft", "shadow-blur is 'soft'; give pixels"),
        ("shadow_offset", "3", "shadow-offset is '3'; give two lengths, right and down"),
        ("threshold", -0.1, "threshold is -0.1; give a number from 0 to 1"),
        ("threshold", float("nan"), "threshold is nan; give a number from 0 to 1"),
        ("feather", -1, "feather is -1; give a number from 0 to 1000"),
        ("grow", 5000, "grow is 5000; give a number from -1000 to 1000"),
        ("longest", -1, "longest is -1; give a number of pixels, or 0 to leave the picture as it is"),
        ("max_megapixels", 0, "max-megapixels is 0; give a number above 0"),
    ],
)
def test_a_refusal_says_what_was_given_and_what_is_wanted(option, value, message):
    with pytest.raises(OptionError) as error:
        Options(**{option: value})
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "other", [{"background": "white"}, {"shadow": True}, {"crop": True}, {"canvas": "9x9"}, {"keep_colours": True}]
)
def test_a_mask_alone_has_neither_colours_nor_a_frame(other):
    (name,) = other
    with pytest.raises(OptionError, match=f"leave {name.replace('_', '-')} out"):
        Options(only_mask=True, **other)
    Options(only_mask=True, threshold=0.5, grow=2, feather=1)


@pytest.mark.parametrize(
    ("options", "transparent"),
    [
        ({}, True),
        ({"only_mask": True}, False),
        ({"background": "white"}, False),
        ({"background": "#ffffff80"}, True),
        ({"background": "blur:5"}, False),
        ({"background": "beach.jpg"}, False),
        ({"background": "beach.jpg", "background_fit": "contain"}, True),
        ({"background": "white", "background_fit": "contain"}, False),
        ({"shadow": True}, True),
    ],
)
def test_what_has_an_alpha_channel(options, transparent):
    assert Options(**options).transparent == transparent


def test_every_option_is_documented():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    missing = [field.name for field in dataclasses.fields(Options) if f"--{field.name.replace('_', '-')}" not in text]
    assert not missing


def test_options_are_values():
    assert Options() == Options()
    assert hash(Options(crop=True)) == hash(Options(crop=True))
    assert np.isclose(dataclasses.replace(Options(), scale=0.5).scale, 0.5)
