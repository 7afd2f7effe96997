import pytest

from background_remover.errors import Error, ImageError, ModelError, NoSubject, OptionError, TooLarge, UnknownFormat
from background_remover.imaging.file import check_size
from background_remover.server.errors import STATUSES, RequestError, request_error_of


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (UnknownFormat("x"), "unknown_format", 415),
        (TooLarge("x"), "too_many_pixels", 413),
        (ImageError("x"), "invalid_image", 422),
        (OptionError("x"), "invalid_option", 422),
        (NoSubject("x"), "no_subject", 422),
        (Error("x"), "invalid_option", 422),
        (MemoryError(), "memory", 503),
        (ModelError("x"), "unexpected", 500),
        (ValueError("x"), "unexpected", 500),
    ],
)
def test_every_error_has_its_code(error, code, status):
    refusal = request_error_of(error)
    assert (refusal.code, refusal.status) == (code, status)


@pytest.mark.parametrize("error", [ModelError("/srv/secret.onnx: fails"), ValueError("/srv/secret.onnx")])
def test_faults_of_ours_tell_nothing_of_our_files(error):
    assert "secret" not in request_error_of(error).message


def test_clients_are_not_advised_to_raise_the_services_limit():
    with pytest.raises(TooLarge, match="shrink the picture or raise max_megapixels") as caught:
        check_size((3000, 4000), "the image", 9)
    said = request_error_of(caught.value)
    assert said.code == "too_many_pixels"
    assert said.message == "the image: 4000x3000 is 12 megapixels and the limit is 9; shrink the picture"


def test_a_message_is_one_line():
    assert RequestError("busy", "one\n  two").message == "one two"


def test_an_unknown_code_is_a_fault():
    with pytest.raises(KeyError):
        RequestError("nonsense", "x")


def test_what_ends_soon_says_when_to_try_again():
    assert request_error_of(MemoryError()).retry_after is not None
    assert all(400 <= status < 600 for status, _ in STATUSES.values())
