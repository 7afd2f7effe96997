"""The checksum of a model file, at its end: a bit that fell over in a weight is found before it spoils pictures.

It is the CRC-32 of all that stands before it, as one more entry of the file's `metadata_props`. A message of protobuf
may be added to by writing behind it, so it needs no library to be written or found. CRC-32 takes 2 ms for the default
network, 4 for the other; SHA-256, which would find a forger as well, takes 15 and 35.
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
"""The key of the entry."""
# Field 14 of a ModelProto, its length; then field 1, the key, and field 2, the value (onnx.proto).
_HEAD = b"\x72\x14\x0a\x08" + CHECKSUM.encode() + b"\x12\x08"
_ENTRY = re.compile(re.escape(_HEAD) + rb"([0-9a-f]{8})")
_LENGTH = len(_HEAD) + 8


def stamped(model: bytes) -> bytes:
    """The bytes of a model file, (an ONNX file without a checksum,) with its checksum behind them."""
    return model + _HEAD + f"{_quick.crc32(model):08x}".encode()


def check(path: Path) -> None:
    """Raises `ModelError` where a file isn't what its checksum is of; one that carries none is passed over."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            entry = _ENTRY.fullmatch(data[-_LENGTH:])
            with memoryview(data) as view, view[:-_LENGTH] as model:
                damaged = entry is not None and _quick.crc32(model) != int(entry[1], 16)
    except (OSError, ValueError):  # nothing in it, or it can't be mapped: whoever opens it says what is wrong
        return
    if damaged:
        raise ModelError(
            f"{path}: damaged, its weights aren't those of its checksum; get it again, or if it was changed on purpose "
            "export it again"
        )
