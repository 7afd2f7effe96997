"""`/video` in the OpenAPI document, made from `Options` and `VideoOptions`."""

import dataclasses
from typing import get_args

from background_remover.options import Options
from background_remover.server.api import Json
from background_remover.server.errors import STATUSES
from background_remover.server.jobs.job import State
from background_remover.server.openapi.parts import (
    BINARY,
    SECURITY,
    WHOLE,
    error_responses,
    object_schema,
    query_parameters,
)
from background_remover.server.request.fields import field_schema
from background_remover.server.video.parameters import DEFAULT, FIELDS, KNOWN, MEDIA_TYPES
from background_remover.video.settings import VideoOptions

_ASKED = ("unauthorized", "wrong_host", "not_found")  # the codes of a request about a job
_TAKEN = (
    *("bad_request", "unauthorized", "cross_origin", "wrong_host", "body_timeout"),
    *("too_many_bytes", "too_many_fields", "too_many_pixels", "too_long", "unknown_format"),
    *("no_image", "invalid_option", "invalid_image", "unexpected", "busy", "memory", "no_space"),
)
_JOB: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/VideoJob"}}}
_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def operations(path: str, job: str, file: str) -> Json:
    """Return the descriptions of what can be asked at these addresses."""
    return {path: {"post": _post()}, job: {"get": _get(), "delete": _delete()}, file: {"get": _file()}}


def state_schema() -> Json:
    """Return the schema of a job's state."""
    maybe: Json = {"type": ["integer", "null"], "minimum": 0}
    number: Json = {"type": ["number", "null"], "minimum": 0}
    error = object_schema({"code": {"enum": list(STATUSES)}, "message": {"type": "string"}}, ("code", "message"))
    properties: Json = {
        "id": {"type": "string"},
        "state": {"type": "string", "enum": list(get_args(State))},
        "ahead": WHOLE | {"description": "The number of videos before it in the queue."},
        "frames": WHOLE | {"description": "The number of frames that are done."},
        "frames_total": WHOLE,
        "frames_per_second": number,
        "seconds_left": number,
        "error": {"anyOf": [error, {"type": "null"}], "description": "Why it failed."},
        "file": {"type": ["string", "null"], "description": "The address of the result, once it is done."},
        "name": {"type": "string", "description": "The result's name."},
        "type": {"type": "string", "enum": list(MEDIA_TYPES.values())},
        "bytes": maybe,
        "confidence": number,
        "empty": maybe | {"description": "The number of frames without a subject."},
        "unsure": maybe | {"description": "The number of unsure frames."},
        "notes": {"type": "array", "items": {"type": "string"}},
    }
    return object_schema(properties, list(properties))


def _fields() -> Json:
    """Return the schemas of the fields that are text."""
    pictures = [field for field in dataclasses.fields(Options) if field.name in FIELDS]
    videos = {field.name: field for field in dataclasses.fields(VideoOptions)}
    time: Json = {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,3})?$", "default": "0"}
    return {
        "format": {"type": "string", "enum": list(KNOWN), "default": DEFAULT, "description": "The result's format."},
        "from": time | {"description": videos["start"].metadata["help"]},
        "to": time | {"description": videos["end"].metadata["help"]},
        "no_audio": {"type": "boolean", "default": False, "description": "Leave the sound out."},
        "steady": field_schema(videos["steady"]),
        "quality": field_schema(videos["quality"]),
        **{field.name: field_schema(field) for field in pictures},
    }


def _post() -> Json:
    fields = _fields()
    form = {"video": BINARY} | fields
    form["background"] = fields["background"] | {"description": f"{fields['background']['description']} Or the file."}
    headers = {"Location": {"description": "The job's address.", "schema": {"type": "string"}}}
    return {
        "summary": "Cut the subject out of each frame of a video",
        "description": "The video is the body, or the file `video` of a form. Options are fields of the form or of the "
        "query. The answer comes once the video has arrived and before it is worked on: ask its address for its state.",
        "operationId": "takeVideo",
        "parameters": query_parameters(fields),
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": object_schema(form, ["video"])},
                "application/octet-stream": {"schema": BINARY},
            },
        },
        "responses": {"202": {"description": "The job.", "headers": headers, "content": _JOB}}
        | error_responses(_TAKEN),
        "security": SECURITY,
    }


def _get() -> Json:
    return {
        "summary": "Return the state of a video",
        "operationId": "videoState",
        "parameters": [_ID],
        "responses": {"200": {"description": "The job.", "content": _JOB}} | error_responses(_ASKED),
        "security": SECURITY,
    }


def _delete() -> Json:
    return {
        "summary": "Cancel a video, and delete its files",
        "operationId": "removeVideo",
        "parameters": [_ID],
        "responses": {"204": {"description": "It is gone."}} | error_responses((*_ASKED, "cross_origin")),
        "security": SECURITY,
    }


def _file() -> Json:
    content = {media_type: {"schema": BINARY} for media_type in MEDIA_TYPES.values()}
    part = {"description": "The part that `Range` asks for.", "content": content}
    return {
        "summary": "Return the result of a video",
        "operationId": "videoFile",
        "parameters": [_ID],
        "responses": {"200": {"description": "The file.", "content": content}, "206": part}
        | error_responses((*_ASKED, "bad_request", "not_done", "no_part", "no_subject")),
        "security": SECURITY,
    }
