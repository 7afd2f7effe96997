"""Box filters: sums and maxima over squares of pixels, and the Gaussian blur made of them."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from background_remover.runtime import cancellation
from background_remover.types import Mask, Size

Kind = TypeVar("Kind", np.float32, np.bool_)


def box_sum(array: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Return the sum over the square of side 2 radius + 1 around every pixel, zeros outside: (..., H, W) in and out.

    Sums of 1, 2, 4, 8... neighbours are put together, so the work grows with the logarithm of the radius. Running
    totals would do with less for large squares, but in float32 they lose the digits that a small variance needs, and
    their rounding depends on where a strip begins; here every sum is added up in one order wherever the pixel lies.
    """
    return _filtered(array, radius, np.add)


def flat_sum(array: NDArray[np.float32], radius: int, width: int) -> NDArray[np.float32]:
    """Return sums over squares in pictures whose rows of `width` pixels follow one another: (..., N) gives (..., M).

    M is N - 2 radius (width + 1), and the sum at place i is of the square of side 2 radius + 1 whose first pixel is i:
    of the one around i + radius (width + 1). Squares that reach over the end of a row are to be left out by the
    caller. It does the additions of `box_sum` in half its time, for no line ends before the array does.
    """
    return _windows(_windows(array, radius, 1, np.add), radius, width, np.add)


def rows_of(array: NDArray[np.float32], size: Size, width: int) -> NDArray[np.float32]:
    """Return a view of flattened rows of `width` pixels, (..., M), as a picture of their first ones: (..., *size)."""
    *others, last = array.strides
    strides = (*others, width * last, last)
    return np.lib.stride_tricks.as_strided(array, (*array.shape[:-1], *size), strides, writeable=False)


def box_max(array: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Return the maximum over the square of side 2 radius + 1 around every pixel: (..., H, W), not negative."""
    return _filtered(array, radius, np.maximum)


def box_any(mask: Mask, radius: int) -> Mask:
    """Return whether any pixel in the square of side 2 radius + 1 around every pixel is true: (H, W) in and out."""
    return _filtered(mask, radius, np.logical_or)


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
    return box_sum(array, radius) / (_counts(height, radius)[:, None] * _counts(width, radius))


def _counts(length: int, radius: int) -> NDArray[np.float32]:
    """Return how many of `length` pixels in a line lie within the radius of each."""
    place = np.arange(length)
    return np.asarray(np.minimum(place + radius + 1, length) - np.maximum(place - radius, 0), dtype=np.float32)


def _filtered(array: NDArray[Kind], radius: int, join: np.ufunc) -> NDArray[Kind]:
    """Return the sum or maximum over squares, zeros outside: (..., H, W) in and out."""
    *others, height, width = array.shape
    # No name holds a framed array, so that its memory is free as soon as the first sums are there.
    array = _windows(_framed(array, (height, width + 2 * radius)), radius, 1, join)
    tall = height + 2 * radius
    array = _windows(_framed(array, (tall, width)).reshape(*others, tall * width), radius, width, join)
    return array.reshape(*others, height, width)


def _framed(array: NDArray[Kind], size: Size) -> NDArray[Kind]:
    """Return the array (..., H, W) in the middle of zeros, (..., *size)."""
    *others, height, width = array.shape
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    result = np.zeros((*others, *size), dtype=array.dtype)  # np.pad takes longer than the sums over a small array
    result[..., top : top + height, left : left + width] = array
    return result


def _windows(power: NDArray[Kind], radius: int, step: int, join: np.ufunc) -> NDArray[Kind]:
    """Return the sum or maximum of 2 radius + 1 numbers, each `step` after the last, at the first of them.

    (..., N) gives (..., N - 2 radius step). `power` becomes that of 1, 2, 4, 8... numbers.
    """
    window = 2 * radius + 1
    length = power.shape[-1] - (window - 1) * step
    total, done, width = power[..., :length], 1, 1
    while 2 * width <= window:
        shift = width * step
        power = join(power[..., :-shift], power[..., shift:])
        width *= 2
        if window & width:
            part = power[..., done * step : done * step + length]
            total = join(total, part, out=None if done == 1 else total)
            done += width
    return total
