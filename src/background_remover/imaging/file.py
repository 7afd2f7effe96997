"""`File`: a whole picture file in memory, and its header, identified by its first bytes."""

import io
from dataclasses import dataclass
from typing import IO

from PIL import Image as PillowImage
from PIL import ImageFile

from background_remover.errors import ImageError, UnknownFormat
from background_remover.imaging.codecs import heic, signatures
from background_remover.imaging.formats import FORMATS


@dataclass(frozen=True)
class File:
    """A whole picture file in memory: one on disk may change, or end, while its pixels are read."""

    data: bytes
    name: str  # stands for it in messages

    def open(self, frame: int = 1) -> ImageFile.ImageFile:
        """The file with its header read, at one of its frames, which count from 1."""
        image = identify(io.BytesIO(self.data), self.name)
        if frame > 1:
            image.seek(frame - 1)
        return image


def identify(stream: IO[bytes], name: str) -> ImageFile.ImageFile:
    """The header of a picture file, read.

    `PIL.Image.open` is not used for its guard against decompression bombs: that one is set for the whole process,
    warns at 89 megapixels and refuses 179. The limit here is the caller's.
    """
    prefix = stream.read(signatures.PREFIX)
    if not prefix:
        raise ImageError(f"{name}: empty; get a whole copy of the picture")
    if signatures.is_raw_tiff(stream, prefix):
        raise UnknownFormat(f"{name}: {signatures.RAW}")
    stream.seek(0)
    if heic.is_heic(prefix):
        return heic.open_heic(stream, name)
    for prepare in (PillowImage.preinit, PillowImage.init):  # the most common formats, then all: those take a while
        prepare()
        for known in FORMATS:
            factory, accept = PillowImage.OPEN.get(known.name, (None, None))
            if factory is not None and accept is not None and accept(prefix) is True:
                try:
                    return factory(stream, "")  # by a name Pillow would map the file into memory, and it may shrink
                except SyntaxError as error:
                    if "unknown pixel mode" in str(error):
                        raise NotImplementedError(f"{known.name} with an {error}") from error
                    raise
    names = ", ".join(known.name for known in FORMATS)
    other = signatures.by_prefix(prefix)
    raise UnknownFormat(f"{name}: {other or f'not a picture of a known format; known: {names}'}")
