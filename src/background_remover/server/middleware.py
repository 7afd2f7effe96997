"""`Middleware`: checks host, origin and token of every request, and adds the security headers to every response."""

import hmac
import logging
import traceback
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from background_remover.server.api import Api, error_response
from background_remover.server.errors import RequestError, request_error_of
from background_remover.server.settings import ServerSettings

LOG = logging.getLogger(__name__)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The security headers of every response."""


class Middleware:
    """An application behind checks of host, origin and token; errors get the body of the API at their address."""

    def __init__(
        self, app: ASGIApp, settings: ServerSettings, apis: Sequence[Api], count: Callable[[str, int], None]
    ) -> None:
        """`count` is called with the path and the status of every response."""
        self._app = app
        self._apis = apis
        self._count = count
        self._token_paths = {path for api in apis for path in api.token_paths}
        self._token_folders = tuple(path for path in self._token_paths if path.endswith("/"))
        self._post_like = {path for api in apis for path in api.post_like_paths}
        self._token = settings.token.encode()
        self._origins = settings.origins
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._count(scope["path"], message["status"])
                headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        refused = self._refusal(Request(scope))
        try:
            if refused is None:
                await self._app(scope, receive, with_headers)
                return
        except Exception as error:
            log(error)
            if started:
                return
            refused = request_error_of(error)
        await error_response(self._apis, refused, scope["path"])(scope, receive, with_headers)

    def _refusal(self, request: Request) -> RequestError | None:
        host = request.headers.get("host")
        if host is not None and not self._settings.accepts_host(host):
            return RequestError(
                "wrong_host",
                f"asked as {host[:64]!r}, which isn't a name of this service; if it should be, add it by --allow-host",
            )
        path = request.scope["path"]  # `request.url` would put the Host header before it
        works = request.method in ("POST", "DELETE") or path in self._post_like
        if works and not self._origin_allowed(request):
            return RequestError("cross_origin", "pages of other origins may not use this service")
        guarded = works or path in self._token_paths or path.startswith(self._token_folders)
        if self._token and guarded and not hmac.compare_digest(_token(request), self._token):
            return RequestError("unauthorized", "the token is missing or wrong; send Authorization: Bearer TOKEN")
        return None

    def _origin_allowed(self, request: Request) -> bool:
        """Return whether no page of another origin sent the request: other programs than browsers send none."""
        origin = request.headers.get("origin")
        if "*" in self._origins or (origin is not None and origin in self._origins):
            return True
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def log(error: Exception) -> None:
    """Log where an error was raised, but not its message, which may quote what was sent."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    LOG.error("%s, in %s", type(error).__name__, " < ".join(reversed(places)))


def _token(request: Request) -> bytes:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        given = request.headers.get("x-api-key", "")
    return given.strip().encode()
