"""Array kernels without opinion: what they do depends on nothing but their arguments."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.levels import white
from background_remover.processor import spread, threads
from background_remover.types import Colours, Mask, Size

Filter: TypeAlias = Literal["box", "bilinear", "bicubic"]
Pixel = TypeVar("Pixel", np.uint8, np.float32)
Planes: TypeAlias = NDArray[np.float32]
"""(C, H, W) float32: several quantities of every pixel, each in one piece, as sums along rows like it."""

THREADS = 4  # more of them only wait for each other: between numpy's loops one runs at a time

_FILTERS = {
    "box": PillowImage.Resampling.BOX,
    "bilinear": PillowImage.Resampling.BILINEAR,
    "bicubic": PillowImage.Resampling.BICUBIC,
}


def resize(array: NDArray[Pixel], size: Size, kernel: Filter) -> NDArray[Pixel]:
    """An (H, W) float32 or (H, W, 3) uint8 array brought to `size`, (height, width).

    Where a side shrinks, the kernel is stretched to cover every source pixel, so nothing aliases. The bicubic kernel
    overshoots at edges: a float32 result may leave the range of its source.
    """
    height, width = size
    if array.shape[:2] == size:
        return array.copy()
    resized = PillowImage.fromarray(array).resize((width, height), _FILTERS[kernel])
    return np.array(resized, dtype=array.dtype)


def planes(image: Colours) -> Planes:
    """A picture's levels as planes: (H, W, 3) becomes (3, H, W) float32 in [0, 1]."""
    return np.multiply(image.transpose(2, 0, 1), np.float32(1 / white(image)), dtype=np.float32, order="C")


def box_sum(array: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """The sum over the square of 2 radius + 1 pixels around every pixel, with zeros outside: (..., H, W) in and out.

    Sums of 1, 2, 4, 8... neighbours are put together, so the work grows with the logarithm of the radius. Running
    totals would do with less for large squares, but in float32 they lose the digits that a small variance needs, and
    their rounding depends on where a strip begins; here every sum is added up in one order wherever the pixel lies.
    """
    for axis in (-1, -2):
        array = _window(array, radius, axis, np.add)
    return array


def box_max(array: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """The largest value in the square of 2 radius + 1 pixels around every pixel: (..., H, W), not negative."""
    for axis in (-1, -2):
        array = _window(array, radius, axis, np.maximum)
    return array


def blur(array: NDArray[np.float32], deviation: float) -> NDArray[np.float32]:
    """(H, W) under a bell curve of that standard deviation, in pixels, made of three means over squares.

    The mean of two neighbouring radii, weighted so that the variances add up (Getreuer, "A Survey of Gaussian
    Convolution Algorithms", IPOL 2013, extended boxes). Outside lie no pixels: means are of those inside.
    """
    # From a radius on that reaches over the whole picture nothing changes any more, but memory would go with it.
    variance = min(deviation, max(array.shape) + 1) ** 2 / 3
    radius = int((np.sqrt(12 * variance + 1) - 1) / 2)
    low, high = (size * (size + 1) / 3 for size in (radius, radius + 1))
    share = (variance - low) / (high - low)
    for _ in range(3):
        array = _mean(array, radius) * np.float32(1 - share) + _mean(array, radius + 1) * np.float32(share)
    return array


def enlarge_at(
    array: NDArray[np.float32], size: Size, rows: slice, columns: slice, wanted: Mask
) -> NDArray[np.float32]:
    """The wanted pixels, N of them, of a part, `rows` by `columns`, of (h, w, C) enlarged to `size`: (N, C).

    The interpolation is bilinear, as that of `resize`. A part has exactly the numbers that the whole has there.
    """
    top, bottom, down = _between(array.shape[0], size[0], rows)
    left, right, along = _between(array.shape[1], size[1], columns)
    first = int(left[0])
    band = array[:, first : int(right[-1]) + 1]
    band = band[top] + down[:, None, None] * (band[bottom] - band[top])
    row, column = np.nonzero(wanted)
    near, far = band[row, left[column] - first], band[row, right[column] - first]
    return np.asarray(near + along[column, None] * (far - near), dtype=np.float32)


def nearest(length: int, full: int) -> NDArray[np.intp]:
    """Which of `length` pixels each of `full` pixels lies in, along one side."""
    places = (np.arange(full, dtype=np.float64) + 0.5) * (length / full)
    return np.asarray(np.minimum(places, length - 1), dtype=np.intp)


def tiles(size: Size, side: int) -> Iterator[tuple[slice, slice]]:
    """The squares of `side` pixels that a picture of `size` falls into: (rows, columns)."""
    height, width = size
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield slice(top, min(top + side, height)), slice(left, min(left + side, width))


def in_threads(work: Callable[[tuple[slice, slice]], None], parts: Iterable[tuple[slice, slice]]) -> None:
    """Does the work for every part of a picture, as many at a time as this thread may have threads.

    Parts must not touch what is another's.
    """
    for _ in spread(work, parts, min(threads(), THREADS)):
        pass


def within(size: Size, longest: int) -> Size:
    """The size brought down so that neither side is above `longest`, in the same shape; a smaller one stays."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _mean(array: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    height, width = array.shape
    down, along = np.ones((height, 1), dtype=np.float32), np.ones((1, width), dtype=np.float32)
    counts = _window(down, radius, -2, np.add) * _window(along, radius, -1, np.add)
    return box_sum(array, radius) / counts


def _window(array: NDArray[np.float32], radius: int, axis: int, join: np.ufunc) -> NDArray[np.float32]:
    """The 2 radius + 1 neighbours along one axis, added up or their largest, with zeros outside."""
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


def _between(length: int, full: int, part: slice) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For a part of `full` pixels along one side: the two of `length` pixels each lies between, and how far along."""
    place = np.clip((np.arange(part.start, part.stop) + 0.5) * (length / full) - 0.5, 0, length - 1)
    before = np.asarray(place, dtype=np.intp)
    after = np.minimum(before + 1, length - 1)
    return before, after, (place - before).astype(np.float32)
