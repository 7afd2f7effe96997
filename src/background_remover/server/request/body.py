"""`Reader`: reads the body of a request, with limits on bytes, fields and time; nothing is written to disk."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from background_remover.server.errors import RequestError
from background_remover.server.request.multipart import InMemoryParser, MultiPartException

MAX_FIELDS, MAX_FILES, MAX_FIELD_BYTES = 64, 4, 4096
RATE = 128_000  # bytes a second that a transfer has to reach after `timeout`


class Budget:
    """A limit on the bytes of all requests and responses in memory."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held: int = 0

    def acquire(self, count: int) -> None:
        """Count bytes as held; raises `RequestError` where that would exceed the limit."""
        if self.held + count > self.most:
            raise RequestError("busy", "too many requests at once; try again", retry_after=1)
        self.held += count

    def release(self, count: int) -> None:
        """Count bytes as no longer held."""
        self.held -= count


@dataclass
class Body:
    """The raw body of a request, or the fields and files of a form; `names` are the files' names, by field."""

    raw: bytes = b""
    texts: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict, compare=False)


class Reader:
    """Reads the body of one request; `release` the `acquired` bytes of the budget once it isn't needed."""

    def __init__(
        self,
        request: Request,
        budget: Budget,
        *,
        max_bytes: int,
        timeout: float,
        max_field_bytes: int = MAX_FIELD_BYTES,
        pictures: Collection[str] = (),
        repeated: bool = False,
    ) -> None:
        """`pictures` are the fields of a form that are files even without a file name.

        Where a field may be `repeated`, its second file is at "NAME 2", and so on.
        """
        self._request = request
        self._budget = budget
        self._max_bytes = max_bytes
        self._max_field_bytes = max_field_bytes
        self._timeout = timeout
        self._pictures = pictures
        self._repeated = repeated
        self.acquired: int = 0

    @property
    def kind(self) -> str:
        """The media type of the body, in lower case and without parameters."""
        return self._request.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def read(self) -> Body:
        """Return the whole body; raises `RequestError`, and `ClientDisconnect` where the client goes away."""
        self.check_length()
        if self.kind == "multipart/form-data":
            return await self._form()
        raw = bytearray()
        async with aclosing(self.chunks()) as chunks:
            async for chunk in chunks:
                raw += chunk
        return Body(bytes(raw))

    def release(self) -> None:
        """Give the bytes back to the budget."""
        self._budget.release(self.acquired)
        self.acquired = 0

    def check_length(self) -> None:
        """Raise `RequestError` where the Content-Length header announces too large a body."""
        length = self._request.headers.get("content-length", "")
        if length.isascii() and length.isdecimal() and int(length) > self._max_bytes:
            raise self._too_many(int(length))

    def _too_many(self, count: int | None) -> RequestError:
        size = "more" if count is None else f"{count / 1e6:.6g} megabytes"
        return RequestError(
            "too_many_bytes", f"the request has {size} and the limit is {self._max_bytes / 1e6:g} megabytes; send less"
        )

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it arrives; raises where it is too large or too slow."""
        start, more = monotonic(), True
        while more:
            left = start + self._timeout + self.acquired / RATE - monotonic()
            try:
                message = await asyncio.wait_for(self._request.receive(), left)
            except asyncio.TimeoutError as error:
                words = f"the request took over {self._timeout:g} seconds to arrive; send it faster"
                raise RequestError("body_timeout", words) from error
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk, more = message.get("body", b""), message.get("more_body", False)
            if self.acquired + len(chunk) > self._max_bytes:
                raise self._too_many(None)
            self._budget.acquire(len(chunk))
            self.acquired += len(chunk)
            yield chunk

    async def _form(self) -> Body:
        parser = InMemoryParser(
            self._request.headers,
            self.chunks(),
            max_files=MAX_FILES,
            max_fields=MAX_FIELDS,
            max_part_size=self._max_field_bytes,
        )
        parser.file_fields = self._pictures
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise form_error(error) from error
        body = Body()
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                await value.close()
                if name in body.files and not self._repeated:
                    raise RequestError("invalid_option", f"{name[:64]} is given twice; give it once")
                key = name if name not in body.files else f"{name} {len(body.files) + 1}"
                body.files[key], body.names[key] = data, value.filename or ""
            else:
                body.texts.append((name, value))
        return body


def form_error(error: MultiPartException) -> RequestError:
    """Return the error for a form that can't be read, or has too many parts."""
    too_many = error.message.startswith(("Too many", "Part exceeded"))
    return RequestError("too_many_fields" if too_many else "bad_request", error.message)


__all__ = ["Body", "Budget", "ClientDisconnect", "Reader", "form_error"]
