"""Starlette's parser of forms, with its files in memory or where they are wanted; the only use of its private parts.

`test_multipart` names those parts, and fails where a version of Starlette lacks them.
"""

import re
from collections.abc import Callable, Collection
from typing import BinaryIO

from python_multipart.multipart import parse_options_header
from starlette.formparsers import MultiPartException, MultiPartParser


class InMemoryParser(MultiPartParser):
    """Starlette's parser, but that no file is spooled to disk, for there may be none to write to.

    Parts without a file name are files as well where their field is one of `file_fields`, where they have a
    `filename*`, or a media type that isn't text.
    """

    spool_max_size = 0  # never
    file_fields: Collection[str] = ()

    def on_headers_finished(self) -> None:
        """Begin a field or a file."""
        part = self._current_part
        disposition = part.content_disposition or b""
        _, options = parse_options_header(disposition)
        media_type = dict(part.item_headers).get(b"content-type", b"text/plain").strip().lower()
        is_picture = options.get(b"name", b"").decode("latin-1") in self.file_fields
        extended = re.search(rb";\s*filename\*", disposition, re.IGNORECASE)
        if b"filename" not in options and (is_picture or extended or not media_type.startswith(b"text/")):
            part.content_disposition = disposition + b'; filename=""'
        super().on_headers_finished()


class OnDiskParser(InMemoryParser):
    """The same, but that each file of a form is written to the one that `open_file` gives for its field's name."""

    open_file: Callable[[str], BinaryIO]

    def on_headers_finished(self) -> None:
        """Begin a field or a file."""
        super().on_headers_finished()
        part = self._current_part
        if part.file is not None:
            part.file.file.close()
            part.file.file = self.open_file(part.field_name)


__all__ = ["InMemoryParser", "MultiPartException", "OnDiskParser"]
