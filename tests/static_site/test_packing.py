"""Packed files: whole again by gzip and NumPy, the same each time, and smaller for numbers of two bytes."""

import gzip

import numpy as np
import pytest

from background_remover.static_site.packing import STRIDES, pack


def restored(packed: bytes, stride: int) -> bytes:
    """What a packed file holds, by NumPy."""
    planes = np.frombuffer(gzip.decompress(packed), np.uint8)
    made = np.empty_like(planes)
    for first, plane in enumerate(np.split(planes, np.cumsum([len(planes[i::stride]) for i in range(stride)])[:-1])):
        made[first::stride] = plane
    return made.tobytes()


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("length", [0, 1, 7, 1000, 1003])
def test_it_is_whole_again(stride, length):
    data = np.random.default_rng(0).integers(0, 256, length, np.uint8).tobytes()
    packed = pack(data, [stride])
    assert packed == pack(data, [stride])
    assert restored(packed.data, packed.stride) == data


@pytest.mark.parametrize(("kind", "wanted"), [("<f2", 2), ("<f4", 4)])
def test_numbers_of_several_bytes_are_put_in_order(kind, wanted):
    data = np.random.default_rng(0).normal(0, 0.1, 100_000).astype(kind).tobytes()
    packed = pack(data, STRIDES)
    assert packed.stride == wanted
    assert len(packed.data) < 0.97 * len(gzip.compress(data, 9))
