"""remove.bg's API in the OpenAPI document."""

from collections.abc import Iterable

from background_remover.server.api import Json
from background_remover.server.errors import RequestError
from background_remover.server.openapi.parts import (
    BINARY,
    HEADERS,
    RETRY,
    SECURITY,
    WHOLE,
    WORK_CODES,
    cutout_response,
    object_schema,
)
from background_remover.server.removebg import parameters
from background_remover.server.removebg.errors import error_body
from background_remover.server.removebg.render import MEDIA_TYPES

_CHOICES = {
    "size": parameters.MEGAPIXELS,
    "type": parameters.TYPES,
    "type_level": parameters.LEVELS,
    "format": parameters.FORMATS,
    "channels": parameters.CHANNELS,
    "shadow_type": parameters.SHADOWS,
}
_FILES = ("image_file", "bg_image_file")


def removebg_operation() -> Json:
    """Return the description of `POST /v1.0/removebg`."""
    texts: Json = {name: {"type": "string"} for name in parameters.FIELDS if name not in _FILES}
    for name, choices in _CHOICES.items():
        texts[name] = {"type": "string", "enum": list(choices)}
    for name in ("crop", "add_shadow", "semitransparency"):
        texts[name] = {"type": "boolean"}
    form = texts | dict.fromkeys(_FILES, BINARY)
    return {
        "summary": "Remove a background by remove.bg's interface",
        "description": "One of image_file, image_file_b64, image_url; the fields are those of https://www.remove.bg/api.",
        "operationId": "removebg",
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": object_schema(form)},
                "application/x-www-form-urlencoded": {"schema": object_schema(texts)},
                "application/json": {"schema": object_schema(texts)},
            },
        },
        "responses": {"200": _cutout()} | _error_responses((*WORK_CODES, "no_download")),
        "security": SECURITY,
    }


def account_operation() -> Json:
    """Return the description of `GET /v1.0/account`."""
    schema = {"type": "object", "properties": {"data": {"type": "object"}}, "required": ["data"]}
    return {
        "summary": "Return the account as remove.bg does, with unlimited credit",
        "operationId": "account",
        "responses": {"200": {"description": "The account.", "content": {"application/json": {"schema": schema}}}}
        | _error_responses(("unauthorized", "wrong_host")),
        "security": SECURITY,
    }


def errors_schema() -> Json:
    """Return the schema of an error's body."""
    names = ("title", "detail", "code")
    error = object_schema({name: {"type": "string"} for name in names}, names)
    return object_schema({"errors": {"type": "array", "items": error, "minItems": 1}}, ["errors"])


def _cutout() -> Json:
    box = {f"foreground_{name}": WHOLE for name in ("top", "left", "width", "height")}
    data = {"type": "object", "properties": {"result_b64": {"type": "string"}} | box, "required": ["result_b64", *box]}
    left_out = ("X-Frames", "X-Confidence", "X-Unsure", "X-Ground")
    headers = {name: HEADERS[name] for name in HEADERS if name not in left_out}
    headers |= {"X-Type": ("Always other.", {"type": "string"}), "X-Credits-Charged": ("Always 0.", WHOLE)}
    return cutout_response(headers, MEDIA_TYPES.values(), {"type": "object", "properties": {"data": data}})


def _error_responses(codes: Iterable[str]) -> Json:
    found: dict[int, list[str]] = {}
    for code in codes:
        status, body = error_body(RequestError(code, ""))
        found.setdefault(status, []).append(body["errors"][0]["code"])
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Errors"}}}
    return {
        str(status): {"description": ", ".join(f"`{code}`" for code in dict.fromkeys(names)), "content": content}
        | ({"headers": RETRY} if status == 429 else {})
        for status, names in sorted(found.items())
    }
