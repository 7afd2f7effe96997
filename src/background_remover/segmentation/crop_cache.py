"""`Crops`: a picture with the network's answers to its crops, and what is made of them, each computed once."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from typing import TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import planes
from background_remover.arrays.box import Box, widened
from background_remover.arrays.resample import Kind, resize, within
from background_remover.segmentation.network import Network
from background_remover.segmentation.preprocessing import fit_image
from background_remover.segmentation.second_pass import part_of
from background_remover.types import Alpha, Image, Mask, Planes, Size

LONGEST = 320  # the longer side of the grid that all answers are resized to, in pixels
OWN = 352  # of a picture that is its own grid: reduced by so little, lines of a pixel would be lost for nothing
KEPT = 96  # results of a picture: those of some twenty clicks, 10 to 30 MB of memory
Result = TypeVar("Result")
Results: TypeAlias = OrderedDict[Hashable, object]
"""What was made of a picture, by what it was made of; the least recently used first."""


class Crops:
    """A picture, (H, W, 3) uint8, with the answers to its crops, which are cached from one click to the next.

    `grid` is the common size of all answers: the picture's own up to `OWN`, else reduced to `LONGEST`. Threads may
    share it.
    """

    def __init__(self, image: Image, network: Network, results: Results | None = None) -> None:
        """Begin with the `results` of the same picture and the same network, where there are any."""
        self.image = image
        self.size: Size = (image.shape[0], image.shape[1])
        self.grid: Size = self.size if max(self.size) <= OWN else within(self.size, LONGEST)
        self._network = network
        self._results: Results = OrderedDict() if results is None else results

    @property
    def whole(self) -> Box:
        """The box of the whole picture."""
        return Box(0, 0, *self.size)

    def around(self, point: tuple[int, int], share: float) -> Box:
        """Return the square box around a pixel whose side is a share of the picture's longer side, clipped to it."""
        row, column = point
        return widened(Box(row, column, row + 1, column + 1), share * max(self.size) / 2, self.size)

    @property
    def colours(self) -> Planes:
        """The picture's colours on the grid: (3, h, w) in [0, 1]."""
        return self.cached("colours", lambda: planes(fit_image(self.image, self.grid)))

    @property
    def steepness(self) -> Alpha:
        """The length of the colours' gradient on the grid: (h, w)."""
        return self.cached("steepness", lambda: steepness(self.colours))

    def answer(self, box: Box, longest: int) -> Alpha:
        """Return the alpha of a part of the picture on the grid: (h, w), 0 outside the part.

        It is the mean of the network's answers to the part and to its mirror image, at a longer side of `longest`
        pixels, or of its model's, whichever is less.
        """
        inner = self.on_grid(box)
        result = np.zeros(self.grid, dtype=np.float32)
        predict = partial(self._network.flip_averaged, part_of(self.image, box), longest)
        answer = self.cached(("answer", box, longest), predict)
        part_of(result, inner)[:] = np.clip(resize(answer, inner.size, "bilinear"), 0, 1)
        return result

    def cached(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """Return the result of `make`, or what it was for the same key; the last `KEPT` are kept. Don't change it."""
        found = self._results.pop(key, None)
        result = make() if found is None else cast("Result", found)
        self._results[key] = result
        if len(self._results) > KEPT:
            self._results.popitem(last=False)
        return result

    def on_grid(self, box: Box) -> Box:
        """Return a box of the picture in pixels of the grid, at least one in both directions."""
        (top, left), (bottom, right) = self.to_grid(box.top, box.left), self.to_grid(box.bottom - 1, box.right - 1)
        return Box(top, left, bottom + 1, right + 1)

    def to_grid(self, row: int, column: int) -> tuple[int, int]:
        """Return the pixel of the grid in which a pixel of the picture lies."""
        return row * self.grid[0] // self.size[0], column * self.grid[1] // self.size[1]

    def from_grid(self, box: Box) -> Box:
        """Return a box of the grid in pixels of the picture, rounded outwards."""
        down, along = self.size[0] / self.grid[0], self.size[1] / self.grid[1]
        bottom, right = int(np.ceil(box.bottom * down)), int(np.ceil(box.right * along))
        return Box(int(box.top * down), int(box.left * along), min(bottom, self.size[0]), min(right, self.size[1]))


def digest(array: Alpha | Mask) -> bytes:
    """Return a hash of an array's values, for keys of `Crops.cached`."""
    return hashlib.blake2b(np.ascontiguousarray(array).data, digest_size=16).digest()


def inner_border(array: NDArray[Kind], crop: Box) -> NDArray[Kind]:
    """Return the pixels, (N,), of an array (H, W) along the sides of a crop that aren't sides of the array."""
    (height, width), part = array.shape, part_of(array, crop)
    sides = [
        (crop.top > 0, part[0]),
        (crop.bottom < height, part[-1]),
        (crop.left > 0, part[:, 0]),
        (crop.right < width, part[:, -1]),
    ]
    return np.concatenate([array[:0, 0], *(side for inner, side in sides if inner)])


def steepness(array: Planes) -> Alpha:
    """Return the length of the gradient over all channels: (C, h, w) gives (h, w); 0 along a side of one pixel."""
    total = np.zeros(array.shape[1:], dtype=np.float32)
    for axis in (1, 2):
        if array.shape[axis] > 1:
            total += (np.gradient(array, axis=axis) ** 2).sum(axis=0)
    return np.sqrt(total)


def squares(size: Size, points: list[tuple[int, int]], radius: int) -> Mask:
    """Return a mask of `size` that is True in squares of side 2 radius + 1 around points, (row, column)."""
    result = np.zeros(size, dtype=bool)
    for row, column in points:
        result[max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1] = True
    return result
