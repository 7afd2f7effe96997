"""The errors of remove.bg's API: their statuses, their codes and their bodies."""

from typing import Any

from background_remover.server.errors import RequestError

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
"""A code of ours -> the status and the code of the API; others keep their own."""
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


def error_body(error: RequestError) -> tuple[int, dict[str, Any]]:
    """Return the status and the body of an error."""
    status, code = CODES.get(error.code, (error.status, error.code))
    title = TITLES.get(code, code.replace("_", " ").capitalize())
    return status, {"errors": [{"title": title, "detail": error.message, "code": code}]}
