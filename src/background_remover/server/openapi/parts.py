"""Parts of an OpenAPI document that several APIs share: schemas, headers, and the responses of errors."""

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from background_remover.pipeline.keying import Method
from background_remover.server.api import Json
from background_remover.server.errors import STATUSES

BINARY: Json = {"type": "string", "format": "binary"}
"""The bytes of a file."""
WHOLE: Json = {"type": "integer", "minimum": 0}
"""A number of pixels, frames or credits."""
SECURITY: list[Json] = [{}, {"bearer": []}, {"key": []}]
"""Of an operation that wants the token where the service has one."""
RETRY: Json = {"Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer"}}}
"""The header of a response that asks to try again."""
HEADERS: dict[str, tuple[str, Json]] = {
    "X-Width": ("The width of the result.", WHOLE),
    "X-Height": ("Its height.", WHOLE),
    "X-Frames": ("How many pictures it holds.", WHOLE),
    "X-Confidence": ("The IoU to expect.", {"type": "number", "minimum": 0, "maximum": 1}),
    "X-Unsure": ("Whether the confidence is so low that somebody should look at the cutout.", {"type": "boolean"}),
    "X-Ground": ("How it was found.", {"type": "string", "enum": list(get_args(Method))}),
    "X-Foreground-Top": ("Where the subject begins in the picture that was sent, from above.", WHOLE),
    "X-Foreground-Left": ("The same from the left.", WHOLE),
    "X-Foreground-Width": ("The width of the box around the subject.", WHOLE),
    "X-Foreground-Height": ("Its height.", WHOLE),
    "Server-Timing": ("Milliseconds of each stage.", {"type": "string"}),
}
"""The headers of a cutout: what each says, and its schema."""
WORK_CODES = (
    "bad_request",
    "unauthorized",
    "cross_origin",
    "wrong_host",
    "body_timeout",
    "too_many_bytes",
    "too_many_fields",
    "too_many_pixels",
    "unknown_format",
    "no_image",
    "invalid_option",
    "invalid_image",
    "no_subject",
    "unexpected",
    "busy",
    "starting",
    "memory",
    "timeout",
)
"""The codes of the errors that a request for a cutout may end in."""


def object_schema(properties: Json, required: Sequence[str] = ()) -> Json:
    """Return the schema of an object that has these properties and no others."""
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def query_parameters(fields: Mapping[str, Json], required: Sequence[str] = ()) -> list[Json]:
    """Return the parameters of a query, from the schemas of its fields, which have descriptions."""
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": schema,
            "description": schema["description"],
        }
        for name, schema in fields.items()
    ]


def cutout_response(
    headers: Mapping[str, tuple[str, Json]], media_types: Iterable[str], json: Json | None = None
) -> Json:
    """Return the response that is a cutout: a file of one of the media types, or an object of the schema `json`."""
    content: Json = {media_type: {"schema": BINARY} for media_type in media_types}
    if json is not None:
        content["application/json"] = {"schema": json}
    return {
        "description": "The cutout.",
        "headers": {name: {"description": text, "schema": schema} for name, (text, schema) in headers.items()},
        "content": content,
    }


def error_responses(codes: Iterable[str]) -> Json:
    """Return the responses of an operation that may end in the errors of these codes, by status."""
    codes = tuple(codes)
    responses: Json = {}
    for status in sorted({STATUSES[code][0] for code in codes}):
        here = [code for code in codes if STATUSES[code][0] == status]
        responses[str(status)] = {
            "description": "; ".join(f"`{code}`: {STATUSES[code][1]}" for code in here) + ".",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        if status == 503:
            responses[str(status)]["headers"] = RETRY
    return responses


def error_schema() -> Json:
    """Return the schema of an error's body."""
    properties: Json = {
        "code": {"type": "string", "enum": list(STATUSES)},
        "message": {"type": "string", "description": "One line."},
    }
    return object_schema({"error": object_schema(properties, ("code", "message"))}, ["error"])
