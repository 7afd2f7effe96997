"""The distance of each pixel's colour from the ground's, in units of the noise that a JPEG leaves beside edges."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import white
from background_remover.arrays.box_filter import box_max, box_sum
from background_remover.arrays.resample import enlarge
from background_remover.arrays.tiles import Part, tiles
from background_remover.matting.keying.ground import Ground
from background_remover.types import Alpha, Colours, Mask, Planes, Size

TILE = 256  # the side of the squares that are worked out at once
FLOOR = 0.7 / 255  # the least noise: the rounding of a gradient
_OPEN = 3.0  # standard deviations of the noise within which a pixel is ground
_SAMPLE = 1 << 20  # pixels of which the noise beside edges is measured
_VISIBLE = 20 / 255  # the least distance of an edge that causes ringing
_RING = 4  # pixels around edges in which ringing is measured
_QUANTILE = 0.9  # of its magnitudes
_INFLATION = 1.2  # from that quantile to the standard deviation assumed: ringing has heavy tails
_SOLID = 15  # of 25 pixels: more are no speck
_LEAST_SAMPLE = 64  # pixels: fewer measure nothing
_YCBCR = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]], dtype=np.float32)


class GroundDistance:
    """The differences of a picture's colours from its ground's, computed part by part, in YCbCr.

    Each channel is in units of its noise, so that the subsampled chroma of a JPEG counts for less than its luma.
    `reach` is the distance within which a pixel is ground.
    """

    def __init__(self, image: Colours, ground: Ground, shade: Alpha | None, tolerance: float = 0.0) -> None:
        """Measure the noise of a picture (H, W, 3).

        The ground is darkened by `shade` (h, w) where it is given. `tolerance`, in [0, 1], widens the reach.
        """
        self._image, self._ground, self._shade = image, ground, shade
        self.size: Size = (image.shape[0], image.shape[1])
        self._scale = np.ones(3, dtype=np.float32)
        self._scale = self._measured(max(FLOOR, ground.noise))
        self.reach: float = max(_OPEN, tolerance / float(self._scale[0]))

    @property
    def noisy(self) -> bool:
        """Whether lossy compression has blurred the colours beside edges."""
        return float(self._scale[0]) > 2 * FLOOR

    def colours(self, part: Part) -> Planes:
        """Return the picture's own colours in a part, (3, h, w) in [0, 1]."""
        levels = self._image[part]
        return np.multiply(levels.transpose(2, 0, 1), np.float32(1 / white(levels)), dtype=np.float32, order="C")

    def away(self, part: Part, colours: Planes) -> Planes:
        """Return the differences of a part's colours from the ground's, (3, h, w), in units of the noise."""
        behind = enlarge(self._ground.colours, self.size, *part)
        if self._shade is not None:
            behind *= 1 - enlarge(self._shade[None], self.size, *part)
        matrix = _YCBCR / self._scale[:, None]
        return np.asarray(np.tensordot(matrix, colours - behind, axes=1), dtype=np.float32)

    def is_ground(self, far: NDArray[np.float32]) -> Mask:
        """Return where a pixel is ground, from its distance: within reach, or a speck of noise.

        A speck has nothing beside it that is far from the ground, and doesn't fill the square around it.
        """
        over = (far > self.reach).astype(np.float32)
        solid = box_sum(over, 2) > _SOLID
        strong = box_max((far > 2 * self.reach).astype(np.float32), 2) > 0
        return np.asarray((over == 0) | ~(solid | strong), dtype=np.bool_)

    def samples(self) -> Iterator[Part]:
        """Yield tiles spread over the picture: all, or about a million pixels of a large one."""
        step = max(1, self.size[0] * self.size[1] // _SAMPLE)
        yield from list(tiles(self.size, TILE))[::step]

    def _measured(self, least: float) -> NDArray[np.float32]:
        """Return the standard deviations of Y, Cb and Cr on the ground beside edges; soft shadows are no noise."""
        ripples = [self._ripples(part, max(_VISIBLE, 6 * least)) for part in self.samples()]
        all_ripples = np.concatenate(ripples, axis=1)
        if all_ripples.shape[1] < _LEAST_SAMPLE:
            return np.full(3, least, dtype=np.float32)
        luma, *chroma = np.quantile(all_ripples, _QUANTILE, axis=1) * _INFLATION
        return np.asarray(np.maximum([luma, max(chroma), max(chroma)], least), dtype=np.float32)

    def _ripples(self, part: Part, visible: float) -> NDArray[np.float32]:
        """Return the magnitudes of the differences beside edges, (3, n), less the mean around each."""
        away = self.away(part, self.colours(part))
        far = length(away)
        if not (far > visible).any():
            return np.empty((3, 0), dtype=np.float32)
        contrast = float(np.quantile(far[far > visible], 0.9))
        strong = (far > 0.5 * contrast).astype(np.float32)
        beside = (box_max(strong, _RING) > 0) & (box_max(strong, 1) == 0) & (far < 0.4 * contrast)
        count = np.maximum(box_sum(beside.astype(np.float32), 2), 1)
        ripple: NDArray[np.float32] = np.abs(away - box_sum(away * beside, 2) / count)
        return np.asarray(ripple[:, beside], dtype=np.float32)


def length(away: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the lengths of differences (3, ...)."""
    return np.asarray(np.sqrt((away * away).sum(axis=0)), dtype=np.float32)
