"""The HTTP service: `application` gives it for a `Service`, `serve` runs it."""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from background_remover import answer
from background_remover.body import Body, Budget, ClientDisconnect, Reader
from background_remover.errors import Error
from background_remover.fields import PICTURES, read_fields
from background_remover.files import Made
from background_remover.gate import Gate, Gone
from background_remover.models import locate
from background_remover.order import Order, fill
from background_remover.refusal import Refusal, refusal_of
from background_remover.remover import Remover
from background_remover.service import Service

WEB = Path(__file__).parent / "web"
LOG = logging.getLogger(__name__)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer says to browsers."""
_NOBODY = 499  # the client went away; nobody reads this


class Room:
    """What the requests of one process share: the network, the threads, the bytes held."""

    def __init__(self, settings: Service) -> None:
        self.settings = settings
        self.gate: Gate[Made] = Gate(settings.threads, settings.queue)
        self.budget = Budget(int(settings.max_held * 1e6))
        self._opening: asyncio.Task[Remover] | None = None

    @property
    def ready(self) -> bool:
        """Whether the network is loaded."""
        return self._opening is not None and self._opening.done() and self._opening.exception() is None

    def open(self) -> None:
        """Begins to load the network, which all requests then wait for: there is one for all of them."""
        self._opening = asyncio.create_task(asyncio.to_thread(Remover, self.settings.model))

    async def close(self) -> None:
        """Ends once all work in hand has."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
        await asyncio.to_thread(self.gate.close)

    async def make(self, order: Order, request: Request) -> tuple[Made, dict[str, float]]:
        """The cutout and the seconds of each stage; raises `Error`, `Refusal` and `Gone`."""
        if self._opening is None:
            raise Refusal("starting", "the network isn't loaded yet; try again", retry_after=1)
        remover = await asyncio.shield(self._opening)

        async def gone() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        made, waited = await self.gate.run(lambda: fill(order, remover), gone, self.settings.timeout)
        return made, {"queue": waited, **made.seconds}


def application(settings: Service) -> FastAPI:
    """The service as an ASGI application."""
    room = Room(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001
        room.open()
        yield
        await room.close()

    app = FastAPI(
        title="background-remover",
        version=version("background-remover"),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_middleware(_Armour, settings=settings)
    app.add_exception_handler(Exception, _answer_to_error)
    for kind in (Refusal, Error, MemoryError, HTTPException, ClientDisconnect, Gone):
        app.add_exception_handler(kind, _answer_to_error)
    app.mount("/static", StaticFiles(directory=WEB, check_dir=False), "static")

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        if not (WEB / "index.html").is_file():
            raise HTTPException(404, "there is no page")
        return FileResponse(WEB / "index.html")

    @app.get("/health")
    async def health() -> Response:
        """Whether the network is loaded."""
        return JSONResponse({"status": "ready"}, 200) if room.ready else JSONResponse({"status": "starting"}, 503)

    @app.post("/remove")
    async def remove(request: Request) -> Response:
        """Cut the subject out of a picture."""
        start = perf_counter()
        reader = Reader(request, room.budget, max_bytes=settings.max_bytes, timeout=settings.body_timeout)
        try:
            body = await reader.read()
            arrived = perf_counter() - start
            made, seconds = await room.make(_order(request, body, settings), request)
        finally:
            reader.release()
        as_json = "application/json" in request.headers.get("accept", "").lower()
        return answer.picture(made, {"receive": arrived, **seconds}, as_json=as_json)

    return app


def _order(request: Request, body: Body, settings: Service) -> Order:
    """What a request to /remove asks for."""
    unknown = [name for name in body.files if name not in PICTURES]
    if unknown:
        raise Refusal("invalid_option", f"{unknown[0][:64]!r} is no picture; known: {', '.join(PICTURES)}")
    texts = [*request.query_params.multi_items(), *body.texts]
    options, saving = read_fields(texts, body.files, max_megapixels=settings.max_megapixels)
    image = body.files.get("image", body.raw)
    if not image:
        raise Refusal("no_image", "there is no picture; send it as the body, or as the file image of a form")
    beside = {name: data for name, data in body.files.items() if name != "image"}
    return Order(image, options, saving, beside)


async def _answer_to_error(request: Request, error: Exception) -> Response:  # noqa: ARG001
    if isinstance(error, (ClientDisconnect, Gone)):
        return Response(status_code=_NOBODY)
    if isinstance(error, HTTPException):
        codes = {404: "not_found", 405: "method_not_allowed"}
        message = f"{error.detail}".lower()
        return answer.refused(Refusal(codes.get(error.status_code, "bad_request"), message))
    refusal = error if isinstance(error, Refusal) else refusal_of(error)
    return answer.refused(refusal)


class _Armour:
    """Before all else: who may ask, and what every answer says to browsers."""

    def __init__(self, app: ASGIApp, settings: Service) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), value.encode()) for name, value in HEADERS.items()),
                ]
            await send(message)

        refusal = self._refusal(Request(scope))
        if refusal is not None:
            await answer.refused(refusal)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Refusal | None:
        origin = request.headers.get("origin")
        if request.method == "POST" and origin and urlsplit(origin).netloc != request.headers.get("host"):
            return Refusal("cross_origin", "pages of other origins may not use this service")
        token = self._settings.token
        guarded = request.method == "POST" or request.url.path == "/metrics"
        if token and guarded and not hmac.compare_digest(_token(request), token.encode()):
            return Refusal("unauthorized", "the token is missing or wrong; send Authorization: Bearer TOKEN")
        return None


def _token(request: Request) -> bytes:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        given = request.headers.get("x-api-key", "")
    return given.strip().encode()


def listener(settings: Service) -> uvicorn.Server:
    """What listens and answers once it is told to run; raises `Error` where the model is unknown."""
    locate(settings.model)
    config = uvicorn.Config(
        application(settings),
        host=settings.host,
        port=settings.port,
        http="h11",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=int(settings.timeout) + 1,
        limit_concurrency=settings.connections,
    )
    return uvicorn.Server(config)


def serve(settings: Service) -> None:
    """Listens and answers until it is interrupted; raises `Error` as `listener` does."""
    listener(settings).run()
