"""`respond`: one request for a cutout, from the reading of its body to its response."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from background_remover.pipeline.file_step import CutoutFile
from background_remover.server.request.body import MAX_FIELD_BYTES, Body, Reader
from background_remover.server.request.processes import Run
from background_remover.server.responses import Measured
from background_remover.server.state import Render, ServerState


@dataclass(frozen=True)
class Work:
    """The work for a request: `run` makes the file, and `memory` returns the bytes of memory that it needs.

    `run` can be pickled, because another process may run it.
    """

    run: Run
    memory: Callable[[], int]


Prepare: TypeAlias = Callable[[Body, Reader], Awaitable[Work]]
"""Reads the fields of a body; pictures that it fetches count as acquired by the reader."""


async def respond(
    state: ServerState,
    request: Request,
    files: Collection[str],
    prepare: Prepare,
    render: Render[Response],
    *,
    max_field_bytes: int = MAX_FIELD_BYTES,
) -> Response:
    """Return the response to a request for a cutout; `render` makes it of the cutout and the seconds of each stage.

    `files` are the fields of a form that are files even without a file name. Raises `RequestError` and `Error` where
    the request is refused, and `ClientDisconnect` or `ClientGone` where the client goes away.
    """
    start = perf_counter()
    reader = state.reader(request, files, max_field_bytes=max_field_bytes)
    try:
        state.queue.check()  # before reading a body that can't be queued
        work = await prepare(await reader.read(), reader)
        arrived = perf_counter() - start

        def record_and_render(made: CutoutFile, seconds: Mapping[str, float]) -> Response:
            seconds = {"receive": arrived, **seconds}
            state.metrics.record_cutout(seconds, reader.acquired, len(made.data), made.size[0] * made.size[1])
            return render(made, seconds)

        response = await state.answer(work.run, request.receive, record_and_render, work.memory)
    finally:
        reader.release()
    return Measured(response, state.budget, state.settings.body_timeout)


def accepts_json(request: Request) -> bool:
    """Return whether a client asks for JSON by its `Accept` header."""
    return "application/json" in request.headers.get("accept", "").lower()
