"""The addresses of remove.bg's contract, so that its clients work once they are told another host."""

import asyncio
import functools
from collections.abc import Mapping
from time import perf_counter

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from background_remover.pipeline.file_step import CutoutFile
from background_remover.remover import Remover
from background_remover.server import responses
from background_remover.server.error_bodies import PREFIX
from background_remover.server.errors import RequestError
from background_remover.server.removebg import render
from background_remover.server.removebg.parameters import BACKGROUNDS, SOURCES, read_wanted
from background_remover.server.request.body import MAX_FIELD_BYTES, Body, Reader
from background_remover.server.request.encoding import from_base64, from_json, from_query
from background_remover.server.state import ServerState

REMOVEBG, ACCOUNT = f"{PREFIX}removebg", f"{PREFIX}account"
_PLENTY = 1_000_000  # credits: nobody counts them, and clients look whether there are any
_FILES = ("image_file", "bg_image_file")


def removebg_routes(room: ServerState) -> list[Route]:
    """Return the routes of remove.bg's API."""
    settings = room.settings

    async def account(request: Request) -> Response:  # noqa: ARG001
        credit = {"total": _PLENTY, "subscription": 0, "payg": _PLENTY, "enterprise": 0}
        api = {"free_calls": _PLENTY, "sizes": "all"}
        return JSONResponse({"data": {"attributes": {"credits": credit, "api": api}}})

    async def removebg(request: Request) -> Response:
        start = perf_counter()
        as_json = "application/json" in request.headers.get("accept", "").lower()
        reader = room.reader(request, _FILES, max_field_bytes=settings.max_bytes)
        try:
            room.gate.check()  # before what nobody has room for is read
            body = await reader.read()
            texts, pictures = await asyncio.to_thread(_fields, reader.kind, body)
            wanted = read_wanted(texts.items())
            image, background = await _pictures(texts, pictures, room, reader)
            arrived = perf_counter() - start

            def work(remover: Remover) -> CutoutFile:
                return render.make(remover, image, background, wanted, settings.max_megapixels)

            told = functools.partial(responses.removebg, as_json=as_json)
            need = functools.partial(render.memory, image, background, wanted)
            response = await room.respond(room.in_memory(need, work), request.receive, reader, arrived, told)
        finally:
            reader.release()
        return responses.Measured(response, room.budget, settings.body_timeout)

    return [Route(ACCOUNT, account, methods=responses.READING), Route(REMOVEBG, removebg, methods=["POST"])]


def _fields(kind: str, body: Body) -> tuple[dict[str, str], dict[str, bytes]]:
    """The fields of a body of one of the contract's three kinds, without those that are empty: texts, and pictures."""
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
    texts: dict[str, str], pictures: Mapping[str, bytes], room: ServerState, reader: Reader
) -> tuple[bytes, bytes | None]:
    """The image and what is put behind it, fetched where their addresses are given."""
    image, background = pictures.get("image_file"), pictures.get("bg_image_file")
    if image is None and "image_url" not in texts:
        raise RequestError("no_image", "give image_file, image_file_b64 or image_url")
    if image is None:
        image = await room.fetched(texts["image_url"], "image_url", reader)
    if "bg_image_url" in texts:
        background = await room.fetched(texts["bg_image_url"], "bg_image_url", reader)
    return image, background
