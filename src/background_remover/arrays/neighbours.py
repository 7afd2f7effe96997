"""The pixels beside some pixels of a picture, for work on few of them."""

import numpy as np
from numpy.typing import NDArray


class Neighbours:
    """Finds the neighbours of pixels, given as places in the flattened picture of a shape (H, W)."""

    def __init__(self, places: NDArray[np.intp], shape: tuple[int, ...]) -> None:
        self._height, self._width = shape
        self._rows, self._columns = np.divmod(places, self._width)

    def at(self, down: int, along: int) -> NDArray[np.intp]:
        """The places so many rows below and columns to the right; what lies outside is brought to the frame."""
        rows = np.clip(self._rows + down, 0, self._height - 1)
        columns = np.clip(self._columns + along, 0, self._width - 1)
        return np.asarray(rows * self._width + columns, dtype=np.intp)
