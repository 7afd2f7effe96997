"""PNG files written at speed: an array of levels becomes the bytes of a file, on all cores.

Pillow writes row after row on one core, which takes longer than all that is done to a picture before. Here rows are
filtered and deflated in strips. Each ends on the border of a byte (a flush) and refers to no other, so threads work
on several at once, and their results one after another are one zlib stream (RFC 1950, 1951; pigz does the same).
Numbers in brackets are sections of the PNG specification (W3C, third edition).
"""

import struct
import zlib
from collections.abc import Callable, Sequence
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from background_remover.errors import ImageError, OptionError
from background_remover.imaging.formats import Compress
from background_remover.runtime.parallel import parallel_map
from background_remover.types import Levels, Rows

try:
    from isal import isal_zlib

    _quick: ModuleType = isal_zlib
except ImportError:  # it has no wheel for every machine; zlib does the same in several times the time
    _quick = zlib

Chunk: TypeAlias = tuple[bytes, bytes]
"""A chunk of a PNG file: its name, four letters, and its data."""
Bytes: TypeAlias = NDArray[np.uint8]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPE = {1: 0, 3: 2, 4: 6}  # of so many channels (11.2.1)
_LONGEST = 2**31 - 1  # side (11.2.1)
_STRIP = 2**20  # bytes of levels: a core's cache holds them and their filtered rows, and a flush costs little
_SAMPLE = 32  # the middle one of so many parts of a strip is deflated to see which filter suits it
_LEAST_SAMPLE = 2**15  # bytes that are deflated at least: few rows of a small picture say little of the others
_PIECE = 2**21  # bytes of an IDAT chunk, at most
_STREAM_HEAD, _STREAM_TAIL = b"\x78\x01", b"\x03\x00"  # a window of 32 KB, no dictionary; a last block, empty
_ADLER = 65521


def encode(
    pixels: Levels | Rows, *, metadata: Sequence[Chunk] = (), compress: Compress = "fast", threads: int | None = None
) -> bytes:
    """Return the bytes of a PNG file.

    `pixels` are (H, W) grey, (H, W, 3) or (H, W, 4) with straight alpha, uint8 or uint16; rows that are yet to be made
    are made as they are written. The chunks of `metadata` are
    written before the pixels. "fast" is for speed; "small" gives files as small as Pillow's or smaller, with as much
    work, shared by the threads. There are `threads` of them, by default `parallel.threads()`, and the bytes are the
    same for any number. Beside the file each holds some 5 MB ("small": 20), more only where a row has over 1 MB.

    Raises `ImageError` at any other shape or type, and at a side of 0 or above 2^31 - 1, and `OptionError` at an
    unknown `compress`.
    """
    _check(pixels)
    if compress not in get_args(Compress):
        raise OptionError(f"compress {compress!r} is unknown, known: {', '.join(get_args(Compress))}")
    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8 * pixels.dtype.itemsize, _COLOUR_TYPE[_channels(pixels)], 0, 0, 0)
    parts = [_SIGNATURE, _chunk(b"IHDR", header), *(_chunk(name, data) for name, data in metadata)]
    parts.append(_chunk(b"IDAT", _STREAM_HEAD))
    step = max(1, _STRIP // (width * _pixel_bytes(pixels)))
    checksum = 1
    tops = range(0, height, step)
    lock = Lock()
    strips = parallel_map(lambda top: _strip(pixels, top, min(top + step, height), compress, lock), tops, threads)
    for part, adler, length in strips:
        parts.append(part)
        checksum = _adler_of_both(checksum, adler, length)
    parts += [_chunk(b"IDAT", _STREAM_TAIL + struct.pack(">I", checksum)), _chunk(b"IEND", b"")]
    return b"".join(parts)


def _check(pixels: Levels | Rows) -> None:
    shaped = len(pixels.shape) == 2 or (len(pixels.shape) == 3 and pixels.shape[2] in (3, 4))
    if not shaped or pixels.dtype not in (np.uint8, np.uint16):
        raise ImageError(
            f"a PNG can't hold an array of shape {pixels.shape} and type {pixels.dtype}; "
            "give (height, width), (height, width, 3) or (height, width, 4) of type uint8 or uint16"
        )
    height, width = pixels.shape[:2]
    if not (1 <= height <= _LONGEST and 1 <= width <= _LONGEST):
        raise ImageError(f"a PNG can't hold a picture of {width}x{height}; give sides of 1 to {_LONGEST} pixels")


def _channels(pixels: Levels | Rows) -> int:
    return 1 if len(pixels.shape) == 2 else pixels.shape[2]


def _pixel_bytes(pixels: Levels | Rows) -> int:
    return _channels(pixels) * pixels.dtype.itemsize


def _chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk as it stands in the file (5.3)."""
    if len(name) != 4 or not name.isalpha():
        raise ValueError(f"the name of a chunk is four letters, not {name!r}")
    return b"".join([struct.pack(">I", len(data)), name, data, struct.pack(">I", _quick.crc32(data, zlib.crc32(name)))])


def _strip(pixels: Levels | Rows, top: int, bottom: int, compress: Compress, lock: Lock) -> tuple[bytes, int, int]:
    """Return the rows from `top` to `bottom` as IDAT chunks, the checksum of their filtered bytes and their number.

    One thread at a time makes its rows, while others deflate theirs: that takes many short steps, before each of which
    it would wait for Python's lock.
    """
    with lock:
        rows = _rows(pixels, top, bottom)
    fast = compress == "fast"
    filtered = _quickly_filtered(rows) if fast else _thoroughly_filtered(rows)
    data = _deflated(filtered, _fast_stream() if fast else _small_stream())
    pieces = (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))
    return b"".join(_chunk(b"IDAT", piece) for piece in pieces), _quick.adler32(filtered), filtered.size


def _adler_of_both(first: int, second: int, length: int) -> int:
    """Return the Adler-32 checksum of two pieces in a row, of theirs and the second's length (RFC 1950, 8.2)."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + length * ((first & 0xFFFF) - 1)
    return (high % _ADLER) << 16 | low % _ADLER


# Deflating


def _fast_stream() -> Any:
    return _quick.compressobj(2, zlib.DEFLATED, -zlib.MAX_WBITS)  # ISA-L's level 1 is as slow, its 3 gives larger files


def _small_stream() -> Any:
    return zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_FILTERED)  # the level and strategy of Pillow


