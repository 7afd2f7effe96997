import base64
import json

import pytest

from background_remover.server.errors import RequestError
from background_remover.server.request.encoding import from_base64, from_json, from_query, is_data_uri

DATA = bytes(range(256)) + b"!"
TEXT = base64.b64encode(DATA).decode()


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.rstrip("="),
        "\r\n".join(TEXT[place : place + 76] for place in range(0, len(TEXT), 76)),
        f"data:image/png;base64,{TEXT}",
        f" DATA:;charset=x;BASE64,{TEXT}",
        "data:image/png;base64," + TEXT.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D"),
    ],
    ids=["plain", "unpadded", "lines", "data", "spelling", "escaped"],
)
def test_base64_in_all_its_spellings(text):
    assert from_base64("image", text) == DATA
    assert is_data_uri(text) == ("base64" in text.lower())


@pytest.mark.parametrize(
    "text", ["?", "é", "QUJD=QUJD", "QUJDR", "data:image/png,QUJD", "data:base64", "data:;base64,?"]
)
def test_what_is_no_base64(text):
    with pytest.raises(RequestError, match="image is") as refused:
        from_base64("image", text)
    assert refused.value.code == "invalid_image"


def test_fields_of_json_become_text():
    given = {"crop": True, "shadow": False, "grow": -2, "feather": 1.5, "background": "red", "mask": None}
    assert from_json(json.dumps(given).encode()) == [
        ("crop", "true"),
        ("shadow", "false"),
        ("grow", "-2"),
        ("feather", "1.5"),
        ("background", "red"),
    ]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "bad_request"),
        (b"[]", "bad_request"),
        (b"{", "bad_request"),
        (b"\xff", "bad_request"),
        (b'{"a":' * 100_000, "bad_request"),
        (json.dumps(dict.fromkeys(map(str, range(65)))).encode(), "bad_request"),
        (b'{"grow": 1, "grow": 2}', "invalid_option"),
        (b'{"image": ["x"]}', "invalid_option"),
        (b'{"image": {"x": 1}}', "invalid_option"),
        (b'{"\\ud800": []}', "invalid_option"),
    ],
)
def test_json_that_holds_no_fields(raw, code):
    with pytest.raises(RequestError) as refused:
        from_json(raw)
    assert refused.value.code == code
    assert refused.value.message.encode()


def test_fields_of_a_query():
    assert from_query(b"a=1&b=&a=%2B+") == [("a", "1"), ("b", ""), ("a", "+ ")]
    for raw in (b"a", b"\xff=1", b"&".join([b"a=1"] * 65)):
        with pytest.raises(RequestError):
            from_query(raw)
