"""A picture in, its subject out: the one file that knows the order of the steps."""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image as PillowImage

from background_remover import composite, confidence, models
from background_remover.errors import NoSubject, OptionError
from background_remover.image import MAX_MEGAPIXELS, Picture, decode, from_array, from_pillow
from background_remover.network import Network
from background_remover.pixels import resize
from background_remover.types import Alpha, Image

Source: TypeAlias = str | Path | bytes | PillowImage.Image | Image | Picture
"""A picture: the path of a file, the bytes of one, a Pillow image, an (H, W, 3) uint8 sRGB array, or a `Picture`."""


@dataclass(frozen=True)
class Options:
    """What is to be done with a picture; raises `OptionError` at a value out of range."""

    allow_empty: bool = field(default=False, metadata={"help": "Where there is no subject, give the empty cutout."})
    only_mask: bool = field(default=False, metadata={"help": "Give the alpha as a grey picture, not the cutout."})
    max_megapixels: float = field(
        default=MAX_MEGAPIXELS, metadata={"help": "Refuse a picture of more megapixels than this."}
    )

    def __post_init__(self) -> None:
        if not self.max_megapixels > 0:  # true of NaN as well
            raise OptionError(f"max-megapixels is {self.max_megapixels:g}; give a number above 0")


DEFAULTS = Options()


@dataclass(frozen=True)
class Cut:
    """What became of a picture."""

    image: PillowImage.Image  # the cutout, mode "RGBA", or with `only_mask` the alpha, mode "L"
    alpha: Alpha
    confidence: float  # in [0, 1]: the IoU to expect, see `confidence`
    empty: bool  # whether so little confidence means that there is no subject


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
        picture = _read(image, options)
        return _full_size(self._network.coarse(picture.image), picture)

    def cut(self, image: Source, options: Options = DEFAULTS) -> Cut:
        """The cutout of a picture, and how sure it is. Raises `ImageError`, and never `NoSubject`."""
        picture = _read(image, options)
        coarse = self._network.coarse(picture.image)
        card = self._network.card
        sure = confidence.confidence(coarse, card.curve)
        alpha = _full_size(coarse, picture)
        result = composite.levels(alpha) if options.only_mask else composite.cutout(picture.image, alpha)
        return Cut(PillowImage.fromarray(result), alpha, sure, sure < card.empty_below)

    def remove(self, image: Source, options: Options = DEFAULTS) -> PillowImage.Image:
        """The cutout as a Pillow image of mode "RGBA", or with `only_mask` the alpha as one of mode "L".

        Raises `ImageError`, and `NoSubject` where there is none and `allow_empty` doesn't say that this is fine.
        """
        cut = self.cut(image, options)
        if cut.empty and not options.allow_empty:
            raise NoSubject(f"no subject found (confidence {cut.confidence:.2f}); allow-empty gives the cutout even so")
        return cut.image


def remove(source: Source, options: Options = DEFAULTS, *, model: str | Path = models.DEFAULT) -> PillowImage.Image:
    """The cutout of one picture as `Remover.remove` gives it; the last model used stays open for the next call."""
    return _remover(model).remove(source, options)


def _full_size(coarse: Alpha, picture: Picture) -> Alpha:
    alpha = resize(coarse, (picture.image.shape[0], picture.image.shape[1]), "bicubic")
    np.clip(alpha, 0, 1, out=alpha)  # in place here and below: at 50 megapixels a copy takes half a second
    if picture.opacity is not None:
        alpha *= picture.opacity
    return alpha


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
