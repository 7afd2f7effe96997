import dataclasses
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from background_remover import OptionError, Options
from background_remover.options import check
from background_remover.parameters.background import Backdrop, read_background
from background_remover.parameters.colours import read_colour
from background_remover.parameters.gradient import read_gradient
from background_remover.parameters.layout import POSITIONS, Placement, read_canvas, read_place, read_position
from background_remover.parameters.lengths import Length, read_length, read_offset

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
    assert read_background("gradient:red,blue,22.5") == Backdrop(gradient=read_gradient("gradient:red,blue,22.5"))
    assert read_background("./gradient:red,blue") == Backdrop(file="./gradient:red,blue")
    assert read_background("beach.jpg") == Backdrop(file="beach.jpg")
    assert read_background("../white/beach") == Backdrop(file="../white/beach")


def test_lengths():
    assert read_length("margin", "20") == read_length("margin", "20px") == Length(20, percent=False)
    assert read_length("margin", "2.5%").pixels(400) == 10
    assert [length.pixels(200) for length in read_offset("shadow_offset", "-3px, 1%")] == [-3, 2]
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
        ("background", "gradient:white", "give gradient: and two colours, then an angle"),
        ("background_fit", "fill", "background_fit is 'fill'; known: cover, contain, stretch"),
        ("matting", "knn", "matting is 'knn'; known: none, guided, closed-form"),
        ("second_look", "yes", "second_look is 'yes'; known: auto, small, off"),
        ("margin", "-5", "margin is '-5'; give pixels or a share, as in 20, 20px or 5%"),
        ("margin", "5em", "margin is '5em'"),
        ("canvas", "1200", "canvas is '1200'; give its width and height in pixels, as in 1200x800"),
        ("canvas", "0x800", "canvas is '0x800'"),
        ("canvas", "00x800", "canvas is '00x800'"),
        ("canvas", "\u0661x\u0662", "canvas is "),
        ("canvas", "99999x99999", "canvas is 99999x99999; the most is 250 megapixels: make it smaller"),
        ("scale", 0, "scale is 0; give a number above 0"),
        ("scale", 1.5, "scale is 1.5; give a number from 0 to 1"),
        ("position", "middle", "position is 'middle'; known: top-left,"),
        ("place", "50%", "place is '50%'; give X,Y and perhaps SCALE and ANGLE, as in 50%,60%,1.2,-8"),
        ("place", "1,2,3,4,5", "place is '1,2,3,4,5'"),
        ("place", "1,2,50%", "place is '1,2,50%'"),
        ("place", "1,2,0", "give a scale above 0, at most 100"),
        ("place", "1,2,-1", "give a scale above 0, at most 100"),
        ("place", "1,2,101", "give a scale above 0, at most 100"),
        ("place", 5, "place is 5; give where, and perhaps scale and angle"),
        ("shadow_opacity", 2, "shadow_opacity is 2; give a number from 0 to 1"),
        ("shadow_kind", "car", "shadow_kind is 'car'; known: drop, contact, floating"),
        ("shadow_blur", "soft", "shadow_blur is 'soft'; give pixels"),
        ("shadow_offset", "3", "shadow_offset is '3'; give two lengths, right and down"),
        ("threshold", -0.1, "threshold is -0.1; give a number from 0 to 1"),
        ("threshold", float("nan"), "threshold is nan; give a number from 0 to 1"),
        ("feather", -1, "feather is -1; give a number from 0 to 1000"),
        ("grow", 5000, "grow is 5000; give a number from -1000 to 1000"),
        ("longest", -1, "longest is -1; give a number of pixels, or 0 to leave the picture as it is"),
        ("max_megapixels", 0, "max_megapixels is 0; give a number above 0"),
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
    with pytest.raises(OptionError, match=f"leave {name} out"):
        Options(only_mask=True, **other)
    Options(only_mask=True, threshold=0.5, grow=2, feather=1)


