"""Files of the site that are sent packed, so that they are small on hosts that compress nothing too."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass

SUFFIX = ".packed"
"""Of a packed file's name: some hosts send `.gz` as what it was before, and then its hash is another one."""
STRIDES = (1, 2, 4)
"""The bytes of a number in a file's data: in those of a network two, or four."""


@dataclass(frozen=True)
class Packed:
    """Bytes packed by gzip, after every so manieth of them was put beside the others: first byte 0, `stride`, ..."""

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
