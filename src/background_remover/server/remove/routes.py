"""The route of `POST /remove`: a picture and options in, its cutout out."""

import asyncio
import functools

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from background_remover.server import responses
from background_remover.server.api import Api
from background_remover.server.errors import RequestError
from background_remover.server.handler import Work, accepts_json, respond
from background_remover.server.remove.schema import cutout_schema, operation
from background_remover.server.request.body import MAX_FIELD_BYTES, Body, Reader
from background_remover.server.request.cutout import CutoutRequest, carry_out
from background_remover.server.request.encoding import from_base64, from_json, is_data_uri
from background_remover.server.request.fields import PICTURES, WITHOUT_NAME, read_fields
from background_remover.server.state import ServerState


def _routes(state: ServerState) -> list[Route]:
    async def remove(request: Request) -> Response:
        async def prepare(body: Body, reader: Reader) -> Work:
            if reader.kind == "application/json":
                body = await asyncio.to_thread(_form_of_json, body.raw)
            asked = _cutout_request(request, body, state.settings.max_megapixels)
            return Work(functools.partial(carry_out, asked), asked.memory)

        render = functools.partial(responses.cutout_response, as_json=accepts_json(request))
        return await respond(state, request, WITHOUT_NAME, prepare, render)

    return [Route("/remove", remove, methods=["POST"])]


def _form_of_json(raw: bytes) -> Body:
    """Return a JSON object as the form that it stands for: pictures are base64, a background only as a data URI."""
    body = Body()
    for name, text in from_json(raw):
        if name in WITHOUT_NAME or (name in PICTURES and is_data_uri(text)):
            body.files[name] = from_base64(name, text)
        elif len(text) > MAX_FIELD_BYTES:
            raise RequestError("too_many_fields", f"{name[:64]} is too long")
        else:
            body.texts.append((name, text))
    return body


def _cutout_request(request: Request, body: Body, max_megapixels: float) -> CutoutRequest:
    unknown = [name for name in body.files if name not in PICTURES]
    if unknown:
        raise RequestError("invalid_option", f"{unknown[0][:64]!r} is no picture; known: {', '.join(PICTURES)}")
    texts = [*request.query_params.multi_items(), *body.texts]
    options, output = read_fields(texts, body.files, max_megapixels=max_megapixels)
    image = body.files.get("image", body.raw)
    if not image:
        raise RequestError("no_image", "there is no picture; send it as the body, or as the file image of a form")
    beside = {name: data for name, data in body.files.items() if name != "image"}
    return CutoutRequest(image, options, output, beside)


REMOVE = Api(_routes, {"/remove": {"post": operation()}}, {"Cutout": cutout_schema()})
"""The service's own API."""
