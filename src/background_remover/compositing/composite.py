"""Layers with straight alpha: cutout, backgrounds, and the operator "over" that joins them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageFilter

from background_remover.arrays.bit_depth import planes, resize_levels, to_levels, white
from background_remover.arrays.box_filter import blur
from background_remover.arrays.tiles import STRIP, Part, boxes, in_threads
from background_remover.runtime import cancellation
from background_remover.types import Alpha, Colours, Cutout, Levels, Size

TILE = 128  # the side of the squares in which a subject is put over an opaque background


@dataclass(frozen=True, eq=False)
class CutoutRows:
    """A picture with an alpha as its fourth channel, see `cutout`, made row by row: don't change either before that.

    `clear` sets the colours of transparent pixels to 0. Raises `ValueError` at unequal sizes.
    """

    image: Colours
    alpha: Alpha
    clear: bool

    def __post_init__(self) -> None:
        if self.image.shape[:2] != self.alpha.shape:
            sizes = f"a picture of {self.image.shape[:2]} and an alpha of {self.alpha.shape}"
            raise ValueError(f"{sizes} don't belong together")

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W, 4)."""
        return *self.alpha.shape, 4

    @property
    def dtype(self) -> np.dtype[np.uint8 | np.uint16]:
        """The type of the picture's levels."""
        return self.image.dtype

    def __getitem__(self, rows: slice, /) -> Cutout:
        """Return some of the rows, (n, W, 4)."""
        start, stop, _ = rows.indices(len(self.alpha))
        result = np.empty((stop - start, *self.shape[1:]), dtype=self.dtype)
        for top in range(start, stop, STRIP):
            self._fill(slice(top, min(top + STRIP, stop)), result[top - start : top - start + STRIP])
        return result

    def whole(self) -> Cutout:
        """Return all rows, (H, W, 4)."""
        result = np.empty(self.shape, dtype=self.dtype)
        _in_strips(lambda rows: self._fill(rows, result[rows]), len(result))
        return result

    def _fill(self, rows: slice, result: Cutout) -> None:
        """Write rows, (n, W, 4).

        The three colours of a pixel and the first of the next one are read as one number and masked, in a third of the
        time of copying channel by channel.
        """
        levels = to_levels(self.alpha[rows], self.dtype)
        colours, pixels = np.ascontiguousarray(self.image[rows]), _pixels(result)
        if not np.little_endian:
            result[..., :3], result[..., 3] = colours, levels
        else:
            bits = 24 * self.dtype.itemsize
            threes = np.ndarray((levels.size - 1,), pixels.dtype, colours, strides=(bits // 8,))
            pixels.reshape(-1)[:-1] = threes
            result[-1, -1, :3] = colours[-1, -1]  # no pixel follows whose colour could be read with it
            pixels &= pixels.dtype.type(2**bits - 1)
            pixels |= np.left_shift(levels, bits, dtype=pixels.dtype)
        if self.clear:
            pixels *= levels != 0


def cutout(image: Colours, alpha: Alpha) -> Cutout:
    """Return the picture with the alpha as its fourth channel: (H, W, 3) and (H, W) in [0, 1] give (H, W, 4).

    The bit depth is the picture's. The alpha is straight: colours stay as they are, whatever the alpha. Raises
    `ValueError` at unequal sizes.
    """
    return CutoutRows(image, alpha, clear=False).whole()


def clear_transparent(cutout: Cutout) -> None:
    """Set the colours of transparent pixels to 0, in place."""
    whole = _pixels(cutout)

    def zero(rows: slice) -> None:
        np.copyto(whole[rows], 0, where=cutout[rows, :, 3] == 0)

    _in_strips(zero, len(cutout))


def _in_strips(work: Callable[[slice], None], height: int) -> None:
    """Call `work` for the rows of a picture, `STRIP` at a time, in as many threads as this one may use."""
    in_threads(work, [slice(start, start + STRIP) for start in range(0, height, STRIP)])


def without_alpha(cutout: Cutout) -> Colours:
    """Return a cutout, (H, W, 4), without its alpha channel: (H, W, 3)."""
    result = np.empty((*cutout.shape[:2], 3), dtype=cutout.dtype)
    for channel in range(3):  # see `cutout`
        result[..., channel] = cutout[..., channel]
    return result


def over(top: Cutout, bottom: Cutout, *, linear_light: bool = False) -> Cutout:
    """Return one layer over another, all (H, W, 4) of straight alpha and one bit depth.

    It is the operator "over" (Porter and Duff, SIGGRAPH 1984). sRGB levels are mixed as they are, as browsers and most
    editors do, or with `linear_light` in linear light: an edge between light and dark is then lighter. Raises
    `ValueError` at unequal sizes or bit depths.
    """
    if top.shape != bottom.shape or top.dtype != bottom.dtype:
        raise ValueError(f"pictures of {top.shape[:2]} and {bottom.shape[:2]} can't be composed")
    full = white(top)
    result = bottom.copy()
    for start in range(0, len(top), STRIP):
        cancellation.check()
        part = slice(start, start + STRIP)
        alpha = top[part, :, 3].copy()  # a contiguous copy is compared much faster
        np.copyto(_pixels(result[part]), _pixels(top[part]), where=alpha == full)
        mixed = (alpha > 0) & (alpha < full)
        if mixed.any():
            result[part][mixed] = _mix(top[part][mixed], bottom[part][mixed], linear_light)
    return result


def opaque_over(image: Colours, alpha: Alpha, bottom: Cutout, *, linear_light: bool = False) -> Colours:
    """Return a picture (H, W, 3) with an alpha (H, W) over an opaque layer (H, W, 4), without an alpha: (H, W, 3).

    It is `without_alpha(over(cutout(image, alpha), bottom))`, computed only where the picture is visible.
    """
    result = without_alpha(bottom)

    def fill(tile: Part) -> None:
        result[tile] = without_alpha(over(cutout(image[tile], alpha[tile]), bottom[tile], linear_light=linear_light))

    in_threads(fill, boxes(alpha > 0, TILE))
    return result


def _mix(top: Levels, bottom: Levels, linear_light: bool) -> Levels:
    """Return `over` for a list of pixels, (N, 4)."""
    share = _shares(top[:, 3:])
    rest = _shares(bottom[:, 3:]) * (1 - share)
    opacity = share + rest
    light = _light if linear_light else _shares
    colour = (share * light(top[:, :3]) + rest * light(bottom[:, :3])) / opacity
    if linear_light:
        colour = np.where(colour <= 0.0031308, 12.92 * colour, 1.055 * colour ** (1 / 2.4) - 0.055)
    return to_levels(np.concatenate([colour, opacity], axis=1), top.dtype)


def _shares(levels: Levels) -> NDArray[np.float32]:
    return np.asarray(levels / np.float32(white(levels)), dtype=np.float32)


def _light(levels: Levels) -> NDArray[np.float32]:
    """Return sRGB levels as linear light in [0, 1] (IEC 61966-2-1)."""
    level = np.arange(white(levels) + 1, dtype=np.float32) / white(levels)
    table = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return np.asarray(table[levels], dtype=np.float32)


def solid(colour: Levels, size: Size) -> Cutout:
    """Return a picture of one colour, given as four levels: (H, W, 4) in the colour's bit depth."""
    result = np.empty((*size, 4), dtype=colour.dtype)
    _pixels(result)[:] = _pixels(np.ascontiguousarray(colour))
    return result


def _pixels(cutout: Cutout) -> NDArray[Any]:
    """Return a view of a cutout, (..., 4), with each pixel as one number, which is copied several times as fast."""
    return cutout.view(np.uint32 if cutout.dtype == np.uint8 else np.uint64)[..., 0]


def blurred(image: Colours, radius: float) -> Colours:
    """Return the picture blurred by a Gaussian with a standard deviation of `radius` pixels: (H, W, 3) in and out."""
    if image.dtype == np.uint8:
        return np.asarray(PillowImage.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))
    result = np.empty_like(image)
    for channel in range(3):  # one at a time: floats take much memory
        result[..., channel] = to_levels(blur(planes(image[..., channel : channel + 1])[0], radius), image.dtype)
    return result


def fitted(image: Colours, size: Size, fit: Literal["cover", "contain", "stretch"]) -> Cutout:
    """Return a picture resized to fill a canvas of `size`: (H, W, 4) in the picture's bit depth.

    "cover" keeps its aspect ratio and crops both sides equally; "contain" keeps its aspect ratio
    and leaves the rest of the canvas transparent; "stretch" changes the aspect ratio.
    """
    height, width = size
    sides = (width / image.shape[1], height / image.shape[0])
    result = np.zeros((height, width, 4), dtype=image.dtype)
    if fit == "contain":
        inner = max(1, round(image.shape[0] * min(sides))), max(1, round(image.shape[1] * min(sides)))
        top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
        part = result[top : top + inner[0], left : left + inner[1]]
        part[..., :3] = resize_levels(image, inner)
        part[..., 3] = white(image)
        return result
    box = (0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
    if fit == "cover":
        seen = (width / max(sides), height / max(sides))
        left, top = (image.shape[1] - seen[0]) / 2, (image.shape[0] - seen[1]) / 2
        box = (max(left, 0), max(top, 0), min(left + seen[0], image.shape[1]), min(top + seen[1], image.shape[0]))
    result[..., :3] = resize_levels(image, size, box=box)
    result[..., 3] = white(image)
    return result
