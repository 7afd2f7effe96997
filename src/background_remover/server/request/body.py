"""A request's body, read with a bound on its bytes, its fields and its time; it is never written to disk."""

import asyncio
import re
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from background_remover.server.errors import RequestError

MAX_FIELDS, MAX_FILES, MAX_FIELD_BYTES = 64, 4, 4096
RATE = 128_000  # bytes a second that a transfer has to reach, once its first time is over


class Budget:
    """How many bytes of requests may be held at once, by all of them together."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    def take(self, count: int) -> None:
        """Takes so many bytes; raises `RequestError` where that is more than there is."""
        if self.held + count > self.most:
            raise RequestError("busy", "too many requests at once; try again", retry_after=1)
        self.held += count

    def give(self, count: int) -> None:
        """Gives them back."""
        self.held -= count


@dataclass
class Body:
    """What a request holds: the raw body, or the fields and files of a form."""

    raw: bytes = b""
    texts: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


class _InMemory(MultiPartParser):
    """Starlette's parser, but that no file is spooled to disk, for there may be none to write to, and that files are
    known without a name as well: by the name of their field, by `filename*`, or by a type that isn't text.
    """

    spool_max_size = 0  # never
    pictures: Collection[str] = ()  # the fields that are files whatever is said of them

    def on_headers_finished(self) -> None:
        """Begins a field or a file."""
        part = self._current_part
        disposition = part.content_disposition or b""
        _, told = parse_options_header(disposition)
        kind = dict(part.item_headers).get(b"content-type", b"text/plain").strip().lower()
        is_picture = told.get(b"name", b"").decode("latin-1") in self.pictures
        extended = re.search(rb";\s*filename\*", disposition, re.IGNORECASE)
        if b"filename" not in told and (is_picture or extended or not kind.startswith(b"text/")):
            part.content_disposition = disposition + b'; filename=""'
        super().on_headers_finished()


class Reader:
    """Reads the body of one request; `taken` bytes of the budget are to be given back once it isn't needed."""

    def __init__(
        self,
        request: Request,
        budget: Budget,
        *,
        max_bytes: int,
        timeout: float,
        max_field_bytes: int = MAX_FIELD_BYTES,
        pictures: Collection[str] = (),
    ) -> None:
        """`pictures` are the fields of a form that are files even where no file name is said."""
        self._request = request
        self._budget = budget
        self._max_bytes = max_bytes
        self._max_field_bytes = max_field_bytes
        self._timeout = timeout
        self._pictures = pictures
        self.taken = 0

    @property
    def kind(self) -> str:
        """The media type of the body, in lower case and without parameters."""
        return self._request.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def read(self) -> Body:
        """The whole body; raises `RequestError`, and `ClientDisconnect` where the client goes away."""
        self._check_length()
        if self.kind == "multipart/form-data":
            return await self._form()
        raw = bytearray()
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                raw += chunk
        return Body(bytes(raw))

    def release(self) -> None:
        """Gives the bytes back to the budget."""
        self._budget.give(self.taken)
        self.taken = 0

    def _check_length(self) -> None:
        length = self._request.headers.get("content-length", "")
        if length.isascii() and length.isdecimal() and int(length) > self._max_bytes:
            raise self._too_many(int(length))

    def _too_many(self, count: int | None) -> RequestError:
        said = "more" if count is None else f"{count / 1e6:.6g} megabytes"
        return RequestError(
            "too_many_bytes", f"the request has {said} and the limit is {self._max_bytes / 1e6:g} megabytes; send less"
        )

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes: at most so many bytes, and as fast as it has to."""
        start, more = monotonic(), True
        while more:
            left = start + self._timeout + self.taken / RATE - monotonic()
            try:
                message = await asyncio.wait_for(self._request.receive(), left)
            except asyncio.TimeoutError as error:
                words = f"the request took over {self._timeout:g} seconds to arrive; send it faster"
                raise RequestError("body_timeout", words) from error
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk, more = message.get("body", b""), message.get("more_body", False)
            if self.taken + len(chunk) > self._max_bytes:
                raise self._too_many(None)
            self._budget.take(len(chunk))
            self.taken += len(chunk)
            yield chunk

    async def _form(self) -> Body:
        parser = _InMemory(
            self._request.headers,
            self._chunks(),
            max_files=MAX_FILES,
            max_fields=MAX_FIELDS,
            max_part_size=self._max_field_bytes,
        )
        parser.pictures = self._pictures
        try:
            form = await parser.parse()
        except MultiPartException as error:
            too_many = error.message.startswith(("Too many", "Part exceeded"))
            raise RequestError("too_many_fields" if too_many else "bad_request", error.message) from error
        body = Body()
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                await value.close()
                if name in body.files:
                    raise RequestError("invalid_option", f"{name[:64]} is given twice; give it once")
                body.files[name] = data
            else:
                body.texts.append((name, value))
        return body


__all__ = ["Body", "Budget", "ClientDisconnect", "Reader"]
