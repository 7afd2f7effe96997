"""The HTTP service as an ASGI application: its APIs, its page, and what every request passes through."""

import functools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from background_remover.errors import Error, ModelError
from background_remover.server.api import error_response
from background_remover.server.errors import RequestError, request_error_of
from background_remover.server.health import HEALTH
from background_remover.server.metrics import Metrics
from background_remover.server.middleware import Middleware, log
from background_remover.server.page import page_routes, static_routes
from background_remover.server.queue import ClientGone
from background_remover.server.rembg.routes import REMBG
from background_remover.server.remove.routes import REMOVE
from background_remover.server.removebg.routes import REMOVEBG
from background_remover.server.request.body import ClientDisconnect
from background_remover.server.settings import ServerSettings
from background_remover.server.share.routes import share_routes
from background_remover.server.state import ServerState
from background_remover.server.video.routes import VIDEO

APIS = (REMOVE, REMOVEBG, REMBG, VIDEO, HEALTH)
_ERRORS = (
    RequestError,
    Error,
    MemoryError,
    HTTPException,
    ClientDisconnect,
    ClientGone,
)  # that have a response of their own
_NOBODY = 499  # nginx's status for a client that went away
_READABLE = ["Location", "Retry-After", "Server-Timing", "X-Confidence", "X-Frames", "X-Ground"]
_READABLE += ["X-Height", "X-Unsure", "X-Width"]
_READABLE += [f"X-Foreground-{name}" for name in ("Top", "Left", "Width", "Height")]


def application(settings: ServerSettings) -> Starlette:
    """Return the service as an ASGI application."""
    state = ServerState(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        state.open()
        yield
        await state.close()

    routes = [
        *page_routes([api for api in APIS if api is not VIDEO or settings.video], settings),
        *share_routes(state),
        *(route for api in APIS for route in api.routes(state)),
    ]
    app = Starlette(
        routes=[*routes, *static_routes()],
        exception_handlers=dict.fromkeys(_ERRORS, _answer_to_error),
        lifespan=lifespan,
    )
    app.state.shared = state
    app.add_middleware(Middleware, settings=settings, apis=APIS, count=functools.partial(_count, state.metrics, routes))
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["DELETE", "GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Range", "X-Api-Key"],
            expose_headers=_READABLE,
        )
    return app


def _count(metrics: Metrics, routes: Sequence[Route], path: str, status: int) -> None:
    """Count a response by the path of its route, which may stand for many addresses."""
    known = (route.path for route in routes if route.path_regex.match(path))
    metrics.count_response(next(known, "other"), status)


async def _answer_to_error(request: Request, error: Exception) -> Response:
    if isinstance(error, (ClientDisconnect, ClientGone)):
        return Response(status_code=_NOBODY)
    if isinstance(error, HTTPException):
        codes = {404: "not_found", 405: "method_not_allowed"}
        refused = RequestError(codes.get(error.status_code, "bad_request"), f"{error.detail}".lower())
        response = error_response(APIS, refused, request.scope["path"])
        if error.status_code == 405:  # the files of the page don't say which methods they know
            response.headers["Allow"] = (error.headers or {}).get("Allow", "GET, HEAD")
        return response
    if isinstance(error, ModelError):
        log(error)
    refused = error if isinstance(error, RequestError) else request_error_of(error)
    return error_response(APIS, refused, request.scope["path"])
