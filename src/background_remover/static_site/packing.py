"""Compression of the site's large files, for hosts that don't compress."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass

SUFFIX = ".packed"
"""The suffix of a packed file: hosts may unpack a `.gz` while sending it, and then its hash is another one."""
STRIDES = (1, 2, 4)
"""The sizes in bytes of the numbers in a file: a network's weights have two or four."""


@dataclass(frozen=True)
class Packed:
    """Bytes packed by gzip after a byte shuffle: bytes 0, `stride`, 2 `stride`, ..., then 1, `stride` + 1, ..."""

    data: bytes
    stride: int


def pack(data: bytes, strides: Iterable[int] = (1,)) -> Packed:
    """Return data packed with the stride that makes it smallest; the same data gives the same bytes.

    Numbers of several bytes pack better with their first bytes together, which are alike, than among the random last
    ones (the "shuffle" filter of HDF5 and Blosc).
    """
    return min((_packed(data, stride) for stride in strides), key=lambda made: len(made.data))


def _packed(data: bytes, stride: int) -> Packed:
    planes = b"".join(data[first::stride] for first in range(stride))
    return Packed(gzip.compress(planes, compresslevel=9, mtime=0), stride)
