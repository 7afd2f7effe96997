"""Connected components of a mask."""

import numpy as np
from numpy.typing import NDArray

from background_remover.types import Mask

Labels = NDArray[np.int32]
"""(H, W): 0 outside the mask, else the number of the region, from 1."""


def regions(mask: Mask) -> tuple[Labels, int]:
    """Return the 8-connected components of a mask (H, W) as labels from the top down, and their number.

    Runs along rows are joined where they touch a run of the row above (He, Chao and Suzuki, "A run-based two-scan
    labeling algorithm", TIP 2008), and the first run of a region is found by pointer jumping (Shiloach and Vishkin, "An
    O(log n) parallel connectivity algorithm", 1982), so that nothing is done run by run.
    """
    height, width = mask.shape
    stride = width + 2  # a gap between rows, so that no run touches one beyond their ends
    flat = np.zeros(height * stride + 1, dtype=np.int8)
    flat[1:].reshape(height, stride)[:, :width] = mask
    change = np.flatnonzero(np.diff(flat))
    starts, ends = change[::2], change[1::2]
    first = np.searchsorted(ends, starts - stride, "left")
    last = np.searchsorted(starts, ends - stride, "right")
    touching = np.maximum(last - first, 0)
    run = np.repeat(np.arange(len(starts)), touching)
    above = np.arange(len(run)) - np.repeat(np.cumsum(touching) - touching, touching) + np.repeat(first, touching)
    roots, numbers = np.unique(_joined(len(starts), run, above), return_inverse=True)
    labels = np.zeros(height * stride, dtype=np.int32)
    filled = np.repeat(numbers.astype(np.int32) + 1, ends - starts)
    labels[flat[1:].astype(np.bool_)] = filled
    return labels.reshape(height, stride)[:, :width].copy(), len(roots)


def _joined(count: int, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return, for each of `count` numbers, the smallest of its component, given the pairs that are joined."""
    root = np.arange(count)
    while True:
        low, high = np.minimum(root[one], root[other]), np.maximum(root[one], root[other])
        if np.array_equal(low, high):
            return root
        np.minimum.at(root, high, low)
        while not np.array_equal(root, root[root]):
            root = root[root]
