import pytest

from background_remover.batch.settings import BatchSettings
from background_remover.errors import OptionError
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options


def test_the_suffix_is_what_was_asked_for():
    assert BatchSettings(("in",), "out").suffix == ".png"
    assert BatchSettings(("in",), "out", saving=OutputOptions(format="webp")).suffix == ".webp"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"jobs": 0}, "0 jobs; give 1 or more"),
        ({"saving": OutputOptions(format="jpg")}, "format jpg: a picture with"),
        ({"each": True, "options": Options(allow_empty=True)}, "; leave allow_empty out"),
        ({"each": True, "options": Options(ground="plain")}, "; leave ground and remove_colour out"),
        ({"each": True, "options": Options(keep_shadow=True)}, "; leave keep_shadow out"),
    ],
)
def test_what_no_engine_can_carry_out_is_refused(choices, message):
    with pytest.raises(OptionError, match=message):
        BatchSettings(("in",), "out", **choices).check()
