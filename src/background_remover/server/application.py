"""The HTTP service as an ASGI application: what is at which address."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from background_remover.errors import Error, ModelError
from background_remover.server import openapi, responses
from background_remover.server.error_bodies import REMBG
from background_remover.server.errors import RequestError, request_error_of
from background_remover.server.metrics import TYPE, Metrics
from background_remover.server.middleware import Middleware, log
from background_remover.server.page import page as manual_page
from background_remover.server.queue import ClientGone
from background_remover.server.rembg import rembg_routes
from background_remover.server.removebg.routes import ACCOUNT, REMOVEBG, removebg_routes
from background_remover.server.request.body import MAX_FIELD_BYTES, Body, ClientDisconnect
from background_remover.server.request.cutout import CutoutRequest, carry_out
from background_remover.server.request.encoding import from_base64, from_json, is_data_uri
from background_remover.server.request.fields import PICTURES, WITHOUT_NAME, read_fields
from background_remover.server.settings import ServerSettings
from background_remover.server.state import ServerState

WEB = Path(__file__).parents[1] / "web"
_KINDS = (RequestError, Error, MemoryError, HTTPException, ClientDisconnect, ClientGone)  # what is answered in words
_NOBODY = 499  # the client went away; nobody reads this
_READABLE = ["Retry-After", "Server-Timing", "X-Confidence", "X-Frames", "X-Height", "X-Unsure", "X-Width"]
_READABLE += [f"X-Foreground-{name}" for name in ("Top", "Left", "Width", "Height")]


def application(settings: ServerSettings) -> Starlette:
    """The service as an ASGI application."""
    room = ServerState(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        room.open()
        yield
        await room.close()

    routes: list[BaseRoute] = [*_routes(room), *removebg_routes(room), *rembg_routes(room)]
    if WEB.is_dir():
        routes.append(Mount("/static", StaticFiles(directory=WEB)))
    app = Starlette(routes=routes, exception_handlers=dict.fromkeys(_KINDS, _answer_to_error), lifespan=lifespan)
    app.state.room = room
    app.add_middleware(Middleware, settings=settings, answered=_counter(room.gauges))
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Api-Key"],
            expose_headers=_READABLE,
        )
    return app


def _routes(room: ServerState) -> list[Route]:
    settings = room.settings

    async def page(request: Request) -> Response:  # noqa: ARG001
        if not (WEB / "index.html").is_file():
            raise HTTPException(404, "there is no page")
        return FileResponse(WEB / "index.html")

    async def health(request: Request) -> Response:  # noqa: ARG001
        return JSONResponse({"status": "ready"}, 200) if room.ready else JSONResponse({"status": "starting"}, 503)

    async def metrics(request: Request) -> Response:  # noqa: ARG001
        return Response(room.gauges.text(), media_type=TYPE)

    async def described(request: Request) -> Response:  # noqa: ARG001
        return JSONResponse(openapi.document())

    async def docs(request: Request) -> Response:  # noqa: ARG001
        return HTMLResponse(manual_page(openapi.document()))

    async def remove(request: Request) -> Response:
        start = perf_counter()
        as_json = "application/json" in request.headers.get("accept", "").lower()
        reader = room.reader(request, WITHOUT_NAME)
        try:
            room.gate.check()  # before what nobody has room for is read
            body = await reader.read()
            if reader.kind == "application/json":
                body = await asyncio.to_thread(_from_json, body.raw)
            arrived = perf_counter() - start
            order = _order(request, body, settings)
            told = functools.partial(responses.picture, as_json=as_json)
            work = room.in_memory(order.memory, functools.partial(carry_out, order))
            response = await room.respond(work, request.receive, reader, arrived, told)
        finally:
            reader.release()
        return responses.Measured(response, room.budget, settings.body_timeout)

    read = {"/": page, "/health": health, "/metrics": metrics, "/openapi.json": described, "/docs": docs}
    reading = [Route(path, endpoint, methods=responses.READING) for path, endpoint in read.items()]
    return [*reading, Route("/remove", remove, methods=["POST"])]


def _counter(gauges: Metrics) -> Callable[[str, int], None]:
    known = ("/", "/health", "/metrics", "/openapi.json", "/docs", "/remove", ACCOUNT, REMOVEBG, REMBG)
    return lambda path, status: gauges.answered(path if path in known else "other", status)


def _from_json(raw: bytes) -> Body:
    """A JSON object as the form that it stands for: pictures are base64, a background only as a data URI."""
    body = Body()
    for name, text in from_json(raw):
        if name in WITHOUT_NAME or (name in PICTURES and is_data_uri(text)):
            body.files[name] = from_base64(name, text)
        elif len(text) > MAX_FIELD_BYTES:
            raise RequestError("too_many_fields", f"{name[:64]} is too long")
        else:
            body.texts.append((name, text))
    return body


def _order(request: Request, body: Body, settings: ServerSettings) -> CutoutRequest:
    """What a request to /remove asks for."""
    unknown = [name for name in body.files if name not in PICTURES]
    if unknown:
        raise RequestError("invalid_option", f"{unknown[0][:64]!r} is no picture; known: {', '.join(PICTURES)}")
    texts = [*request.query_params.multi_items(), *body.texts]
    options, saving = read_fields(texts, body.files, max_megapixels=settings.max_megapixels)
    image = body.files.get("image", body.raw)
    if not image:
        raise RequestError("no_image", "there is no picture; send it as the body, or as the file image of a form")
    beside = {name: data for name, data in body.files.items() if name != "image"}
    return CutoutRequest(image, options, saving, beside)


async def _answer_to_error(request: Request, error: Exception) -> Response:
    if isinstance(error, (ClientDisconnect, ClientGone)):
        return Response(status_code=_NOBODY)
    if isinstance(error, HTTPException):
        codes = {404: "not_found", 405: "method_not_allowed"}
        refusal = RequestError(codes.get(error.status_code, "bad_request"), f"{error.detail}".lower())
        response = responses.refused(refusal, request.scope["path"])
        if error.status_code == 405:  # the files of the page don't say which methods they know
            response.headers["Allow"] = (error.headers or {}).get("Allow", ", ".join(responses.READING))
        return response
    if isinstance(error, RequestError):
        refusal = error
    else:
        if isinstance(error, ModelError):
            log(error)
        refusal = request_error_of(error)
    return responses.refused(refusal, request.scope["path"])
