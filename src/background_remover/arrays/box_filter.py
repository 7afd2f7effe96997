"""Box filters: sums and maxima over squares of pixels, and the Gaussian blur made of them."""

import numpy as np
from numpy.typing import NDArray

from background_remover.runtime import cancellation


def box_sum(array: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Return the sum over the square of side 2 radius + 1 around every pixel, zeros outside: (..., H, W) in and out.

    Sums of 1, 2, 4, 8... neighbours are put together, so the work grows with the logarithm of the radius. Running
    totals would do with less for large squares, but in float32 they lose the digits that a small variance needs, and
    their rounding depends on where a strip begins; here every sum is added up in one order wherever the pixel lies.
    """
    for axis in (-1, -2):
        array = _window(array, radius, axis, np.add)
    return array


def box_max(array: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Return the maximum over the square of side 2 radius + 1 around every pixel: (..., H, W), not negative."""
    for axis in (-1, -2):
        array = _window(array, radius, axis, np.maximum)
    return array


def blur(array: NDArray[np.float32], deviation: float) -> NDArray[np.float32]:
    """Return (H, W) blurred by a Gaussian of that standard deviation in pixels, approximated by three box filters.

    Each is the mean of two neighbouring radii, weighted so that the variances add up (Getreuer, "A Survey of Gaussian
    Convolution Algorithms", IPOL 2013, extended boxes). At the border, means are over the pixels inside.
    """
    # A radius beyond the whole picture changes nothing more, but would take memory.
    variance = min(deviation, max(array.shape) + 1) ** 2 / 3
    radius = int((np.sqrt(12 * variance + 1) - 1) / 2)
    low, high = (size * (size + 1) / 3 for size in (radius, radius + 1))
    share = (variance - low) / (high - low)
    for _ in range(3):
        cancellation.check()
        array = _mean(array, radius) * np.float32(1 - share) + _mean(array, radius + 1) * np.float32(share)
    return array


def _mean(array: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    height, width = array.shape
    down, along = np.ones((height, 1), dtype=np.float32), np.ones((1, width), dtype=np.float32)
    counts = _window(down, radius, -2, np.add) * _window(along, radius, -1, np.add)
    return box_sum(array, radius) / counts


def _window(array: NDArray[np.float32], radius: int, axis: int, join: np.ufunc) -> NDArray[np.float32]:
    """Return the sum or maximum of the 2 radius + 1 neighbours along one axis, with zeros outside."""
    length, window = array.shape[axis], 2 * radius + 1
    margins = [(0, 0)] * array.ndim
    margins[axis] = (radius, radius)
    power = np.pad(array, margins)  # of `width` neighbours, at the first of them
    total, width, done = np.zeros_like(array), 1, 0
    while width <= window:
        if window & width:
            join(total, _cut(power, axis, done, length), out=total)
            done += width
        width *= 2
        if width <= window:
            left = power.shape[axis] - width // 2
            power = join(_cut(power, axis, 0, left), _cut(power, axis, width // 2, left))
    return total


def _cut(array: NDArray[np.float32], axis: int, start: int, length: int) -> NDArray[np.float32]:
    part = [slice(None)] * array.ndim
    part[axis] = slice(start, start + length)
    return array[tuple(part)]
