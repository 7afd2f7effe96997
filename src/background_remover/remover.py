"""A picture in, its subject out: the one file that knows the order of the steps."""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image as PillowImage

from background_remover import composite, models
from background_remover.errors import OptionError
from background_remover.image import MAX_MEGAPIXELS, Picture, decode, from_array, from_pillow
from background_remover.network import Network, fit_size
from background_remover.pixels import resize
from background_remover.types import Alpha, Image

Source: TypeAlias = str | Path | bytes | PillowImage.Image | Image | Picture
"""A picture: the path of a file, the bytes of one, a Pillow image, an (H, W, 3) uint8 sRGB array, or a `Picture`."""


@dataclass(frozen=True)
class Options:
    """What is to be done with a picture; raises `OptionError` at a value out of range."""

    only_mask: bool = field(default=False, metadata={"help": "Give the alpha as a grey picture, not the cutout."})
    max_megapixels: float = field(
        default=MAX_MEGAPIXELS, metadata={"help": "Refuse a picture of more megapixels than this."}
    )

    def __post_init__(self) -> None:
        if not self.max_megapixels > 0:  # true of NaN as well
            raise OptionError(f"max-megapixels is {self.max_megapixels:g}; give a number above 0")


DEFAULTS = Options()


class Remover:
    """Removes backgrounds with one model, which it keeps open. Threads may share it."""

    def __init__(self, model: str | Path = models.DEFAULT, *, threads: int | None = None) -> None:
        """Opens a shipped model by its name, or any other by a path that ends in .onnx.

        `threads` is the number of processor threads to use, by default one for each core. Raises `OptionError` at an
        unknown model and `ModelError` at a file that is missing, damaged or breaks the contract.
        """
        self._network = Network(models.locate(model), threads=threads)

    def alpha(self, image: Source, options: Options = DEFAULTS) -> Alpha:
        """How much of each pixel is the subject: (H, W) float32 in [0, 1], at the upright picture's own size.

        It is what the network says, never stretched to fill the range: a picture without a subject gives an alpha
        near 0. What is clear in the picture stays clear. Raises `ImageError`.
        """
        return self._alpha(_read(image, options))

    def remove(self, image: Source, options: Options = DEFAULTS) -> PillowImage.Image:
        """The cutout as a Pillow image of mode "RGBA", or with `only_mask` the alpha as one of mode "L"."""
        picture = _read(image, options)
        alpha = self._alpha(picture)
        return PillowImage.fromarray(
            composite.levels(alpha) if options.only_mask else composite.cutout(picture.image, alpha)
        )

    def _alpha(self, picture: Picture) -> Alpha:
        card = self._network.card
        height, width = picture.image.shape[:2]
        seen = resize(picture.image, fit_size((height, width), card.multiple, card.longest_side), "bilinear")
        coarse = self._network.predict(seen[None])[0]
        alpha = resize(coarse, (height, width), "bicubic")
        np.clip(alpha, 0, 1, out=alpha)  # in place here and below: at 50 megapixels a copy takes half a second
        if picture.opacity is not None:
            alpha *= picture.opacity
        return alpha


def remove(source: Source, options: Options = DEFAULTS, *, model: str | Path = models.DEFAULT) -> PillowImage.Image:
    """The cutout of one picture as `Remover.remove` gives it; the last model used stays open for the next call."""
    return _remover(model).remove(source, options)


@functools.lru_cache(maxsize=1)
def _remover(model: str | Path) -> Remover:
    return Remover(model)


def _read(source: Source, options: Options) -> Picture:
    if isinstance(source, Picture):
        return source
    if isinstance(source, np.ndarray):
        return from_array(source)
    if isinstance(source, PillowImage.Image):
        return from_pillow(source, max_megapixels=options.max_megapixels)
    if isinstance(source, str | Path | bytes):
        return decode(source, max_megapixels=options.max_megapixels)
    raise TypeError(f"a picture is a path, bytes, a Pillow image or an array, not {type(source).__name__}")
