"""What a request for a video may ask for."""

import dataclasses

import pytest

from background_remover.errors import OptionError
from background_remover.options import Options
from background_remover.server.video.parameters import OF_ONE, OWN, read_choices


def test_an_unknown_field_names_those_of_videos():
    with pytest.raises(OptionError, match="'lossless' is no option; known: ") as refused:
        read_choices([("lossless", "true")], (), max_megapixels=9)
    known = str(refused.value).partition("known: ")[2].split(", ")
    assert set(known) == {*OWN, *(field.name for field in dataclasses.fields(Options))} - {*OF_ONE}
    for name in known:
        with pytest.raises(OptionError, match=f"{name} is given twice"):
            read_choices([(name, "a"), (name, "a")], (), max_megapixels=9)


@pytest.mark.parametrize("name", OF_ONE)
def test_a_field_of_one_picture_is_refused_for_what_it_is(name):
    value = {"crop": "true", "canvas": "9x9", "place": "50%,60%", "box": "1,1,9,9", "frame": "1"}
    with pytest.raises(OptionError, match=f"{name} (is of one picture|follows the subject)"):
        read_choices([(name, value.get(name, "1,1"))], (), max_megapixels=9)
