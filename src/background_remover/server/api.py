"""`Api`: a set of routes, with the error bodies and the part of the OpenAPI document that are its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from background_remover.server.errors import RequestError
from background_remover.server.state import ServerState

Json: TypeAlias = dict[str, Any]
"""A JSON object."""
ErrorBody: TypeAlias = Callable[[RequestError], tuple[int, Json]]
"""Returns the status and the body of an error."""


@dataclass(frozen=True)
class Api:
    """What one API adds to the service: all that the rest of the server knows of it.

    `paths` and `schemas` are its parts of the OpenAPI document. Errors at addresses that begin with `prefix` have the
    body that `error_body` returns. A GET needs the token at `token_paths`, and below those that end in a slash. At
    `post_like_paths` a GET cuts out too, so that it is checked like a POST: for its origin and the token.
    """

    routes: Callable[[ServerState], Sequence[Route]]
    paths: Mapping[str, Json]
    schemas: Mapping[str, Json] = field(default_factory=dict)
    prefix: str = ""
    error_body: ErrorBody | None = None
    token_paths: Sequence[str] = ()
    post_like_paths: Sequence[str] = ()


def error_response(apis: Sequence[Api], error: RequestError, path: str) -> Response:
    """Return an error as JSON, in the form of the API that `path` belongs to."""
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    for api in apis:
        if api.error_body is not None and path.startswith(api.prefix):
            status, body = api.error_body(error)
            return JSONResponse(body, status, headers)
    if error.code == "unauthorized":
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": {"code": error.code, "message": error.message}}, error.status, headers)
