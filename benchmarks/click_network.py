"""What a click network takes for the subject that is meant, as `clicks` measures it."""

import numpy as np

from background_remover.arrays.box import Box, subject_box, widened
from background_remover.arrays.resample import resize
from background_remover.segmentation.click_correction import corrected
from background_remover.segmentation.crop_cache import Crops
from background_remover.segmentation.network import Network
from background_remover.segmentation.preprocessing import fit_image, fit_size
from background_remover.segmentation.prompts import Point, Prompts
from background_remover.segmentation.second_pass import part_of
from background_remover.train.data.clicks import planes
from background_remover.types import Alpha, Size

MARGIN = 0.3  # around the subject's box when it is shown to the network once more, as a share of its longer side
CLOSER = 0.75  # of the picture's longer side: a box that is longer isn't shown to the network once more
SIDE = 256  # of such a box to the network


class ClickNetwork:
    """The subject of one picture, click by click; the answer to the clicks so far is kept for the next one.

    The network sees the whole picture, and then once more the box of what it answered, both with the prompts and with
    the answer before. What still disagrees with a click is set right as the plain answer is.
    """

    def __init__(self, crops: Crops, network: Network) -> None:
        self._crops, self._network = crops, network
        self._before: Alpha | None = None

    def choose(self, prompts: Prompts) -> Alpha:
        """Return the coarse alpha of the subject that is meant: (h, w) in [0, 1], at the size of the grid."""
        crops = self._crops
        alpha = self._seen(crops.whole, prompts, self._before, self._network.card.longest_side)
        alpha = self._closer(alpha, prompts)
        self._before = alpha
        inside, outside = ([crops.to_grid(*p) for p in points] for points in (prompts.points, prompts.not_points))
        return corrected(crops, alpha, inside, outside)

    def _closer(self, alpha: Alpha, prompts: Prompts) -> Alpha:
        box = self._crops.from_grid(subject_box(alpha, 0.5))
        box = widened(box, MARGIN * max(box.size), self._crops.size)
        if max(box.size) > CLOSER * max(self._crops.size) or alpha.max() < 0.5:
            return alpha
        again, alpha = self._seen(box, prompts, alpha, SIDE), alpha.copy()
        inner = self._crops.on_grid(box)
        part_of(alpha, inner)[:] = part_of(again, inner)
        return alpha

    def _seen(self, box: Box, prompts: Prompts, before: Alpha | None, longest: int) -> Alpha:
        """Return the network's answer to a part of the picture, on the grid; 0 outside the part."""
        crops, inner = self._crops, self._crops.on_grid(box)
        size = fit_size(box.size, self._network.card.multiple, longest)
        image = fit_image(part_of(crops.image, box), size)
        seen = None if before is None else np.clip(resize(part_of(before, inner), size, "bilinear"), 0, 1)
        answer = self._network.predict(image[None], planes(moved(prompts, box, size), size, seen)[None])[0]
        alpha = np.zeros(crops.grid, dtype=np.float32)
        part_of(alpha, inner)[:] = np.clip(resize(answer, inner.size, "bilinear"), 0, 1)
        return alpha


def moved(prompts: Prompts, part: Box, size: Size) -> Prompts:
    """Return the prompts in pixels of a part of the picture that is resized to `size`, without clicks outside it."""
    down, along = size[0] / part.size[0], size[1] / part.size[1]

    def within(points: tuple[Point, ...]) -> tuple[Point, ...]:
        there = [(r - part.top, c - part.left) for r, c in points]
        return tuple(
            (int(r * down), int(c * along)) for r, c in there if 0 <= r < part.size[0] and 0 <= c < part.size[1]
        )

    box = prompts.box
    if box is not None:
        top, bottom = (round((min(max(r, part.top), part.bottom) - part.top) * down) for r in (box.top, box.bottom))
        left, right = (round((min(max(c, part.left), part.right) - part.left) * along) for c in (box.left, box.right))
        box = Box(top, left, bottom, right)
    return Prompts(within(prompts.points), within(prompts.not_points), box)
