"""The service described: its OpenAPI document."""

from collections.abc import Sequence
from typing import Any, get_args

from background_remover.pipeline.keying import Way
from background_remover.server.error_bodies import REMBG, told
from background_remover.server.errors import STATUSES, RequestError
from background_remover.server.removebg import parameters
from background_remover.server.removebg.parameters import FIELDS
from background_remover.server.request.fields import WITHOUT_NAME, schema
from background_remover.server.responses import REMOVEBG_TYPES, TYPES
from background_remover.version import __version__

Json = dict[str, Any]
_BINARY: Json = {"type": "string", "format": "binary"}
_BASE64: Json = {"type": "string", "contentEncoding": "base64", "description": "Base64, or a data URI of it."}
_RETRY = {"Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer"}}}
_WHOLE = {"type": "integer", "minimum": 0}
_FACTS: dict[str, tuple[str, Json]] = {
    "X-Width": ("The width of the result.", _WHOLE),
    "X-Height": ("Its height.", _WHOLE),
    "X-Frames": ("How many pictures it holds.", _WHOLE),
    "X-Confidence": ("The IoU to expect.", {"type": "number", "minimum": 0, "maximum": 1}),
    "X-Unsure": ("Whether the confidence is so low that somebody should look at the cutout.", {"type": "boolean"}),
    "X-Foreground-Top": ("Where the subject begins in the picture that was sent, from above.", _WHOLE),
    "X-Foreground-Left": ("The same from the left.", _WHOLE),
    "X-Foreground-Width": ("The width of the box around the subject.", _WHOLE),
    "X-Foreground-Height": ("Its height.", _WHOLE),
    "Server-Timing": ("Milliseconds of each stage.", {"type": "string"}),
}
_WORDS = {
    "size": parameters.MEGAPIXELS,
    "type": parameters.TYPES,
    "type_level": parameters.LEVELS,
    "format": parameters.FORMATS,
    "channels": parameters.CHANNELS,
    "shadow_type": parameters.SHADOWS,
}
_LEVEL = {"type": "integer", "minimum": 0, "maximum": 255}
_REMBG_FIELDS: Json = {
    "model": {"type": "string", "description": "Read, and changes nothing: there is one network."},
    "a": {"type": "boolean", "description": "Read, and changes nothing: edges are found anyhow."},
    "af": _LEVEL | {"description": "As a."},
    "ab": _LEVEL | {"description": "As a."},
    "ae": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1, "description": "As a."},
    "om": {"type": "boolean", "description": "Give the alpha alone."},
    "ppm": {"type": "boolean", "description": "Leave no half transparent pixel."},
    "bgc": {"type": "string", "description": "A colour behind: red, green, blue and alpha, as in 255,255,255,255."},
    "extras": {"type": "string", "enum": ["", "{}"], "description": "Parameters of a network; none here has any."},
}
GUARD_CODES = ("bad_request", "unauthorized", "cross_origin", "wrong_host")
WORK_CODES = (
    *GUARD_CODES,
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


def document() -> Json:
    """The OpenAPI document of the service."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "background-remover",
            "version": __version__,
            "description": "Cuts the subject out of a picture.",
        },
        "paths": {
            "/remove": {"post": _remove()},
            "/v1.0/removebg": {"post": _removebg()},
            "/v1.0/account": {"get": _account()},
            REMBG: {"post": _rembg(), "get": _rembg_url()},
            "/health": {"get": _health()},
            "/metrics": {"get": _metrics()},
        },
        "components": {
            "schemas": {"Error": _error_schema(), "Errors": _errors_schema(), "Cutout": _cutout_schema()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
        },
    }


def _remove() -> Json:
    options = schema()
    form = {"image": _BINARY, "mask": _BINARY} | options
    form["background"] = options["background"] | {"description": options["background"]["description"] + " Or the file."}
    queries = [
        {"name": name, "in": "query", "required": False, "schema": said, "description": said["description"]}
        for name, said in options.items()
    ]
    return {
        "summary": "Cut the subject out of a picture",
        "description": "The picture is the body, the file `image` of a form, or base64 or a data URI in the field "
        "`image` of a JSON object. Options are fields of the form, of the object or of the query. With "
        "`Accept: application/json` the answer is the same in JSON.",
        "operationId": "remove",
        "parameters": queries,
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": _object(form, ["image"])},
                "application/json": {"schema": _object(form | dict.fromkeys(WITHOUT_NAME, _BASE64), ["image"])},
                "application/octet-stream": {"schema": _BINARY},
            },
        },
        "responses": {
            "200": {
                "description": "The cutout.",
                "headers": {name: {"description": text, "schema": kind} for name, (text, kind) in _FACTS.items()},
                "content": {kind: {"schema": _BINARY} for kind in TYPES.values()}
                | {"application/json": {"schema": {"$ref": "#/components/schemas/Cutout"}}},
            }
        }
        | refusals(WORK_CODES),
        "security": [{}, {"bearer": []}, {"key": []}],
    }


def _health() -> Json:
    content = {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"status": {"enum": ["ready", "starting"]}},
                "required": ["status"],
            }
        }
    }
    return {
        "summary": "Whether the network is loaded",
        "operationId": "health",
        "responses": {
            "200": {"description": "It is.", "content": content},
            "503": {"description": "Not yet.", "content": content},
        }
        | refusals(("wrong_host",)),
    }


def _metrics() -> Json:
    return {
        "summary": "Counts and times for Prometheus",
        "operationId": "metrics",
        "responses": {
            "200": {"description": "Its text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}
        }
        | refusals(("unauthorized", "wrong_host")),
        "security": [{}, {"bearer": []}, {"key": []}],
    }


def _removebg() -> Json:
    box = {f"foreground_{name}": _WHOLE for name in ("top", "left", "width", "height")}
    data = {"type": "object", "properties": {"result_b64": {"type": "string"}} | box, "required": ["result_b64", *box]}
    texts: Json = {name: {"type": "string"} for name in FIELDS if name not in ("image_file", "bg_image_file")}
    for name, words in _WORDS.items():
        texts[name] = {"type": "string", "enum": list(words)}
    for name in ("crop", "add_shadow", "semitransparency"):
        texts[name] = {"type": "boolean"}
    form = texts | {"image_file": _BINARY, "bg_image_file": _BINARY}
    facts = {name: _FACTS[name] for name in _FACTS if name not in ("X-Frames", "X-Confidence", "X-Unsure")}
    facts |= {"X-Type": ("Always other.", {"type": "string"}), "X-Credits-Charged": ("Always 0.", _WHOLE)}
    return {
        "summary": "The same by the contract of remove.bg",
        "description": "One of image_file, image_file_b64 and image_url, and what https://www.remove.bg/api says.",
        "operationId": "removebg",
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": _object(form)},
                "application/x-www-form-urlencoded": {"schema": _object(texts)},
                "application/json": {"schema": _object(texts)},
            },
        },
        "responses": {
            "200": {
                "description": "The cutout.",
                "headers": {name: {"description": text, "schema": kind} for name, (text, kind) in facts.items()},
                "content": {kind: {"schema": _BINARY} for kind in REMOVEBG_TYPES.values()}
                | {"application/json": {"schema": {"type": "object", "properties": {"data": data}}}},
            }
        }
        | _contract_refusals((*WORK_CODES, "no_download")),
        "security": [{}, {"bearer": []}, {"key": []}],
    }


def _rembg() -> Json:
    form = _REMBG_FIELDS | {"file": _BINARY}
    return {
        "summary": "The same as rembg's server has it",
        "description": "The picture is the file `file` of a form; what isn't a file may be in the query as well.",
        "operationId": "rembg",
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _object(form, ["file"])}}},
        "responses": _rembg_responses(WORK_CODES),
        "security": [{}, {"bearer": []}, {"key": []}],
    }


def _rembg_url() -> Json:
    fields = _REMBG_FIELDS | {"url": {"type": "string", "description": "Where the picture is; needs --allow-urls."}}
    return {
        "summary": "The same of a picture at an address",
        "operationId": "rembg_url",
        "parameters": [
            {"name": name, "in": "query", "required": name == "url", "schema": said, "description": said["description"]}
            for name, said in fields.items()
        ],
        "responses": _rembg_responses((*WORK_CODES, "no_download")),
        "security": [{}, {"bearer": []}, {"key": []}],
    }


def _rembg_responses(codes: tuple[str, ...]) -> Json:
    headers = {name: {"description": text, "schema": kind} for name, (text, kind) in _FACTS.items()}
    cutout = {"description": "The cutout.", "headers": headers, "content": {TYPES["PNG"]: {"schema": _BINARY}}}
    return {"200": cutout} | refusals(codes)


def _account() -> Json:
    schema = {"type": "object", "properties": {"data": {"type": "object"}}, "required": ["data"]}
    return {
        "summary": "The account of remove.bg's contract, with plenty of credit",
        "operationId": "account",
        "responses": {"200": {"description": "It.", "content": {"application/json": {"schema": schema}}}}
        | _contract_refusals(("unauthorized", "wrong_host")),
        "security": [{}, {"bearer": []}, {"key": []}],
    }


def _object(properties: Json, required: Sequence[str] = ()) -> Json:
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def _contract_refusals(codes: tuple[str, ...]) -> Json:
    found: dict[int, list[str]] = {}
    for code in codes:
        status, body = told(RequestError(code, ""))
        found.setdefault(status, []).append(body["errors"][0]["code"])
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Errors"}}}
    return {
        str(status): {"description": ", ".join(f"`{code}`" for code in dict.fromkeys(names)), "content": content}
        | ({"headers": _RETRY} if status == 429 else {})
        for status, names in sorted(found.items())
    }


def refusals(codes: tuple[str, ...]) -> Json:
    """The responses of an operation that may be refused with these codes."""
    responses: Json = {}
    for status in sorted({STATUSES[code][0] for code in codes}):
        here = [code for code in codes if STATUSES[code][0] == status]
        responses[str(status)] = {
            "description": "; ".join(f"`{code}`: {STATUSES[code][1]}" for code in here) + ".",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        if status == 503:
            responses[str(status)]["headers"] = _RETRY
    return responses


def _error_schema() -> Json:
    error = {
        "type": "object",
        "properties": {
            "code": {"type": "string", "enum": list(STATUSES)},
            "message": {"type": "string", "description": "One line."},
        },
        "required": ["code", "message"],
        "additionalProperties": False,
    }
    return _object({"error": error}, ["error"])


def _errors_schema() -> Json:
    names = ("title", "detail", "code")
    error = _object({name: {"type": "string"} for name in names}, names)
    return _object({"errors": {"type": "array", "items": error, "minItems": 1}}, ["errors"])


def _cutout_schema() -> Json:
    box = dict.fromkeys(("top", "left", "width", "height"), _WHOLE)
    properties: Json = {
        "image": {"type": "string", "contentEncoding": "base64"},
        "type": {"type": "string", "enum": list(TYPES.values())},
        "width": _WHOLE,
        "height": _WHOLE,
        "foreground": {"type": "object", "properties": box, "required": list(box)},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "empty": {"type": "boolean"},
        "unsure": {"type": "boolean"},
        "ground": {"type": "string", "enum": list(get_args(Way))},
        "frames": _WHOLE,
        "seconds": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}
