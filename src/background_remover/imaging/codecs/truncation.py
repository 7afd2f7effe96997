"""`completed`: the bytes of a picture file that lacks its end, with one, where all rows are there even so."""

import io
import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageFile

_JPEG, _PLAIN = (b"\xff\xd9", b"\x55" * 4096 + b"\xff\xd9"), (bytes(2**16), b"\xff" * 2**16)
_FILLINGS = {"JPEG": _JPEG, "BMP": _PLAIN, "TIFF": _PLAIN}
"""Pillow's name of a format -> two ways to go on where a file of it ends too early: a JPEG ends at once, or after
more of its data, and pixels that are stored as they are become black or white."""
_LAST_ROWS = 18  # that two fillings may leave different: a JPEG's last row of blocks, and what is blended with it


def is_missing(data: bytes, kind: str | None) -> bool:
    """Return whether a file that can be read all the same lacks its format's end marker, where there is one."""
    if kind == "PNG":
        return not 0 <= data.rfind(b"IEND") <= len(data) - 8  # with its checksum
    return kind == "GIF" and not data.rstrip(b"\0").endswith(b";")


def completed(data: bytes, open_file: Callable[[io.BytesIO], ImageFile.ImageFile], kind: str | None) -> bytes | None:
    """Return the bytes of a file that ends too early with an end, or None where more than its last rows is missing.

    What is missing shows where the file is continued in two ways: from the first row that differs on. (A BMP begins
    with its last row, but where pixels are stored as they are all that is missing differs.)
    """
    if kind not in _FILLINGS:
        return None
    fillings = _FILLINGS[kind]
    if fillings is _JPEG:
        data = data.rstrip(b"\xff")  # half a mark of the end
        if not _has_all_scans(data):
            return None
    try:
        first, second = (_pixels(data + filling, open_file) for filling in fillings)
    except (OSError, SyntaxError, ValueError):
        return None
    height = len(first)
    differing = np.flatnonzero(np.any((first != second).reshape(height, -1), axis=1))
    missing = len(differing) if fillings is _PLAIN or not len(differing) else height - int(differing[0])
    return data + fillings[0] if missing <= min(_LAST_ROWS, height // 4) else None


def _has_all_scans(data: bytes) -> bool:
    """Return whether each coefficient of each component of a JPEG is in a scan, in full (ITU-T T.81, B.2.3)."""
    frame = max(data.rfind(bytes([0xFF, mark])) for mark in (0xC0, 0xC1, 0xC2))  # scans have a zero behind each 255
    components = data[frame + 10 : frame + 10 + 3 * data[frame + 9] : 3] if 0 <= frame < len(data) - 10 else b""
    whole = set()
    for scan in re.finditer(rb"\xff\xda..(.)", data[max(frame, 0) :], re.DOTALL):
        start = max(frame, 0) + scan.end()
        rest = data[start : start + 2 * scan[1][0] + 3]
        if len(rest) == 2 * scan[1][0] + 3 and rest[-1] & 15 == 0:  # no bits are left for a later scan
            whole |= {(name, place) for name in rest[:-3:2] for place in range(rest[-3], rest[-2] + 1)}
    return bool(components) and all((name, place) in whole for name in components for place in range(64))


def _pixels(data: bytes, open_file: Callable[[io.BytesIO], ImageFile.ImageFile]) -> NDArray[np.generic]:
    image: PillowImage.Image = open_file(io.BytesIO(data))
    return np.asarray(image)