@pytest.mark.parametrize(
    ("options", "transparent"),
    [
        ({}, True),
        ({"only_mask": True}, False),
        ({"background": "white"}, False),
        ({"background": "#ffffff80"}, True),
        ({"background": "gradient:white,navy"}, False),
        ({"background": "gradient:white,#ffffff00"}, True),
        ({"background": "gradient:white,navy", "background_fit": "contain"}, False),
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
    flags = [field.metadata["each"] or field.name.replace("_", "-") for field in dataclasses.fields(Options)]
    missing = [flag for flag in flags if not re.search(rf"--{flag}\b", text)]
    assert not missing


def test_options_are_values():
    assert Options() == Options()
    assert hash(Options(crop=True)) == hash(Options(crop=True))
    assert np.isclose(dataclasses.replace(Options(), scale=0.5).scale, 0.5)


# What else than texts is taken, and how wrong types are refused


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("margin", 20, "20"),
        ("margin", np.float32(2.5), "2.5"),
        ("margin", 100_000, "100000"),
        ("shadow_blur", 0.5, "0.5"),
        ("shadow_offset", (10, -2.5), "10,-2.5"),
        ("shadow_offset", ("1%", np.int64(3)), "1%,3"),
        ("canvas", (1200, 800), "1200x800"),
        ("canvas", (np.int64(1200), 800), "1200x800"),
        ("mask", Path("masks/cat.png"), str(Path("masks/cat.png"))),
        ("background", Path("beach.jpg"), "beach.jpg"),
        ("background", Path("beach"), "./beach"),
        ("background", (255, 136, 0), "#ff8800"),
        ("background", (255, 136, np.uint8(0), 128), "#ff880080"),
        ("threshold", 1, 1.0),
        ("threshold", np.float64(0.5), 0.5),
        ("grow", np.int64(3), 3),
        ("crop", np.True_, True),
    ],
)
def test_values_of_other_types_become_those_that_mean_the_same(option, value, text):
    options = Options(**{option: value})
    assert options == Options(**{option: text})
    assert type(getattr(options, option)) is type(text)
    assert getattr(options, option) == text


@pytest.mark.parametrize("name", ["beach", "none", "white", "blur:3", "rgb(1, 2, 3).png"])
def test_a_path_is_always_that_of_a_file(name):
    file = read_background(Options(background=Path(name)).background).file
    assert file is not None
    assert Path(file) == Path(name)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("crop", 1, "crop is 1; give True or False"),
        ("crop", "true", "crop is 'true'; give True or False"),
        ("only_mask", None, "only_mask is None; give True or False"),
        ("threshold", "half", "threshold is 'half'; give a number"),
        ("threshold", True, "threshold is True; give a number"),
        ("threshold", 10**400, "threshold is inf; give a number from 0 to 1"),
        ("grow", 2.5, "grow is 2.5; give a whole number"),
        ("grow", -(10**400), "grow is -10^16 or more; give a number from -1000 to 1000"),
        ("longest", "640", "longest is '640'; give a whole number"),
        ("max_megapixels", None, "max_megapixels is None; give a number"),
        ("matting", 3, "matting is 3; give a text"),
        ("position", (0.5, 0.5), "position is of type tuple; give a text"),
        ("mask", np.zeros((4, 4)), "mask is of type ndarray; give the path of a file"),
        ("mask", "a\0b", "leave the NUL out"),
        ("background", np.zeros((4, 4)), "background is of type ndarray; give a text, the path of a picture's file"),
        ("background", (1, 2, 300), "background is a tuple of 3; give 3 or 4 levels of a colour, 0 to 255"),
        ("background", (1, 2), "background is a tuple of 2; give 3 or 4 levels of a colour, 0 to 255"),
        ("background", (0.5, 0.5, 0.5), "background is 0.5; give a whole number"),
        ("margin", None, "margin is None; give pixels or a share, as in 20, '20px' or '5%'"),
        ("margin", -5, "margin is '-5'; give pixels or a share"),
        ("margin", float("inf"), "margin is 'inf'; give pixels or a share"),
        ("shadow_offset", 3, "shadow_offset is 3; give two lengths, right and down, as in (10, 20)"),
        ("shadow_offset", (1, 2, 3), "shadow_offset is of type tuple; give two lengths"),
        ("canvas", 1200, "canvas is 1200; give a width and a height, as in (1200, 800)"),
        ("canvas", (1200.5, 800), "canvas is 1200.5; give a whole number"),
        ("canvas", (1200, 0), "canvas is '1200x0'"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(option, value, message):
    with pytest.raises(OptionError) as error:
        Options(**{option: value})
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("other", [{"crop": True}, None, "crop"])
def test_something_else_than_options_is_refused(other):
    with pytest.raises(OptionError, match=r"options are .*; give Options, as in Options\(crop=True\)"):
        check(other)


NUMBERS = st.integers() | st.floats() | st.decimals() | st.fractions() | st.complex_numbers()
ANY = (
    st.none()
    | st.booleans()
    | NUMBERS
    | st.text()
    | st.binary()
    | st.builds(Path, st.text("ab./: ("))
    | st.builds(object)
)
TEXTS = st.sampled_from(
    ["20px", "5%", "1%,-2%", "1200x800", "blur:20", "gradient:red,#00f,9", "rgb(1,2,3)", "#ff880080", "none", "guided"]
)
VALUES = (
    ANY
    | TEXTS
    | st.lists(ANY | TEXTS, max_size=5)
    | st.lists(ANY, max_size=5).map(tuple)
    | st.dictionaries(st.text(), ANY)
)
FIELDS = [field.name for field in dataclasses.fields(Options)]


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1))
def test_any_values_make_options_or_an_option_error(values):
    try:
        options = Options(**values)
    except OptionError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either of the two is right
        return
    assert isinstance(options.transparent, bool)
    assert dataclasses.replace(options) == options == pickle.loads(pickle.dumps(options))
    hash(options)
    for field in dataclasses.fields(options):
        assert type(getattr(options, field.name)) is type(field.default)


