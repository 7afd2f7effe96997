"""`Neighbours`: the pixels around a few chosen pixels of a picture."""

import numpy as np
from numpy.typing import NDArray


class Neighbours:
    """The neighbours of pixels, given as indices into the flattened picture of shape (H, W)."""

    def __init__(self, places: NDArray[np.intp], shape: tuple[int, ...]) -> None:
        self._height, self._width = shape
        self._rows, self._columns = np.divmod(places, self._width)

    def at(self, down: int, along: int) -> NDArray[np.intp]:
        """Return the indices `down` rows below and `along` columns to the right, clamped to the picture."""
        rows = np.clip(self._rows + down, 0, self._height - 1)
        columns = np.clip(self._columns + along, 0, self._width - 1)
        return np.asarray(rows * self._width + columns, dtype=np.intp)
