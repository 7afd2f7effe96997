"""Colours in the place of those that a picture's own transparency hides, which may be anything."""

from dataclasses import replace

import numpy as np

from background_remover.arrays.bit_depth import at_depth_of, eight_bits
from background_remover.arrays.box_filter import box_max, box_sum
from background_remover.arrays.resample import enlarge, resize, shrink, within
from background_remover.arrays.tiles import Part, around, in_threads, tiles
from background_remover.imaging.picture import Picture
from background_remover.types import Alpha, Colours, Image, Mask, Planes

SEEN = 1 / 8  # from this opacity on the network sees a pixel's colour in full, or it would find a soft edge too far in
GROUNDS = (255, 0, 128)  # levels of the greys that may stand behind: white, black, between them
FRAMED = 0.95  # of a picture that is visible: with more the rest is a frame, or rounded corners, of a photograph
REACH = 3  # pixels of the sample around a hidden one that are the subject's edge
SAMPLE = 512  # the longest side at which the edge is examined, and hidden colours are made up
TILE = 256  # the side of the squares that are filled at once
_LEAST = 1 / 16  # of a mean's weight: with less visible in it, 8 bits are too few
_LOW = 10.0  # percentile: a ground is as unlike an edge as it is unlike this share of its pixels


def shown(picture: Picture) -> Picture:
    """Return the picture as the network and matting are to see it: independent of hidden colours, its edge easily seen.

    Its `image` has a plain ground where it is transparent, the grey that is least like the colours beside it. Where
    that is less than three pixels wide, as where a colour key meets single pixels, the colours beside go on instead: a
    ground would be noise. So they do in a photograph with rounded corners or a thin frame, where a ground would be an
    object among others. Half transparent colours are seen in full: what they are cut out of is decided already, and
    the file's own alpha is multiplied in at the end.
    """
    opacity = picture.opacity
    if opacity is None:
        return picture
    level = _ground(picture.image, opacity)
    narrow = np.ones_like(opacity, np.bool_) if opacity.mean() >= FRAMED else _narrow(opacity)
    made_up = continued(picture.image, opacity) if narrow.any() else picture.image
    image = np.empty_like(picture.image)

    def fill(tile: Part) -> None:
        share = np.minimum(opacity[tile] * np.float32(1 / SEEN), 1)[..., None]
        behind = np.where(narrow[tile][..., None], made_up[tile], np.uint8(level))
        image[tile] = np.rint(picture.image[tile] * share + behind * (1 - share))

    in_threads(fill, tiles((opacity.shape[0], opacity.shape[1]), TILE))
    return replace(picture, image=image, native=picture.colours)


def continued(colours: Colours, opacity: Alpha | None) -> Colours:
    """Return the colours, (H, W, 3), with those that are visible continued smoothly to where the opacity (H, W) is 0.

    A hidden pixel that touches visible ones gets their mean, all others what is visible around them, at a lower size.
    Beside an edge that the file brings along no old background can be seen; so the edge's own colours stay themselves
    where the background's are taken out.
    """
    if opacity is None or opacity.min() > 0:
        return colours
    means = _pulled(colours, opacity)
    size = opacity.shape[0], opacity.shape[1]
    result = colours.copy()

    def fill(tile: Part) -> None:
        hidden = opacity[tile] == 0
        if hidden.any():
            made_up = np.rint(enlarge(means, size, *tile)).astype(np.uint8).transpose(1, 2, 0)
            np.copyto(result[tile], at_depth_of(made_up, colours), where=hidden[..., None])
            beside, found = _beside(colours, opacity, tile)
            np.copyto(result[tile], beside, where=(hidden & found)[..., None])

    in_threads(fill, tiles(size, TILE))
    return result


def _narrow(opacity: Alpha) -> Mask:
    """Return where pixels that aren't seen in full lie in no square of three by three such pixels: (H, W)."""
    size = opacity.shape[0], opacity.shape[1]
    result = np.zeros(size, dtype=np.bool_)

    def fill(tile: Part) -> None:
        outer, inner = around(tile, 2, size)
        seen = opacity[outer] >= SEEN
        if not seen.all() and seen.any():
            wide = box_max((box_max(seen.astype(np.float32), 1) == 0).astype(np.float32), 1) > 0
            result[tile] = ~(seen | wide)[inner]

    in_threads(fill, tiles(size, TILE))
    return result


def _beside(colours: Colours, opacity: Alpha, tile: Part) -> tuple[Colours, Mask]:
    """Return the mean of the visible among the nine pixels around each of a tile, and where there are any."""
    outer, inner = around(tile, 1, (opacity.shape[0], opacity.shape[1]))
    visible = opacity[outer] > 0
    levels = np.where(visible[..., None], colours[outer], 0).transpose(2, 0, 1).astype(np.float32)
    sums = box_sum(np.concatenate([levels, visible[None].astype(np.float32)]), 1)[:, inner[0], inner[1]]
    means = np.rint(sums[:3] / np.maximum(sums[3], 1))
    return means.transpose(1, 2, 0).astype(colours.dtype), sums[3] > 0


def _ground(image: Image, opacity: Alpha) -> int:
    """Return the level of the grey that is least like the visible colours beside hidden pixels."""
    step = -(-max(opacity.shape) // SAMPLE)
    image, opacity = image[::step, ::step], opacity[::step, ::step]
    edge = box_max(np.float32(1) - np.minimum(opacity * np.float32(1 / SEEN), 1), REACH) > 0
    edge &= opacity >= 0.5
    if not edge.any():
        return GROUNDS[0]
    colours = image[edge].astype(np.float32)
    distances = [np.percentile(((colours - level) ** 2).sum(axis=1), _LOW) for level in GROUNDS]
    return GROUNDS[int(np.argmax(distances))]


def _pulled(colours: Colours, opacity: Alpha) -> Planes:
    """Return the means of the visible colours, (3, h, w) in [0, 255], with those around them where none is visible."""
    small = within((opacity.shape[0], opacity.shape[1]), SAMPLE)
    visible = opacity > 0
    weight = shrink(visible.astype(np.float32), small)
    sums = shrink(np.where(visible[..., None], eight_bits(colours), np.uint8(0)), small)
    weight = np.where(weight < _LEAST, np.float32(0), weight)
    return _filled(np.asarray(sums.transpose(2, 0, 1) * (weight > 0), dtype=np.float32), weight)


def _filled(sums: Planes, weight: Alpha) -> Planes:
    """Return sums of weighted colours (3, h, w) as means; those without weight come from the level of half the size.

    Push-pull (Gortler et al., "The Lumigraph", SIGGRAPH 1996).
    """
    height, width = weight.shape
    if height * width == 1 or weight.min() > 0:
        return np.divide(sums, weight, out=np.zeros_like(sums), where=weight > 0)
    half = max(height // 2, 1), max(width // 2, 1)
    below = _filled(np.stack([resize(plane, half, "box") for plane in sums]), resize(weight, half, "box"))
    means = enlarge(below, (height, width), slice(0, height), slice(0, width))
    return np.divide(sums, weight, out=means, where=weight > 0)
