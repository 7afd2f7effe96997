"""`InMemoryParser`: Starlette's parser of forms without its files on disk; the only use of its private parts.

`test_multipart` names those parts, and fails where a version of Starlette lacks them.
"""

import re
from collections.abc import Collection

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


__all__ = ["InMemoryParser", "MultiPartException"]
