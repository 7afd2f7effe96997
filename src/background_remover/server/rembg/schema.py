"""rembg's API in the OpenAPI document."""

from collections.abc import Iterable

from background_remover.server.api import Json
from background_remover.server.openapi.parts import (
    BINARY,
    HEADERS,
    SECURITY,
    WORK_CODES,
    cutout_response,
    error_responses,
    object_schema,
    query_parameters,
)
from background_remover.server.rembg.parameters import LEVEL
from background_remover.server.responses import TYPES

_LEVEL: Json = {"type": "integer", "minimum": 0, "maximum": LEVEL, "description": "As a."}
_FIELDS: Json = {
    "model": {"type": "string", "description": "Read, and changes nothing: there is one network."},
    "a": {"type": "boolean", "description": "Read, and changes nothing: edges are found anyhow."},
    "af": _LEVEL,
    "ab": _LEVEL,
    "ae": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1, "description": "As a."},
    "om": {"type": "boolean", "description": "Give the alpha alone."},
    "ppm": {"type": "boolean", "description": "Leave no half transparent pixel."},
    "dc": {"type": "boolean", "description": "As a."},
    "vm": {"type": "boolean", "description": "As a."},
    "bgc": {"type": "string", "description": "A colour behind: red, green, blue and alpha, as in 255,255,255,255."},
    "extras": {"type": "string", "enum": ["", "{}"], "description": "Parameters of a network; none here has any."},
}


def post_operation() -> Json:
    """Return the description of a request that sends the picture."""
    form = _FIELDS | {"file": BINARY}
    return {
        "summary": "The same as rembg's server has it",
        "description": "The picture is the file `file` of a form; what isn't a file may be in the query as well.",
        "operationId": "rembg",
        "requestBody": {
            "required": True,
            "content": {"multipart/form-data": {"schema": object_schema(form, ["file"])}},
        },
        "responses": _responses(WORK_CODES),
        "security": SECURITY,
    }


def get_operation() -> Json:
    """Return the description of a request that names the picture's address."""
    url = {"type": "string", "description": "Where the picture is; needs --allow-urls."}
    return {
        "summary": "The same of a picture at an address",
        "operationId": "rembg_url",
        "parameters": query_parameters(_FIELDS | {"url": url}, ["url"]),
        "responses": _responses((*WORK_CODES, "no_download")),
        "security": SECURITY,
    }


def _responses(codes: Iterable[str]) -> Json:
    return {"200": cutout_response(HEADERS, [TYPES["PNG"]])} | error_responses(codes)
