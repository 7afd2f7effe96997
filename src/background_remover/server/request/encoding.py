"""Fields of a request that come as JSON or as a query, and pictures inside text: base64, alone or as a data URI."""

import base64
import binascii
import json
from typing import Any
from urllib.parse import parse_qsl, unquote

from background_remover.server.errors import RequestError
from background_remover.server.request.body import MAX_FIELDS

_SCHEME = "data:"


def from_json(raw: bytes) -> list[tuple[str, str]]:
    """Return the fields of a JSON object as text, without those that are null; raises `RequestError` at other JSON."""
    try:
        given = json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise RequestError("bad_request", "the body is no JSON") from error
    if not isinstance(given, dict) or len(given) > MAX_FIELDS:
        raise RequestError("bad_request", "the body is no JSON object of a few fields")
    return [(name, _text(name, value)) for name, value in given.items() if value is not None]


def from_query(raw: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form that is urlencoded; raises `RequestError` where it can't be read."""
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise RequestError("bad_request", "the form can't be read, or has too many fields") from error


def is_data_uri(text: str) -> bool:
    """Return whether a text is a data URI (RFC 2397), as browsers make them of files."""
    return text.lstrip()[: len(_SCHEME)].lower() == _SCHEME


def from_base64(name: str, text: str) -> bytes:
    """Return the bytes in the field `name`: base64 or a data URI of it, wherever its lines end and with or without `=`.

    Raises `RequestError` where it is neither.
    """
    text = "".join(text.split())
    if is_data_uri(text):
        head, comma, text = text.partition(",")
        if not comma or not head.lower().endswith(";base64"):
            raise RequestError("invalid_image", f"{name} is a data URI without ;base64, before its data")
        text = unquote(text)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestError("invalid_image", f"{name} is no base64") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object of these; Python's own takes the last of two that have one name."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RequestError("invalid_option", "a field of the JSON object is given twice; give it once")
    return found


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise RequestError("invalid_option", f"{name[:64]} is no text, number, true or false")
