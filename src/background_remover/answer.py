"""What is answered: a picture with its facts as headers, the same as JSON, or a refusal."""

import base64
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from background_remover.files import Made
from background_remover.refusal import Refusal

TYPES = {
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "GIF": "image/gif",
    "JPEG": "image/jpeg",
    "BMP": "image/bmp",
}
"""Pillow's name of a format -> its media type."""


def picture(made: Made, seconds: Mapping[str, float], *, as_json: bool) -> Response:
    """The answer to a request for a cutout; `seconds` are those of each stage, the waiting included."""
    timing = {"Server-Timing": ", ".join(f"{stage};dur={time * 1000:.1f}" for stage, time in seconds.items())}
    if as_json:
        return JSONResponse(facts(made, seconds), headers=timing)
    height, width = made.size
    told = {"X-Width": width, "X-Height": height, "X-Confidence": f"{made.confidence:.4f}", "X-Frames": made.frames}
    told |= {f"X-Foreground-{name}": value for name, value in foreground(made).items()}
    headers = {name: str(value) for name, value in told.items()} | timing
    return Response(made.data, media_type=TYPES[made.kind], headers=headers)


def foreground(made: Made) -> dict[str, int]:
    """Where the subject is in the picture that was given."""
    height, width = made.box.size
    return {"Top": made.box.top, "Left": made.box.left, "Width": width, "Height": height}


def facts(made: Made, seconds: Mapping[str, float]) -> dict[str, Any]:
    """The cutout and what is known of it."""
    return {
        "image": base64.b64encode(made.data).decode("ascii"),
        "type": TYPES[made.kind],
        "width": made.size[1],
        "height": made.size[0],
        "foreground": {name.lower(): value for name, value in foreground(made).items()},
        "confidence": round(made.confidence, 4),
        "empty": made.empty,
        "frames": made.frames,
        "seconds": {stage: round(time, 4) for stage, time in seconds.items()},
    }


def refused(refusal: Refusal) -> Response:
    """A refusal as JSON."""
    error = {"code": refusal.code, "message": refusal.message}
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    if refusal.code == "unauthorized":
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": error}, refusal.status, headers)
