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

_LEVEL: Json = {"type": "integer", "minimum": 0, "maximum": LEVEL, "description": "Accepted without effect, as `a`."}
_FIELDS: Json = {
    "model": {"type": "string", "description": "Accepted without effect: there is one network."},
    "a": {"type": "boolean", "description": "Accepted without effect: edges are always refined."},
    "af": _LEVEL,
    "ab": _LEVEL,
    "ae": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1, "description": "Accepted without effect, as `a`."},
    "om": {"type": "boolean", "description": "Return the alpha alone, as a grey picture."},
    "ppm": {"type": "boolean", "description": "Leave no half transparent pixel."},
    "dc": {"type": "boolean", "description": "Accepted without effect, as `a`."},
    "vm": {"type": "boolean", "description": "Accepted without effect, as `a`."},
    "bgc": {"type": "string", "description": "A colour behind: red, green, blue and alpha, as in 255,255,255,255."},
    "extras": {"type": "string", "enum": ["", "{}"], "description": "Parameters of a network; none here has any."},
}


def post_operation() -> Json:
    """Return the description of a request that sends the picture."""
    form = _FIELDS | {"file": BINARY}
    return {
        "summary": "Remove a background by the interface of rembg's server",
        "description": "The picture is the file `file` of a form; the other fields may be in the query as well.",
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
    url = {"type": "string", "description": "The picture's address; needs --allow-urls."}
    return {
        "summary": "Remove the background of a picture at an address",
        "operationId": "rembg_url",
        "parameters": query_parameters(_FIELDS | {"url": url}, ["url"]),
        "responses": _responses((*WORK_CODES, "no_download")),
        "security": SECURITY,
    }


def _responses(codes: Iterable[str]) -> Json:
    return {"200": cutout_response(HEADERS, [TYPES["PNG"]])} | error_responses(codes)
