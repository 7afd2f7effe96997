"""`Method`: how a subject's alpha is found, by the network, by the colour of its plain ground, or by a given colour."""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from background_remover.imaging.picture import Picture
from background_remover.matting.keying.ground import may_be_plain
from background_remover.matting.own_alpha import is_cutout
from background_remover.options import Options
from background_remover.types import Alpha, Colours

Method: TypeAlias = Literal["photo", "product", "graphic", "colour", "cutout"]
"""By the network alone, by colour and network, by the ground's colour, by a given colour, by the file's own alpha."""


class KeyedAlpha(NamedTuple):
    """A subject's alpha, (H, W) in [0, 1], and how it was found.

    `colours` are the subject's own, (H, W, 3), or None where they are still to be found; `shade` is the cast shadow,
    how much darker the ground is, (h, w) in [0, 1], or None where that isn't known.
    """

    method: Method
    alpha: Alpha
    colours: Colours | None = None
    shade: Alpha | None = None


def needs_network(options: Options) -> bool:
    """Return whether the network is run at all."""
    return options.ground != "plain" and not options.remove_colour


def by_network(picture: Picture, alpha: Alpha, options: Options, *, empty: bool) -> KeyedAlpha | None:
    """Return the network's alpha, (H, W), where no colour refines or replaces it; None where the ground may be plain.

    The alpha may be changed in place. `empty` says that the network found nothing. A picture whose subject was chosen
    is left to the network, and so is one that has transparency, unless it is a cutout already: then all that is visible
    in it is the subject.
    """
    if options.ground == "photo" or options.mask or options.chosen or options.matting == "none":
        return KeyedAlpha("photo", alpha)
    if picture.opacity is not None:
        if empty or not is_cutout(alpha, picture.opacity):
            return KeyedAlpha("photo", alpha)
        np.greater(picture.opacity, 0, out=alpha, casting="unsafe")  # a copy of 50 megapixels would be 200 MB
        return KeyedAlpha("cutout", alpha)
    return None if may_be_plain(picture.colours) else KeyedAlpha("photo", alpha)
