"""`ResultFile`: a file or the parts of it that `Range` asks for, whose errors are JSON as all others are."""

from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from background_remover.server.api import error_response
from background_remover.server.errors import RequestError

_ERRORS = {
    400: RequestError("bad_request", "Range can't be read; ask for bytes=FIRST-LAST, or leave it out"),
    416: RequestError("no_part", "the file ends before the part that Range asks for; Content-Range says its size"),
}


class _Refused(Exception):
    def __init__(self, start: Message) -> None:
        self.start = start


class ResultFile(FileResponse):
    """A response with a file; at a `Range` that can't be given an error, where starlette has plain text."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""

        async def checked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _ERRORS:
                raise _Refused(message)
            await send(message)

        try:
            await super().__call__(scope, receive, checked)
        except _Refused as refused:
            response = error_response((), _ERRORS[refused.start["status"]], scope["path"])
            for name, value in refused.start["headers"]:
                if name == b"content-range":
                    response.headers["Content-Range"] = value.decode("latin-1")
            await response(scope, receive, send)
