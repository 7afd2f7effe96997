"""How a refusal is told at the addresses of remove.bg's contract: its statuses, its codes, its body."""

from typing import Any

from background_remover.server.errors import RequestError

PREFIX = "/v1.0/"
REMBG = "/api/remove"
"""Of rembg's server, where refusals are told in our own words: its clients look at the status alone."""
CODES = {
    "unauthorized": (403, "auth_failed"),
    "no_image": (400, "missing_source"),
    "unknown_format": (400, "invalid_file_type"),
    "invalid_image": (400, "failed_to_read_image"),
    "too_many_bytes": (400, "file_too_large"),
    "too_many_pixels": (400, "resolution_too_high"),
    "no_subject": (400, "unknown_foreground"),
    "invalid_option": (400, "invalid_parameter"),
    "too_many_fields": (400, "invalid_parameter"),
    "bad_request": (400, "invalid_parameter"),
    "no_download": (400, "failed_to_download"),
    "busy": (429, "rate_limit_exceeded"),
    "starting": (429, "rate_limit_exceeded"),
    "memory": (429, "rate_limit_exceeded"),
}
"""Our code -> the status and the code there; others are told by our own."""
TITLES = {
    "auth_failed": "API Key invalid",
    "missing_source": "No image given",
    "invalid_file_type": "Invalid file type",
    "failed_to_read_image": "Failed to read image",
    "file_too_large": "File too large",
    "resolution_too_high": "Image resolution too high",
    "unknown_foreground": "Could not identify foreground in image",
    "invalid_parameter": "Invalid parameter",
    "failed_to_download": "Failed to download image",
    "rate_limit_exceeded": "Rate limit exceeded",
}


def told(refusal: RequestError) -> tuple[int, dict[str, Any]]:
    """The status and the body of a refusal."""
    status, code = CODES.get(refusal.code, (refusal.status, refusal.code))
    title = TITLES.get(code, code.replace("_", " ").capitalize())
    return status, {"errors": [{"title": title, "detail": refusal.message, "code": code}]}
