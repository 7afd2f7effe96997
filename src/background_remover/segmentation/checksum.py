"""The checksum at the end of a model file: a flipped bit in a weight is found before it spoils pictures.

It is the CRC-32 of all bytes before it, as one more entry of the file's `metadata_props`. Fields may be appended to a
protobuf message, so it needs no library to be written or read. CRC-32 takes 2 ms for the default network, 4 for the
other; SHA-256, which would resist forgery as well, takes 15 and 35.
"""

import mmap
import re
import zlib
from pathlib import Path
from types import ModuleType

from background_remover.errors import ModelError

try:
    from isal import isal_zlib

    _quick: ModuleType = isal_zlib
except ImportError:  # it has no wheel for every machine; zlib does the same in several times the time
    _quick = zlib

CHECKSUM = "checksum"
"""The key of the metadata entry."""
# Field 14 of a ModelProto, its length; then field 1, the key, and field 2, the value (onnx.proto).
_HEAD = b"\x72\x14\x0a\x08" + CHECKSUM.encode() + b"\x12\x08"
_ENTRY = re.compile(re.escape(_HEAD) + rb"([0-9a-f]{8})")
_LENGTH = len(_HEAD) + 8


def stamped(model: bytes) -> bytes:
    """Return the bytes of an ONNX file without a checksum with its checksum appended."""
    return model + _HEAD + f"{_quick.crc32(model):08x}".encode()


def check(path: Path) -> None:
    """Raise `ModelError` where a file doesn't match its checksum; one without a checksum passes."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            entry = _ENTRY.fullmatch(data[-_LENGTH:])
            with memoryview(data) as view, view[:-_LENGTH] as model:
                damaged = entry is not None and _quick.crc32(model) != int(entry[1], 16)
    except (OSError, ValueError):  # empty, or it can't be mapped: onnxruntime will say what is wrong
        return
    if damaged:
        raise ModelError(
            f"{path}: damaged, its bytes don't match its checksum; get it again, or if it was changed on purpose "
            "export it again"
        )
