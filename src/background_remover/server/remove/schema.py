"""`POST /remove` in the OpenAPI document, made from `Options` and `OutputOptions`."""

from typing import get_args

from background_remover.pipeline.keying import Method
from background_remover.server.api import Json
from background_remover.server.openapi.parts import (
    BINARY,
    HEADERS,
    SECURITY,
    WHOLE,
    WORK_CODES,
    cutout_response,
    error_responses,
    object_schema,
    query_parameters,
)
from background_remover.server.request.fields import WITHOUT_NAME, option_schemas
from background_remover.server.responses import TYPES

_BASE64: Json = {"type": "string", "contentEncoding": "base64", "description": "Base64, or a data URI of it."}


def operation() -> Json:
    """Return the description of `POST /remove`."""
    options = option_schemas()
    form = {"image": BINARY, "mask": BINARY} | options
    form["background"] = options["background"] | {"description": options["background"]["description"] + " Or the file."}
    cutout = cutout_response(HEADERS, TYPES.values(), {"$ref": "#/components/schemas/Cutout"})
    return {
        "summary": "Cut the subject out of a picture",
        "description": "The picture is the body, the file `image` of a form, or base64 or a data URI in the field "
        "`image` of a JSON object. Options are fields of the form, of the object or of the query. With "
        "`Accept: application/json` the answer is the same in JSON.",
        "operationId": "remove",
        "parameters": query_parameters(options),
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": object_schema(form, ["image"])},
                "application/json": {"schema": object_schema(form | dict.fromkeys(WITHOUT_NAME, _BASE64), ["image"])},
                "application/octet-stream": {"schema": BINARY},
            },
        },
        "responses": {"200": cutout} | error_responses(WORK_CODES),
        "security": SECURITY,
    }


def cutout_schema() -> Json:
    """Return the schema of a cutout in JSON."""
    box = dict.fromkeys(("top", "left", "width", "height"), WHOLE)
    properties: Json = {
        "image": {"type": "string", "contentEncoding": "base64"},
        "type": {"type": "string", "enum": list(TYPES.values())},
        "width": WHOLE,
        "height": WHOLE,
        "foreground": {"type": "object", "properties": box, "required": list(box)},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "empty": {"type": "boolean"},
        "unsure": {"type": "boolean"},
        "ground": {"type": "string", "enum": list(get_args(Method))},
        "frames": WHOLE,
        "seconds": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}
