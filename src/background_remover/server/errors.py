"""`RequestError`: an error response, with its status, its code and a message of one line."""

import errno

from background_remover.errors import (
    OR_RAISE,
    Cancelled,
    Error,
    ImageError,
    ModelError,
    NoSubject,
    OptionError,
    TooLarge,
    UnknownFormat,
    one_line,
)

STATUSES = {
    "bad_request": (400, "the request is incomplete or malformed"),
    "unauthorized": (401, "the token is missing or wrong"),
    "cross_origin": (403, "a page of another origin sent the request, and --cors doesn't allow that"),
    "not_found": (404, "there is nothing at this address"),
    "method_not_allowed": (405, "this address doesn't take this method"),
    "body_timeout": (408, "the request took too long to arrive"),
    "not_done": (409, "the video isn't done yet; ask for its state"),
    "too_many_bytes": (413, "the request has more bytes than the limit"),
    "too_many_fields": (413, "the form has too many fields, or a field is too long"),
    "too_many_pixels": (413, "a picture, all frames of one, or the canvas has more pixels than the limit"),
    "too_long": (413, "a video, or the part of it that is asked for, is longer than the limit"),
    "unknown_format": (415, "not a picture, or not a video, of a known format"),
    "no_part": (416, "the file doesn't have the part that Range asks for"),
    "wrong_host": (421, "the Host header isn't a name of this service; see --allow-host"),
    "no_image": (422, "there is no picture in the request"),
    "invalid_option": (422, "an option that is unknown, given twice, or has a value that can't be used"),
    "invalid_image": (422, "a picture is damaged, or not fit for this option"),
    "no_subject": (422, "there is no subject to keep"),
    "no_download": (422, "no picture is at the address, or the address isn't allowed"),
    "unexpected": (500, "an internal error"),
    "busy": (503, "the queue is full; try again"),
    "starting": (503, "the network isn't loaded yet; try again"),
    "memory": (503, "there is not enough memory for this picture"),
    "timeout": (504, "the picture took too long"),
    "no_space": (507, "the disk has no space for the video"),
}
"""The code of an error -> its status and meaning. Clients may rely on codes and statuses."""


class RequestError(Exception):
    """An error response: `code` is one of `STATUSES`, `retry_after` is in seconds."""

    def __init__(self, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status: int = STATUSES[code][0]
        # A lone surrogate, which JSON may contain, can't be encoded in UTF-8.
        self.message: str = " ".join(message.split()).encode(errors="backslashreplace").decode()
        self.retry_after = retry_after


class VideoTooLong(Error):
    """A video that is longer than the limit."""


class NoSpace(Error):
    """A disk that has no space for a video."""


def is_full(error: BaseException | None) -> bool:
    """Return whether an error says that the disk is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def request_error_of(error: Exception) -> RequestError:
    """Return the response to an error; of an unexpected one only the type is named."""
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (UnknownFormat, "unknown_format"),
        (TooLarge, "too_many_pixels"),
        (ImageError, "invalid_image"),
        (OptionError, "invalid_option"),
        (NoSubject, "no_subject"),
        (Cancelled, "timeout"),
        (VideoTooLong, "too_long"),
        (NoSpace, "no_space"),
        (Error, "invalid_option"),  # an extra that an option needs isn't installed
    )
    if isinstance(error, ModelError):  # its text names the server's files
        return RequestError("unexpected", "the network failed on this picture; the log says more")
    if isinstance(error, MemoryError):
        return RequestError("memory", "not enough memory for this picture; shrink it first", retry_after=1)
    if isinstance(error, TooLarge) and error.args:  # the limit is the service's, and not its client's to raise
        error = TooLarge(str(error.args[0]).replace(OR_RAISE, ""))
    for kind, code in kinds:
        if isinstance(error, kind):
            return RequestError(code, one_line(error))
    return RequestError("unexpected", f"this program failed ({type(error).__name__}); its log says more")
