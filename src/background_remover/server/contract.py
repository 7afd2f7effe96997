"""The addresses of remove.bg's contract, so that its clients work once they are told another host."""

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from background_remover.files import Made
from background_remover.remover import Remover
from background_remover.server import answer, studio
from background_remover.server.body import MAX_FIELD_BYTES, MAX_FIELDS, Body, Reader
from background_remover.server.dialect import PREFIX
from background_remover.server.fetch import fetch
from background_remover.server.refusal import Refusal
from background_remover.server.removebg import BACKGROUNDS, SOURCES, read_wanted
from background_remover.server.room import Room

REMOVEBG, ACCOUNT = f"{PREFIX}removebg", f"{PREFIX}account"
FETCH_SECONDS = 20.0
_PLENTY = 1_000_000  # credits: nobody counts them, and clients look whether there are any
_FILES = ("image_file", "bg_image_file")


def add_contract(app: FastAPI, room: Room) -> None:
    """Adds its addresses to an application."""
    settings = room.settings

    @app.api_route(ACCOUNT, methods=answer.READING)
    async def account() -> Response:
        credit = {"total": _PLENTY, "subscription": 0, "payg": _PLENTY, "enterprise": 0}
        api = {"free_calls": _PLENTY, "sizes": "all"}
        return JSONResponse({"data": {"attributes": {"credits": credit, "api": api}}})

    @app.post(REMOVEBG)
    async def removebg(request: Request) -> Response:
        start = perf_counter()
        as_json = "application/json" in request.headers.get("accept", "").lower()
        limits = {"max_bytes": settings.max_bytes, "max_field_bytes": settings.max_bytes}
        reader = Reader(request, room.budget, timeout=settings.body_timeout, **limits)
        try:
            room.gate.check()  # before what nobody has room for is read
            body = await reader.read()
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            texts, pictures = await asyncio.to_thread(_fields, kind, body)
            wanted = read_wanted(texts.items())
            image, background = await _pictures(texts, pictures, room, reader)
            arrived = perf_counter() - start

            def work(remover: Remover) -> Made:
                return studio.make(remover, image, background, wanted, settings.max_megapixels)

            def render(made: Made, seconds: Mapping[str, float]) -> Response:
                seconds = {"receive": arrived, **seconds}
                room.gauges.made(seconds, reader.taken, len(made.data), made.size[0] * made.size[1])
                return answer.removebg(made, seconds, as_json=as_json)

            response = await room.answer(work, request.receive, render)
        finally:
            reader.release()
        return answer.Measured(response, room.budget, settings.body_timeout)


def _fields(kind: str, body: Body) -> tuple[dict[str, str], dict[str, bytes]]:
    """The fields of a body of one of the contract's three kinds, without those that are empty: texts, and pictures."""
    if kind == "application/json":
        given = _from_json(body.raw)
    elif kind == "application/x-www-form-urlencoded":
        given = _from_query(body.raw)
    elif kind == "multipart/form-data":
        given = body.texts
    else:
        raise Refusal("bad_request", "send a form (multipart/form-data or urlencoded) or application/json")
    texts: dict[str, str] = {}
    for name, text in given:
        if name in texts:
            raise Refusal("invalid_option", f"{name[:64]} is given twice; give it once")
        if name not in SOURCES and len(text) > MAX_FIELD_BYTES:
            raise Refusal("too_many_fields", f"{name[:64]} is too long")
        texts[name] = text
    texts = {name: text for name, text in texts.items() if text}
    pictures = {name: data for name, data in body.files.items() if data}
    for name in _FILES:
        if name in texts:
            raise Refusal("invalid_option", f"{name} is a file; send it as one, or as image_file_b64")
    unknown = [name for name in pictures if name not in _FILES]
    if unknown:
        raise Refusal("invalid_option", f"{unknown[0][:64]!r} is no file; known: {', '.join(_FILES)}")
    for names, code in ((SOURCES, "image"), (BACKGROUNDS, "background")):
        found = [name for name in names if name in texts or name in pictures]
        if len(found) > 1:
            raise Refusal("invalid_option", f"{' and '.join(found)} are given; give one {code}")
    if "image_file_b64" in texts:
        pictures["image_file"] = _from_base64(texts.pop("image_file_b64"))
    return texts, pictures


async def _pictures(
    texts: dict[str, str], pictures: Mapping[str, bytes], room: Room, reader: Reader
) -> tuple[bytes, bytes | None]:
    """The image and what is put behind it, fetched where their addresses are given."""
    image, background = pictures.get("image_file"), pictures.get("bg_image_file")
    if image is None and "image_url" not in texts:
        raise Refusal("no_image", "give image_file, image_file_b64 or image_url")
    if image is None:
        image = await _fetched(texts["image_url"], "image_url", room, reader)
    if "bg_image_url" in texts:
        background = await _fetched(texts["bg_image_url"], "bg_image_url", room, reader)
    return image, background


async def _fetched(url: str, name: str, room: Room, reader: Reader) -> bytes:
    if not room.settings.allow_urls:
        raise Refusal("invalid_option", f"{name} is off here; send the picture itself")
    data = await fetch(url, room.budget, max_bytes=room.settings.max_bytes, timeout=FETCH_SECONDS)
    reader.taken += len(data)  # so that they are given back with the rest
    return data


def _from_json(raw: bytes) -> list[tuple[str, str]]:
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refusal("bad_request", "the body is no JSON") from error
    if not isinstance(given, dict) or len(given) > MAX_FIELDS:
        raise Refusal("bad_request", "the body is no JSON object of a few fields")
    return [(name, _text(name, value)) for name, value in given.items()]


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Refusal("invalid_option", f"{name[:64]} is no text, number, true or false")


def _from_query(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Refusal("bad_request", "the form can't be read, or has too many fields") from error


def _from_base64(text: str) -> bytes:
    head, comma, rest = text.partition(",")
    text = rest if comma and head.startswith("data:") else text
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("invalid_image", "image_file_b64 is no base64") from error
