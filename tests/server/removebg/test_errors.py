import pytest

from background_remover.server.errors import STATUSES, RequestError
from background_remover.server.removebg.errors import CODES, TITLES, error_body


@pytest.mark.parametrize("code", STATUSES)
def test_every_error_has_a_body(code):
    status, body = error_body(RequestError(code, "why"))
    ((error,),) = body.values()
    assert 400 <= status < 600
    assert set(error) == {"title", "detail", "code"}
    assert error["detail"] == "why"


@pytest.mark.parametrize(
    ("ours", "status", "theirs"),
    [
        ("no_subject", 400, "unknown_foreground"),
        ("too_many_bytes", 400, "file_too_large"),
        ("invalid_option", 400, "invalid_parameter"),
        ("unauthorized", 403, "auth_failed"),
        ("busy", 429, "rate_limit_exceeded"),
    ],
)
def test_the_codes_of_the_contract(ours, status, theirs):
    said, body = error_body(RequestError(ours, "why"))
    assert (said, body["errors"][0]["code"]) == (status, theirs)


def test_every_code_there_has_a_title():
    assert {code for _, code in CODES.values()} == set(TITLES)
    assert set(CODES) <= set(STATUSES)