def test_a_placement_has_a_scale_and_an_angle_and_needs_neither():
    assert read_place("") is None
    assert read_place("50%,-20") == Placement(Length(50, True), Length(-20, False), 1, 0)
    assert read_place("50%,-20,1.5") == Placement(Length(50, True), Length(-20, False), 1.5, 0)
    assert read_place("1,2,3,-8") == Placement(Length(1, False), Length(2, False), 3, -8)
    assert Options(place=("50%", 20, 1.5)).place == "50%,20,1.5"


@pytest.mark.parametrize("other", [{"crop": True}, {"canvas": "9x9", "position": "top"}, {"only_mask": True}])
def test_a_placement_excludes_what_says_otherwise(other):
    with pytest.raises(OptionError, match="place"):
        Options(place="1,2", **other)


@pytest.mark.parametrize(
    ("alone", "partner"),
    [
        ({"margin": "5%"}, {"crop": True}),
        ({"margin": "5%"}, {"canvas": "9x9"}),
        ({"scale": 0.5}, {"canvas": "9x9"}),
        ({"position": "top"}, {"canvas": "9x9"}),
        ({"shadow_opacity": 0.4}, {"shadow": True}),
        ({"shadow_blur": "9"}, {"shadow": True}),
        ({"shadow_kind": "contact"}, {"shadow": True}),
        ({"shadow_offset": "1,1"}, {"shadow": True}),
        ({"background_fit": "contain"}, {"background": "beach.jpg"}),
        ({"linear_light": True}, {"background": "white"}),
        ({"linear_light": True}, {"shadow": True}),
    ],
)
def test_an_option_without_its_partner_says_so(alone, partner):
    check(Options(**alone, **partner))
    (name,) = alone
    with pytest.raises(OptionError, match=rf"^{name} does nothing without .*; add that, or leave {name} out$"):
        check(Options(**alone))


def test_both_spellings_of_the_middle_are_known():
    assert read_position("center") == read_position("centre") == (0.5, 0.5)
    with pytest.raises(OptionError, match="position is 'middle'; known: top-left"):
        read_position("middle")
