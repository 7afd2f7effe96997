"""Resizing arrays, whole or by parts."""

import functools
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.arrays.banded import Cut, Filter, resampled
from background_remover.arrays.bit_depth import as_pillow
from background_remover.arrays.tiles import Part, boxes, in_threads, inside
from background_remover.types import Image, Mask, Planes, Size

Pixel = TypeVar("Pixel", np.uint8, np.float32)
Kind = TypeVar("Kind", bound=np.generic)
Rectangle: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels, which may be fractions."""

STRIP = 128  # rows that means are taken of at once, about

_FILTERS = {
    "box": PillowImage.Resampling.BOX,
    "bilinear": PillowImage.Resampling.BILINEAR,
    "bicubic": PillowImage.Resampling.BICUBIC,
}


def resize(
    array: NDArray[Pixel], size: Size, kernel: Filter, *, gap: float | None = None, part: Rectangle | None = None
) -> NDArray[Pixel]:
    """Return an (H, W) float32 or (H, W, 3) uint8 array, or a `part` of it, resized to `size`.

    Where a side shrinks, the kernel is stretched to cover every source pixel, so nothing aliases. The bicubic kernel
    overshoots at edges: a float32 result may leave the range of its source. With `gap` what shrinks by more than twice
    that is first reduced by means over whole squares, to no less than `gap` times its new size, which takes a third of
    the time; Pillow documents that at 3 or more the difference can hardly be seen.
    """
    height, width = size
    if array.shape[:2] == size and part is None:
        return array.copy()
    down, along = (1 if gap is None else int(old / new / gap) or 1 for old, new in zip(array.shape, size, strict=False))
    left, top, right, bottom = part or (0, 0, array.shape[1], array.shape[0])
    box = left / along, top / down, right / along, bottom / down
    reduced = as_pillow(_reduced(array, down, along))
    return np.array(reduced.resize((width, height), _FILTERS[kernel], box=box), dtype=array.dtype)


def _reduced(array: NDArray[Pixel], down: int, along: int) -> NDArray[Pixel]:
    """Return the means over squares of `down` by `along` pixels; at the lower and right border over those there are."""
    if down == along == 1:
        return array
    height = -(-array.shape[0] // down)
    result = np.empty((height, -(-array.shape[1] // along), *array.shape[2:]), dtype=array.dtype)

    def average(rows: slice) -> None:
        part = as_pillow(array[rows.start * down : rows.stop * down])
        result[rows] = np.asarray(part.reduce((along, down)))

    step = -(-STRIP // down)
    in_threads(average, [slice(top, min(top + step, height)) for top in range(0, height, step)])
    return result


def shrink(array: NDArray[Pixel], size: Size) -> NDArray[Pixel]:
    """Return an (H, W) float32 or (H, W, 3) uint8 array reduced to `size` by area means, much faster than `resize`.

    Means over whole squares of pixels come first. The rest, a factor below two, is done with a Hamming window: it is
    about as sharp as "box" but shifts no pixel, where the edges of a "box" would fall on whole squares.
    """
    full = array.shape[0], array.shape[1]
    step = _step(full, size)
    return np.array(_resized(as_pillow(_reduced(array, step, step)), full, size, step), dtype=array.dtype)


def shrink_pillow(image: PillowImage.Image, size: Size) -> Image:
    """Return what `shrink` makes of the pixels of a Pillow image of mode "RGB", (h, w, 3), without copying them all."""
    full = image.height, image.width
    step = _step(full, size)
    return np.array(_resized(image.reduce(step) if step > 1 else image, full, size, step))


def _step(full: Size, size: Size) -> int:
    """Return the side of the squares that `shrink` takes means of first."""
    return max(1, min(full[0] // size[0], full[1] // size[1]))


def _resized(means: PillowImage.Image, full: Size, size: Size, step: int) -> PillowImage.Image:
    """Return means over squares of `step` pixels, of a picture of `full` pixels, reduced to `size`."""
    kernel = PillowImage.Resampling.BOX if step == 1 else PillowImage.Resampling.HAMMING
    return means.resize((size[1], size[0]), kernel, box=(0, 0, full[1] / step, full[0] / step))


def enlarge(array: Planes, size: Size, rows: slice, columns: slice, cut: Cut | None = None) -> Planes:
    """Return a part, `rows` by `columns`, of (C, h, w) enlarged to `size`, bilinear: (C, rows, columns).

    The interpolation is that of `resize`. The array may be `cut` from a larger one, see `resampled`.
    """
    if cut is None and array.shape[1:] == size:
        return array[:, rows, columns].copy()
    if cut is not None and cut.size == size:
        return array[(slice(None), *inside((rows, columns), cut.part))].copy()
    return resampled(array, size, "bilinear", (rows, columns), cut)


def enlarged_boxes(mask: Mask, size: Size, side: int) -> list[Part]:
    """Return parts of a picture of `size` that hold all of what `enlarge_nearest` makes true of a mask (h, w).

    They lie in squares of about `side` pixels, and no two share a pixel.
    """
    rows, columns = nearest(mask.shape[0], size[0]), nearest(mask.shape[1], size[1])

    def full(part: slice, places: NDArray[np.intp]) -> slice:
        return slice(*(int(place) for place in np.searchsorted(places, (part.start, part.stop))))

    small = max(1, side * mask.shape[0] // size[0])
    return [(full(part[0], rows), full(part[1], columns)) for part in boxes(mask, small)]


def enlarge_nearest(array: NDArray[Kind], size: Size, rows: slice, columns: slice) -> NDArray[Kind]:
    """Return a part, `rows` by `columns`, of (h, w) enlarged to `size` with the nearest pixel, not interpolated.

    `source_part` gives the pixels that it is made of.
    """
    down, along = nearest(array.shape[0], size[0])[rows], nearest(array.shape[1], size[1])[columns]
    first = int(down[0])
    return array[first : int(down[-1]) + 1].take(along, axis=1).take(down - first, axis=0)


def source_part(array: NDArray[Kind], size: Size, rows: slice, columns: slice) -> NDArray[Kind]:
    """Return the pixels of (h, w) that `enlarge_nearest` makes a part of, as a view."""
    down, along = nearest(array.shape[0], size[0])[rows], nearest(array.shape[1], size[1])[columns]
    return array[int(down[0]) : int(down[-1]) + 1, int(along[0]) : int(along[-1]) + 1]


@functools.lru_cache(maxsize=8)
def nearest(length: int, full: int) -> NDArray[np.intp]:
    """Return which of `length` pixels each of `full` pixels lies in, along one side."""
    # Cached, for every tile of a picture needs the same.
    places = (np.arange(full, dtype=np.float64) + 0.5) * (length / full)
    result = np.minimum(places, length - 1).astype(np.intp)
    result.setflags(write=False)
    return result


def within(size: Size, longest: int) -> Size:
    """Return the size reduced, in its aspect ratio, so that neither side is above `longest`; a smaller one stays."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
