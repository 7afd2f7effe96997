"""The routes of the page and its files, and those that describe the service: compressed text, kept by browsers."""

import os
from collections.abc import Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from background_remover.imaging.codecs import heic
from background_remover.imaging.formats import FORMATS, default_qualities
from background_remover.server.api import Api
from background_remover.server.openapi.document import document
from background_remover.server.openapi.page import page
from background_remover.server.settings import ServerSettings

WEB = Path(__file__).parents[1] / "web"
ROOT_FILES = ("favicon.ico", "apple-touch-icon.png")
"""Files that browsers ask for beside the page, unasked; its manifest is another."""
TYPES = {
    ".ico": "image/x-icon",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
}  # not known to Python everywhere
COMPRESSED_FROM = 1024
"""Bytes of a text from which it is compressed where the browser takes that."""
_ICON_AGE = 86_400  # seconds


class Compressed(GZipMiddleware):
    """Compression that answers HEAD with the length that GET would have."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        if scope["type"] == "http" and scope["method"] == "HEAD":
            await super().__call__({**scope, "method": "GET"}, receive, without_body)
        else:
            await super().__call__(scope, receive, send)


_GZIP = [Middleware(Compressed, minimum_size=COMPRESSED_FROM)]


class PageFiles(StaticFiles):
    """The files of a folder: icons are kept for a day, and of all others the browser asks whether they have changed."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return the file, or that it has not changed."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        suffix = Path(full_path).suffix
        if suffix in TYPES and response.status_code == 200:
            response.headers["Content-Type"] = TYPES[suffix]
        is_icon = suffix in {".ico", ".png", ".svg"}
        response.headers["Cache-Control"] = f"public, max-age={_ICON_AGE}" if is_icon else "no-cache"
        return response


def page_routes(apis: Sequence[Api], settings: ServerSettings) -> list[Route]:
    """Return the routes of the page, and of the description of `apis` for programs and for people."""

    async def index(request: Request) -> Response:
        if not (WEB / "index.html").is_file():
            raise HTTPException(404, "there is no page")
        return await _file("index.html", request)

    async def root_file(request: Request) -> Response:
        return await _file(request.scope["path"].rpartition("/")[2], request)

    async def openapi(request: Request) -> Response:  # noqa: ARG001
        return JSONResponse(document(apis))

    async def docs(request: Request) -> Response:  # noqa: ARG001
        return HTMLResponse(page(document(apis)))

    async def facts(request: Request) -> Response:  # noqa: ARG001
        return JSONResponse(_facts(settings))

    texts = {"/": index, "/openapi.json": openapi, "/docs": docs, "/page.json": facts}
    compressed = [Route(path, endpoint, middleware=_GZIP) for path, endpoint in texts.items()]
    return [*compressed, *(Route(f"/{name}", root_file) for name in ROOT_FILES)]


def static_routes() -> list[BaseRoute]:
    """Return the route of the page's other files; none where the package was installed without a page."""
    return [Mount("/static", PageFiles(directory=WEB), middleware=_GZIP)] if WEB.is_dir() else []


def _facts(settings: ServerSettings) -> dict[str, object]:
    """Return what the page says of the server: what it reads, its limits, the default quality of each format,
    and the limits of videos where they are taken.
    """
    return {
        "formats": [one.label for one in FORMATS if one.written or heic.is_readable()],
        "max_megabytes": settings.max_megabytes,
        "max_megapixels": settings.max_megapixels,
        "quality": default_qualities(),
        "video": _video_facts(settings) if settings.video else None,
    }


def _video_facts(settings: ServerSettings) -> dict[str, float]:
    return {
        "max_seconds": settings.video_seconds,
        "max_megabytes": settings.video_megabytes,
        "max_megapixels": settings.video_megapixels,
    }


async def _file(name: str, request: Request) -> Response:
    return await PageFiles(directory=WEB, check_dir=False).get_response(name, request.scope)
