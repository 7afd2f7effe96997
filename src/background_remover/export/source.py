"""The source of an export: a model file, its card, and the pictures that the exported file is tried on."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from background_remover.errors import Error, OptionError
from background_remover.evaluation.datasets import find_pictures
from background_remover.evaluation.evaluate import thin
from background_remover.imaging.reader import decode
from background_remover.segmentation.network import Card
from background_remover.segmentation.preprocessing import fit_image, fit_size
from background_remover.types import Image, Size

_DRAWN, _MOST = 8, 100  # pictures


@dataclass(frozen=True)
class Source:
    """A model file to be exported.

    `size`, (height, width), is that of every picture where the format has a fixed one; else it is None. `pictures` are
    at the network's input size, uint8 (1, H, W, 3) each.
    """

    path: Path
    card: Card
    size: Size | None
    pictures: tuple[Image, ...]

    @property
    def fixed_size(self) -> Size:
        """`size`; raises `ValueError` where it is None."""
        if self.size is None:
            raise ValueError("this format needs a fixed size")
        return self.size


def read_pictures(folder: Path) -> list[Image]:
    """Return the photographs of a folder and those below it, (H, W, 3) each, 100 at most, evenly spread by name.

    Raises `OptionError` where there are none, and `ImageError` where one can't be read.
    """
    paths = find_pictures(folder)
    if not paths:
        raise OptionError(f"{folder}: no pictures here; give a folder of photographs")
    return [decode(path).image for path in thin(paths, _MOST)]


def prepare(images: Sequence[Image], card: Card, size: Size | None) -> tuple[Image, ...]:
    """Return pictures of any size, (H, W, 3), as the network takes them, (1, h, w, 3).

    They are stretched to `size`, or without one brought to the size that the card asks for.
    """
    sizes = [size or fit_size(image.shape[:2], card.multiple, card.longest_side) for image in images]
    return tuple(fit_image(image, its)[None] for image, its in zip(images, sizes, strict=True))


def drawn(side: int) -> list[Image]:
    """Draw pictures with a subject, (side, side, 3): a bright ellipse with grain, on a dark ground that changes.

    They stand in for photographs, of which the package ships none. Noise alone isn't enough: a network finds nothing in
    it, and alphas near 0 agree whatever the converter did.
    """
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:side, :side] / side
    images = []
    for _ in range(_DRAWN):
        middle, radii = random.uniform(0.35, 0.65, 2), random.uniform(0.15, 0.35, 2)
        inside = ((rows - middle[0]) / radii[0]) ** 2 + ((columns - middle[1]) / radii[1]) ** 2 < 1
        ground = random.uniform(10, 90, 3) + 40 * rows[..., None]
        grain = random.normal(0, 6, (side, side, 3))
        image = np.where(inside[..., None], random.uniform(140, 240, 3), ground) + grain
        images.append(image.clip(0, 255).astype(np.uint8))
    return images


@contextlib.contextmanager
def needing(extra: str) -> Iterator[None]:
    """Raise `Error`, which names the extra of this package to install, where a library of the block isn't installed."""
    try:
        yield
    except ImportError as error:
        raise Error(f"needs an extra ({error}): pip install 'background-remover[{extra}]'") from error


Alphas = NDArray[np.float32]
"""(1, H, W) float32 in [0, 1]."""
