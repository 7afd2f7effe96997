"""`receive`: the body of a request with a video, written to a folder as it arrives."""

import asyncio
import contextlib
from collections.abc import Collection, Iterator
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.requests import Request

from background_remover.server.errors import RequestError, is_full
from background_remover.server.jobs.work import SOURCE
from background_remover.server.request.body import MAX_FIELD_BYTES, MAX_FIELDS, Budget, Reader, form_error
from background_remover.server.request.fields import SENT
from background_remover.server.request.multipart import MultiPartException, OnDiskParser
from background_remover.server.settings import ServerSettings

VIDEO, BACKGROUND = "video", "background"
FILES = (VIDEO, BACKGROUND)


@dataclass
class Upload:
    """What came beside the video: the fields of text, the names of the fields that are files, the video's own name."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    files: Collection[str] = ()
    name: str = ""


def is_form(request: Request) -> bool:
    """Return whether a body is a form, which may hold fields."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"


async def receive(request: Request, folder: Path, settings: ServerSettings) -> Upload:
    """Write the video of a request to the file `SOURCE` in a folder, and a background to where options look for it.

    Raises `RequestError` at too much, too slowly, a form that can't be read, no video, and a full disk, and
    `ClientDisconnect` where the client goes away.
    """
    most = int(settings.video_megabytes * 1e6)
    reader = Reader(request, Budget(most), max_bytes=most, timeout=settings.body_timeout)
    reader.check_length()
    with _space():
        upload = await (_form if is_form(request) else _raw)(request, reader, folder)
    if VIDEO not in upload.files or not (folder / SOURCE).stat().st_size:
        raise RequestError("no_image", f"there is no video; send it as the body, or as the file {VIDEO} of a form")
    return upload


async def _raw(_: Request, reader: Reader, folder: Path) -> Upload:
    with (folder / SOURCE).open("wb") as file:
        async with aclosing(reader.chunks()) as chunks:
            async for chunk in chunks:
                await asyncio.to_thread(file.write, chunk)
    return Upload(files=[VIDEO])


async def _form(request: Request, reader: Reader, folder: Path) -> Upload:
    with ExitStack() as stack:

        def open_file(name: str) -> BinaryIO:
            if name not in FILES:
                raise RequestError("invalid_option", f"{name[:64]!r} is no file; known: {', '.join(FILES)}")
            path = folder / (SOURCE if name == VIDEO else SENT.format(name))
            if path.exists():
                raise RequestError("invalid_option", f"{name} is given twice; give it once")
            path.parent.mkdir(exist_ok=True)
            return stack.enter_context(path.open("wb"))

        parser = OnDiskParser(
            request.headers,
            reader.chunks(),
            max_files=len(FILES) + 1,
            max_fields=MAX_FIELDS,
            max_part_size=MAX_FIELD_BYTES,
        )
        parser.file_fields = (VIDEO,)
        parser.open_file = open_file
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise form_error(error) from error
    items = form.multi_items()
    files = {name: value for name, value in items if isinstance(value, UploadFile)}
    texts = [(name, value) for name, value in items if isinstance(value, str)]
    return Upload(texts, files, (files[VIDEO].filename or "") if VIDEO in files else "")


@contextlib.contextmanager
def _space() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise RequestError("no_space", "the disk has no space for the video; try again", retry_after=60) from error
        raise
