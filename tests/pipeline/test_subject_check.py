import numpy as np
import pytest

from background_remover import NoSubject, Options
from background_remover.pipeline.subject_check import assess, no_subject
from background_remover.segmentation.network import Card

CARD = Card("n", "1", "l", "d", "c", 1, empty_below=0.55, unsure_below=0.7)


def coarse(probability: float) -> np.ndarray:
    """Half a picture that is subject with this probability, which is the IoU to expect where it is above one half."""
    alpha = np.zeros((8, 8), np.float32)
    alpha[:4] = probability
    return alpha


@pytest.mark.parametrize(
    ("sure", "empty", "unsure"), [(0.6, False, True), (0.9, False, False), (0.52, True, False), (0.5, True, False)]
)
def test_the_models_thresholds_decide(sure, empty, unsure):
    matte = assess(coarse(1), coarse(sure), "photo", Options(), CARD)
    assert (matte.empty, matte.unsure) == (empty, unsure)
    assert matte.confidence == pytest.approx(sure if sure > 0.5 else 0)


@pytest.mark.parametrize(
    ("given", "method", "options"), [(None, "colour", {}), (0.5, "graphic", {}), (0.1, "photo", {"mask": "m.png"})]
)
def test_an_alpha_that_the_network_has_no_part_in_is_certain(given, method, options):
    matte = assess(coarse(1), None if given is None else coarse(given), method, Options(**options), CARD)
    assert (matte.confidence, matte.empty, matte.unsure) == (1, False, False)


def test_nothing_found_by_colour_is_empty():
    assert assess(coarse(0), None, "colour", Options(), None).empty


@pytest.mark.parametrize(("options", "empty"), [({}, False), ({"threshold": 0.5}, True), ({"grow": -2}, True)])
def test_a_subject_that_an_option_removes_is_empty(options, empty):
    assert assess(coarse(0), coarse(0.9), "photo", Options(**options), CARD).empty is empty


@pytest.mark.parametrize(
    ("options", "words", "text"),
    [
        ({}, {}, "no subject found (confidence 0.12)"),
        ({}, {"allow": "allow_empty"}, "no subject found (confidence 0.12); allow_empty gives the cutout even so"),
        ({"grow": -1}, {"name": "a.jpg"}, "a.jpg: no subject found, or none is left by grow (confidence 0.12)"),
        (
            {"threshold": 0.5, "grow": -1},
            {"name": "a.jpg", "allow": "--allow-empty"},
            "a.jpg: no subject found, or none is left by threshold and grow (confidence 0.12); "
            "--allow-empty gives the cutout even so",
        ),
    ],
)
def test_there_is_one_text_for_no_subject(options, words, text):
    error = no_subject(0.123, Options(**options), **words)
    assert isinstance(error, NoSubject)
    assert str(error) == text
