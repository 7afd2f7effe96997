"""The route of `POST /share`: photos in, the page with them inside out; nothing of them is kept.

A device offers it where the page is installed, by the manifest's `share_target` (Web Share Target API, W3C draft).
"""

import base64
import hashlib
import html
import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from background_remover.server.page import TYPES, WEB
from background_remover.server.responses import Measured
from background_remover.server.settings import ServerSettings
from background_remover.server.state import ServerState

FIELD = "photo"  # of the form, by the manifest


def share_routes(state: ServerState) -> list[Route]:
    """Return the routes of what is shared, and of the manifest that offers it."""

    async def share(request: Request) -> Response:
        page = _read("index.html").decode()
        reader = state.reader(request, [FIELD], repeated=True)
        try:
            body = await reader.read()
            shared = [_holder(body.names[key], data) for key, data in body.files.items()]
            response = HTMLResponse(page.replace("</body>", "".join([*shared, "</body>"])))
            response.headers["Cache-Control"] = "no-store"
            return Measured(response, state.budget, state.settings.body_timeout)
        finally:
            reader.release()

    async def manifest(request: Request) -> Response:
        data = _manifest(state.settings)
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(data, media_type=TYPES[".webmanifest"], headers=headers)

    return [Route("/share", share, methods=["POST"]), Route("/manifest.webmanifest", manifest)]


def _manifest(settings: ServerSettings) -> bytes:
    """Return the page's manifest, without `share_target` where a token is wanted, which no other app would send."""
    data = _read("manifest.webmanifest")
    if not settings.token:
        return data
    return json.dumps({name: value for name, value in json.loads(data).items() if name != "share_target"}).encode()


def _holder(name: str, data: bytes) -> str:
    """Return an element that shows nothing and holds a file, for the page to take."""
    return f'<template class="shared" data-name="{html.escape(name)}">{base64.b64encode(data).decode()}</template>'


def _read(name: str) -> bytes:
    if not (WEB / name).is_file():
        raise HTTPException(404, "there is no page")
    return (WEB / name).read_bytes()
