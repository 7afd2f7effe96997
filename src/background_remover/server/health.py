"""The routes for monitoring: `GET /health` and `GET /metrics`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from background_remover.server.api import Api, Json
from background_remover.server.metrics import TYPE
from background_remover.server.openapi.parts import SECURITY, error_responses
from background_remover.server.state import ServerState


def _routes(state: ServerState) -> list[Route]:
    async def health(request: Request) -> Response:  # noqa: ARG001
        return JSONResponse({"status": "ready"}, 200) if state.ready else JSONResponse({"status": "starting"}, 503)

    async def metrics(request: Request) -> Response:  # noqa: ARG001
        return Response(state.metrics.text(), media_type=TYPE)

    return [Route("/health", health), Route("/metrics", metrics)]


def _health() -> Json:
    status: Json = {"type": "object", "properties": {"status": {"enum": ["ready", "starting"]}}, "required": ["status"]}
    content = {"application/json": {"schema": status}}
    responses = {
        "200": {"description": "It is loaded.", "content": content},
        "503": {"description": "It isn't loaded yet.", "content": content},
    }
    return {
        "summary": "Whether the network is loaded",
        "operationId": "health",
        "responses": responses | error_responses(("wrong_host",)),
    }


def _metrics() -> Json:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "summary": "Counts and times for Prometheus",
        "operationId": "metrics",
        "responses": {"200": {"description": "The metrics in Prometheus's text format.", "content": content}}
        | error_responses(("unauthorized", "wrong_host")),
        "security": SECURITY,
    }


HEALTH = Api(_routes, {"/health": {"get": _health()}, "/metrics": {"get": _metrics()}}, token_paths=("/metrics",))
"""The routes for monitoring."""