def _deflated(filtered: Bytes, stream: Any) -> bytes:
    """Return deflate blocks without a last one, which end on the border of a byte."""
    return bytes(stream.compress(filtered) + stream.flush(zlib.Z_SYNC_FLUSH))


# Filters (9.2): each predicts a byte from those of pixels before it, and leaves what it missed


class _Rows(NamedTuple):
    """Bytes of some rows, (N, bytes of a row), and those that lie left, above and left above; 0 outside the picture."""

    now: Bytes
    left: Bytes
    above: Bytes
    corner: Bytes

    def part(self, rows: slice) -> "_Rows":
        """Return some of the rows."""
        return _Rows(self.now[rows], self.left[rows], self.above[rows], self.corner[rows])


def _rows(pixels: Levels | Rows, top: int, bottom: int) -> _Rows:
    count, pixel = bottom - top, _pixel_bytes(pixels)
    levels = pixels[max(top - 1, 0) : bottom].astype(pixels.dtype.newbyteorder(">"), order="C", copy=False)
    lines = levels.view(np.uint8).reshape(len(levels), -1)
    padded = np.zeros((count + 1, pixel + lines.shape[1]), dtype=np.uint8)
    padded[-len(lines) :, pixel:] = lines  # the first row of the picture has zeros above it
    return _Rows(padded[1:, pixel:], padded[1:, :-pixel], padded[:-1, pixel:], padded[:-1, :-pixel])


def _none(rows: _Rows, out: Bytes) -> None:
    out[:] = rows.now


def _sub(rows: _Rows, out: Bytes) -> None:
    np.subtract(rows.now, rows.left, out=out)


def _up(rows: _Rows, out: Bytes) -> None:
    np.subtract(rows.now, rows.above, out=out)


def _average(rows: _Rows, out: Bytes) -> None:
    mean = rows.left ^ rows.above  # half of what they differ in and all they share: a sum of theirs has nine bits
    mean >>= 1
    mean += rows.left & rows.above
    np.subtract(rows.now, mean, out=out)


def _paeth(rows: _Rows, out: Bytes) -> None:
    left, above, corner = (part.astype(np.int16) for part in (rows.left, rows.above, rows.corner))
    above -= corner
    left -= corner
    far_left, far_above, far_corner = np.abs(above), np.abs(left), np.abs(left + above)  # of left + above - corner
    nearest = np.where(far_above <= far_corner, rows.above, rows.corner)
    np.copyto(nearest, rows.left, where=(far_left <= far_above) & (far_left <= far_corner))
    np.subtract(rows.now, nearest, out=out)


_FILTERS: tuple[Callable[[_Rows, Bytes], None], ...] = (_none, _sub, _up, _average, _paeth)  # a place is a type (9.2)
_UP = 2
_SIMPLE = (1, _UP, 3)  # Paeth takes ten times as long and gives no smaller files where one filter does a whole strip


def _filtered(rows: _Rows, kind: int) -> Bytes:
    """Filter the rows: (N, 1 + bytes of a row), the filter's type in front."""
    result = np.empty((rows.now.shape[0], 1 + rows.now.shape[1]), dtype=np.uint8)
    result[:, 0] = kind
    _FILTERS[kind](rows, result[:, 1:])
    return result


def _quickly_filtered(rows: _Rows) -> Bytes:
    """Filter all rows by the simple filter that makes those in the middle smallest."""
    count, length = rows.now.shape
    tried = min(max(-(-count // _SAMPLE), -(-_LEAST_SAMPLE // length)), count)
    sample = rows.part(slice((count - tried) // 2, (count + tried) // 2))
    return _filtered(rows, min(_SIMPLE, key=lambda kind: _weight(_filtered(sample, kind))))


def _thoroughly_filtered(rows: _Rows) -> Bytes:
    """Filter each row by the least sum of absolute differences (12.7), or all by "up", if that is smaller.

    The sum is what most programs go by. In noise it says little, and rows that were all predicted in one way resemble
    one another: up to a tenth smaller.
    """
    results = [_filtered(rows, kind) for kind in range(len(_FILTERS))]
    sums = [np.minimum(result, -result)[:, 1:].sum(axis=1, dtype=np.int64) for result in results]
    best, mixed = np.argmin(sums, axis=0), results[0]
    for kind, result in enumerate(results):
        mixed[best == kind] = result[best == kind]
    return min(mixed, results[_UP], key=_weight)


def _weight(filtered: Bytes) -> int:
    return len(_deflated(filtered, _fast_stream()))
