"""The connected parts of a mask."""

import numpy as np
from numpy.typing import NDArray

from background_remover.types import Mask

Labels = NDArray[np.int32]
"""(H, W): 0 outside the mask, 1 and up in it, one number for each part."""


def label(mask: Mask) -> tuple[Labels, int]:
    """The parts of a mask (H, W) whose pixels share sides: labels (H, W) from 1, in raster order, and their number.

    Runs of pixels along the rows are joined where they touch those of the row above, as in He, Chao and Suzuki, "A
    run-based two-scan labeling algorithm" (2008), with the smallest number of a part found by pointer jumping (Shiloach
    and Vishkin, 1982).
    """
    height, width = mask.shape
    stride = width + 1  # a gap between rows, so that no run goes over their ends
    flat = np.zeros(height * stride + 1, dtype=np.int8)
    flat[1:].reshape(height, stride)[:, :width] = mask
    change = np.flatnonzero(np.diff(flat))
    starts, ends = change[::2], change[1::2]
    first = np.searchsorted(ends, starts - stride, "right")
    last = np.searchsorted(starts, ends - stride, "left")
    touching = np.maximum(last - first, 0)
    run = np.repeat(np.arange(len(starts)), touching)
    above = np.arange(len(run)) - np.repeat(np.cumsum(touching) - touching, touching) + np.repeat(first, touching)
    roots, numbers = np.unique(_joined(len(starts), run, above), return_inverse=True)
    labels = np.zeros(height * stride, dtype=np.int32)
    filled = np.repeat(numbers.astype(np.int32) + 1, ends - starts)
    labels[flat[1:].astype(np.bool_)] = filled
    return labels.reshape(height, stride)[:, :width].copy(), len(roots)


def _joined(count: int, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.intp]:
    """The smallest of those that each of `count` numbers is joined to, by pairs."""
    root = np.arange(count)
    while True:
        low, high = np.minimum(root[one], root[other]), np.maximum(root[one], root[other])
        if np.array_equal(low, high):
            return root
        np.minimum.at(root, high, low)
        while not np.array_equal(root, root[root]):
            root = root[root]
