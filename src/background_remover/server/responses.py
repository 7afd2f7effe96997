"""Responses: a cutout with its metadata as headers, or both as JSON, counted as held while it is sent."""

import asyncio
import base64
from collections.abc import Mapping
from time import monotonic
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from background_remover.imaging.formats import WRITTEN
from background_remover.pipeline.file_step import CutoutFile
from background_remover.server.request.body import RATE, Budget

TYPES = {written.name: written.media_type for written in WRITTEN}
"""Pillow's name of a format -> its media type."""


def cutout_response(made: CutoutFile, seconds: Mapping[str, float], *, as_json: bool) -> Response:
    """Return the response with a cutout; `seconds` are those of each stage, the waiting included."""
    timing = {"Server-Timing": server_timing(seconds)}
    if as_json:
        return JSONResponse(facts(made, seconds), headers=timing)
    height, width = made.size
    values = {"X-Width": width, "X-Height": height, "X-Confidence": f"{made.confidence:.4f}", "X-Frames": made.frames}
    values |= {"X-Unsure": "true" if made.unsure else "false", "X-Ground": made.ground}
    values |= {f"X-Foreground-{name}": value for name, value in foreground(made).items()}
    headers = {name: str(value) for name, value in values.items()} | timing
    return Response(made.data, media_type=TYPES[made.kind], headers=headers)


def server_timing(seconds: Mapping[str, float]) -> str:
    """Return the value of a `Server-Timing` header, in milliseconds."""
    return ", ".join(f"{stage};dur={time * 1000:.1f}" for stage, time in seconds.items())


def foreground(made: CutoutFile) -> dict[str, int]:
    """Return the box around the subject in the picture that was sent."""
    height, width = made.box.size
    return {"Top": made.box.top, "Left": made.box.left, "Width": width, "Height": height}


def facts(made: CutoutFile, seconds: Mapping[str, float]) -> dict[str, Any]:
    """Return the cutout and its metadata, as in the JSON response."""
    return {
        "image": base64.b64encode(made.data).decode("ascii"),
        "type": TYPES[made.kind],
        "width": made.size[1],
        "height": made.size[0],
        "foreground": {name.lower(): value for name, value in foreground(made).items()},
        "confidence": round(made.confidence, 4),
        "empty": made.empty,
        "unsure": made.unsure,
        "ground": made.ground,
        "frames": made.frames,
        "seconds": {stage: round(time, 4) for stage, time in seconds.items()},
    }


_SLICE = 65_536


class Measured(Response):
    """A response whose bytes count as held while they are sent, and that the client has to receive in time."""

    def __init__(self, response: Response, budget: Budget, timeout: float) -> None:
        super().__init__(response.body, response.status_code, response.headers)
        self._budget = budget
        self._timeout = timeout
        budget.acquire(len(self.body))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it; stop where the client receives it too slowly."""
        start, body = monotonic(), memoryview(self.body)
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.headers.raw})
            for place in range(0, max(len(body), 1), _SLICE):
                left = start + self._timeout + place / RATE - monotonic()
                part = bytes(body[place : place + _SLICE])
                more = place + _SLICE < len(body)
                await asyncio.wait_for(
                    send({"type": "http.response.body", "body": part, "more_body": more}), max(left, 0)
                )
        except asyncio.TimeoutError:
            return  # an incomplete body makes uvicorn close the connection
        finally:
            self._budget.release(len(body))
