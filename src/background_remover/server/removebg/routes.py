"""The routes of remove.bg's API, so that its clients work once they are pointed at another host."""

import asyncio
import base64
import functools
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from background_remover.pipeline.file_step import CutoutFile
from background_remover.server.api import Api
from background_remover.server.errors import RequestError
from background_remover.server.handler import Work, accepts_json, respond
from background_remover.server.removebg.errors import error_body
from background_remover.server.removebg.parameters import BACKGROUNDS, SOURCES, read_options
from background_remover.server.removebg.render import MEDIA_TYPES, Rendering
from background_remover.server.removebg.schema import account_operation, errors_schema, removebg_operation
from background_remover.server.request.body import MAX_FIELD_BYTES, Body, Reader
from background_remover.server.request.encoding import from_base64, from_json, from_query
from background_remover.server.responses import foreground, server_timing
from background_remover.server.state import ServerState

PREFIX = "/v1.0/"
REMOVE_PATH, ACCOUNT_PATH = f"{PREFIX}removebg", f"{PREFIX}account"
_PLENTY = 1_000_000  # credits: nobody counts them, and clients check whether there are any
_FILES = ("image_file", "bg_image_file")


def _routes(state: ServerState) -> list[Route]:
    settings = state.settings

    async def account(request: Request) -> Response:  # noqa: ARG001
        credit = {"total": _PLENTY, "subscription": 0, "payg": _PLENTY, "enterprise": 0}
        api = {"free_calls": _PLENTY, "sizes": "all"}
        return JSONResponse({"data": {"attributes": {"credits": credit, "api": api}}})

    async def removebg(request: Request) -> Response:
        async def prepare(body: Body, reader: Reader) -> Work:
            texts, pictures = await asyncio.to_thread(_fields, reader.kind, body)
            options = read_options(texts.items())
            image, background = await _pictures(texts, pictures, state, reader)
            rendering = Rendering(image, background, options, settings.max_megapixels)
            return Work(rendering.run, rendering.memory)

        render = functools.partial(_response, as_json=accepts_json(request))
        return await respond(state, request, _FILES, prepare, render, max_field_bytes=settings.max_bytes)

    return [Route(ACCOUNT_PATH, account), Route(REMOVE_PATH, removebg, methods=["POST"])]


def _response(made: CutoutFile, seconds: Mapping[str, float], *, as_json: bool) -> Response:
    height, width = made.size
    box = foreground(made)
    facts = {"X-Width": width, "X-Height": height, "X-Type": "other", "X-Credits-Charged": 0}
    facts |= {f"X-Foreground-{name}": value for name, value in box.items()}
    headers = {name: str(value) for name, value in facts.items()} | {"Server-Timing": server_timing(seconds)}
    if not as_json:
        return Response(made.data, media_type=MEDIA_TYPES[made.kind], headers=headers)
    data: dict[str, Any] = {"result_b64": base64.b64encode(made.data).decode("ascii")}
    data |= {f"foreground_{name.lower()}": value for name, value in box.items()}
    return JSONResponse({"data": data}, headers=headers)


def _fields(kind: str, body: Body) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return the texts and the pictures of a body of one of the three media types, without those that are empty."""
    if kind == "application/json":
        given = from_json(body.raw)
    elif kind == "application/x-www-form-urlencoded":
        given = from_query(body.raw)
    elif kind == "multipart/form-data":
        given = body.texts
    else:
        raise RequestError("bad_request", "send a form (multipart/form-data or urlencoded) or application/json")
    texts: dict[str, str] = {}
    for name, text in given:
        if name in texts:
            raise RequestError("invalid_option", f"{name[:64]} is given twice; give it once")
        if name not in SOURCES and len(text) > MAX_FIELD_BYTES:
            raise RequestError("too_many_fields", f"{name[:64]} is too long")
        texts[name] = text
    texts = {name: text for name, text in texts.items() if text}
    pictures = {name: data for name, data in body.files.items() if data}
    for name in _FILES:
        if name in texts:
            raise RequestError("invalid_option", f"{name} is a file; send it as one, or as image_file_b64")
    unknown = [name for name in pictures if name not in _FILES]
    if unknown:
        raise RequestError("invalid_option", f"{unknown[0][:64]!r} is no file; known: {', '.join(_FILES)}")
    for names, code in ((SOURCES, "image"), (BACKGROUNDS, "background")):
        found = [name for name in names if name in texts or name in pictures]
        if len(found) > 1:
            raise RequestError("invalid_option", f"{' and '.join(found)} are given; give one {code}")
    if "image_file_b64" in texts:
        pictures["image_file"] = from_base64("image_file_b64", texts.pop("image_file_b64"))
    return texts, pictures


async def _pictures(
    texts: dict[str, str], pictures: Mapping[str, bytes], state: ServerState, reader: Reader
) -> tuple[bytes, bytes | None]:
    """Return the image and its background, fetched where their addresses are given."""
    image, background = pictures.get("image_file"), pictures.get("bg_image_file")
    if image is None and "image_url" not in texts:
        raise RequestError("no_image", "give image_file, image_file_b64 or image_url")
    if image is None:
        image = await state.fetched(texts["image_url"], "image_url", reader)
    if "bg_image_url" in texts:
        background = await state.fetched(texts["bg_image_url"], "bg_image_url", reader)
    return image, background


REMOVEBG = Api(
    _routes,
    {REMOVE_PATH: {"post": removebg_operation()}, ACCOUNT_PATH: {"get": account_operation()}},
    {"Errors": errors_schema()},
    prefix=PREFIX,
    error_body=error_body,
    token_paths=(ACCOUNT_PATH,),
)
"""The API of remove.bg."""
