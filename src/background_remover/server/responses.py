"""What is answered: a picture with its facts as headers, the same as JSON, or a refusal."""

import asyncio
import base64
from collections.abc import Mapping
from time import monotonic
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from background_remover.imaging.formats import WRITTEN
from background_remover.pipeline.file_step import CutoutFile
from background_remover.server import error_bodies
from background_remover.server.errors import RequestError
from background_remover.server.request.body import RATE, Budget

TYPES = {written.name: written.media_type for written in WRITTEN}
"""Pillow's name of a format -> its media type."""
REMOVEBG_TYPES = {kind: TYPES[kind] for kind in ("PNG", "JPEG", "WEBP")} | {"ZIP": "application/zip"}

READING = ["GET", "HEAD"]
"""The methods of what is read: a HEAD is answered as a GET, but that the body isn't sent."""


def picture(made: CutoutFile, seconds: Mapping[str, float], *, as_json: bool) -> Response:
    """The answer to a request for a cutout; `seconds` are those of each stage, the waiting included."""
    timing = {"Server-Timing": _timing(seconds)}
    if as_json:
        return JSONResponse(facts(made, seconds), headers=timing)
    height, width = made.size
    told = {"X-Width": width, "X-Height": height, "X-Confidence": f"{made.confidence:.4f}", "X-Frames": made.frames}
    told |= {"X-Unsure": "true" if made.unsure else "false"}
    told |= {f"X-Foreground-{name}": value for name, value in foreground(made).items()}
    headers = {name: str(value) for name, value in told.items()} | timing
    return Response(made.data, media_type=TYPES[made.kind], headers=headers)


def _timing(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{stage};dur={time * 1000:.1f}" for stage, time in seconds.items())


def foreground(made: CutoutFile) -> dict[str, int]:
    """Where the subject is in the picture that was given."""
    height, width = made.box.size
    return {"Top": made.box.top, "Left": made.box.left, "Width": width, "Height": height}


def facts(made: CutoutFile, seconds: Mapping[str, float]) -> dict[str, Any]:
    """The cutout and what is known of it."""
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


def removebg(made: CutoutFile, seconds: Mapping[str, float], *, as_json: bool) -> Response:
    """The same in the words of remove.bg's contract."""
    height, width = made.size
    box = foreground(made)
    told = {"X-Width": width, "X-Height": height, "X-Type": "other", "X-Credits-Charged": 0}
    told |= {f"X-Foreground-{name}": value for name, value in box.items()}
    headers = {name: str(value) for name, value in told.items()} | {"Server-Timing": _timing(seconds)}
    if not as_json:
        return Response(made.data, media_type=REMOVEBG_TYPES[made.kind], headers=headers)
    data: dict[str, Any] = {"result_b64": base64.b64encode(made.data).decode("ascii")}
    data |= {f"foreground_{name.lower()}": value for name, value in box.items()}
    return JSONResponse({"data": data}, headers=headers)


def refused(refusal: RequestError, path: str) -> Response:
    """A refusal as JSON, in the words that are spoken at that address."""
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    if path.startswith(error_bodies.PREFIX):
        status, body = error_bodies.told(refusal)
        return JSONResponse(body, status, headers)
    error = {"code": refusal.code, "message": refusal.message}
    if refusal.code == "unauthorized":
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": error}, refusal.status, headers)


_SLICE = 65_536


class Measured(Response):
    """An answer whose bytes count while they are sent, and that has to be taken in time."""

    def __init__(self, answer: Response, budget: Budget, timeout: float) -> None:
        super().__init__(answer.body, answer.status_code)
        self.raw_headers = answer.raw_headers
        self._budget = budget
        self._timeout = timeout
        budget.take(len(self.body))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends it; a client that takes it too slowly gets no more of it."""
        start, body = monotonic(), memoryview(self.body)
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            for place in range(0, max(len(body), 1), _SLICE):
                left = start + self._timeout + place / RATE - monotonic()
                part = bytes(body[place : place + _SLICE])
                more = place + _SLICE < len(body)
                await asyncio.wait_for(
                    send({"type": "http.response.body", "body": part, "more_body": more}), max(left, 0)
                )
        except asyncio.TimeoutError:
            return  # what is left is never sent, so the connection is closed
        finally:
            self._budget.give(len(body))
