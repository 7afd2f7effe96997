import contextlib
import dataclasses
import itertools
import re

import pytest

from background_remover.errors import OptionError, TooLarge
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.server.request.fields import option_schemas, read_fields


def read(*texts: tuple[str, str], sent: tuple[str, ...] = (), most: float = 50.0) -> tuple[Options, OutputOptions]:
    return read_fields(texts, sent, max_megapixels=most)


def test_without_fields_the_defaults_hold_but_for_the_servers_own_limit():
    assert read() == (Options(max_megapixels=50), OutputOptions())


def test_fields_have_the_types_of_the_options():
    options, saving = read(
        ("crop", "true"), ("grow", "-3"), ("feather", "1.5"), ("background", "red"), ("quality", "7")
    )
    assert options == Options(crop=True, grow=-3, feather=1.5, background="red", max_megapixels=50)
    assert saving == OutputOptions(quality=7)


def test_prompts_are_texts():
    options, _ = read(
        ("points", "30%,55% 80%,60%"), ("not_points", "350,600"), ("box", "0,0,50%,400"), ("subjects", "2")
    )
    assert options.points == "30%,55% 80%,60%"
    assert (options.not_points, options.box, options.subjects) == ("350,600", "0,0,50%,400", "2")
    assert options == Options(
        points=[("30%", "55%"), ("80%", "60%")],
        not_points=[(350, 600)],
        box=(0, 0, "50%", 400),
        subjects="2",
        max_megapixels=50,
    )


@pytest.mark.parametrize("word", ["true", "True", "1", "yes", "on"])
def test_a_switch_is_on(word):
    assert read(("shadow", word))[0].shadow


@pytest.mark.parametrize("word", ["false", "FALSE", "0", "no", "off"])
def test_a_switch_is_off(word):
    assert not read(("shadow", word))[0].shadow


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("colour", "red"),
        ("margin", "5%"),
        ("tolerance", "3"),
        ("shadow", ""),
        ("shadow", "maybe"),
        ("grow", "1.5"),
        ("grow", "9" * 5000),
        ("feather", "nan"),
        ("feather", "much"),
        ("position", "nowhere"),
        ("background", "no-colour"),
        ("background", "/etc/passwd"),
        ("background", "beach.jpg"),
        ("background", "http://127.0.0.1/beach"),
        ("mask", "/etc/passwd"),
        ("format", "exe"),
        ("max_megapixels", "51"),
        ("max_megapixels", "inf"),
        ("margin", "9" * 400),
        ("shadow_blur", "1e9"),
        ("point", "10,10"),
        ("points", "10"),
        ("points", "10,10;20,20"),
        ("not_points", "-1,5"),
        ("box", "10,10,20"),
        ("box", "10,10,0,20"),
        ("subjects", "0"),
        ("subjects", "both"),
    ],
)
def test_what_cant_be_used_is_refused(name, text):
    with pytest.raises(OptionError):
        read((name, text))


def test_a_field_given_twice_is_refused():
    with pytest.raises(OptionError, match="twice"):
        read(("grow", "1"), ("grow", "2"))
    with pytest.raises(OptionError, match="twice"):
        read(("background", "red"), sent=("background",))


def test_a_canvas_of_too_many_pixels_is_refused():
    with pytest.raises(TooLarge, match="canvas"):
        read(("canvas", "99999x99999"))


def test_pictures_that_were_sent_stand_in_the_options():
    options, _ = read(sent=("image", "mask", "background"))
    assert options.mask == "sent/mask"
    assert options.background == "sent/background"


def test_the_schema_has_every_option_with_its_default():
    properties = option_schemas()
    for kind in (Options, OutputOptions):
        for field in dataclasses.fields(kind):
            if field.name != "mask":
                assert properties[field.name]["default"] == field.default


def test_every_refusal_names_fields_as_they_are_sent():
    """What is tried: every field with what it isn't, and every two fields with what each may be."""
    names = [field.name for kind in (Options, OutputOptions) for field in dataclasses.fields(kind)]
    wrong = ("", "x", "-1", "1e9", "2.5", "9" * 20, "none", "1,2,3,4,5", "a/b.jpg", "#12345678")
    tries = [((name, text),) for name in names for text in wrong]
    right = {field.name: _other(field) for kind in (Options, OutputOptions) for field in dataclasses.fields(kind)}
    tries += itertools.combinations(right.items(), 2)
    messages = set()
    for texts in tries:
        with contextlib.suppress(TooLarge):
            try:
                read(*texts)
            except OptionError as error:
                messages.add(str(error))
    assert {message.split(" ")[0] for message in messages} >= {*names}
    dashed = "|".join(name.replace("_", "-") for name in names if "_" in name)
    assert [text for text in messages if re.search(rf"--[a-z]|(?<![\w-])({dashed})(?![\w-])", text)] == []


def _other(field: "dataclasses.Field[object]") -> str:
    """Return a value of a field that isn't its default, and is alone."""
    special = {"points": "1,1", "not_points": "1,1", "box": "1,1,2,2", "subjects": "2", "ground": "plain"}
    special |= {"remove_colour": "green", "background": "red", "outline": "2%", "canvas": "9x9", "place": "5,5"}
    special |= {"background_fit": "contain", "shadow_offset": "1,1", "position": "top", "second_look": "off"}
    special |= {"matting": "none", "shadow_kind": "contact", "format": "webp", "compress": "small"}
    kinds = {bool: "true", int: "1", float: "0.5", str: "1"}
    return special.get(field.name, kinds[type(field.default)])
