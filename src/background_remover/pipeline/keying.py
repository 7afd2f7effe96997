"""Keying: the alpha of a subject by the colour of its plain ground, or by a colour that is to be removed."""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from background_remover.imaging.picture import Picture
from background_remover.matting.keying.ground import may_be_plain
from background_remover.matting.own_alpha import is_cutout
from background_remover.options import Options
from background_remover.types import Alpha, Colours

Way: TypeAlias = Literal["photo", "product", "graphic", "colour", "cutout"]
"""By the network alone, by colour and network, by the ground's colour, by a given colour, by the file's own alpha."""


class KeyedAlpha(NamedTuple):
    """A subject's alpha, (H, W) in [0, 1], and how it was found.

    `colours` are the subject's own, (H, W, 3), or None where they are still to be found; `shade` is the cast shadow,
    how much darker the ground is, (h, w) in [0, 1], or None where that isn't known.
    """

    way: Way
    alpha: Alpha
    colours: Colours | None = None
    shade: Alpha | None = None


def needs_network(options: Options) -> bool:
    """Return whether the network is run at all."""
    return options.ground != "plain" and not options.remove_colour


def key_by_colour(picture: Picture, options: Options) -> KeyedAlpha:
    """Return the alpha of a picture without its ground, or without `remove_colour`, without a network."""
    from background_remover.pipeline import plain_ground  # here, as a photograph's cutout is done sooner without it

    return plain_ground.key_by_colour(picture, options)


def refine_by_colour(picture: Picture, alpha: Alpha, options: Options, *, empty: bool) -> KeyedAlpha:
    """Return the network's alpha, (H, W), refined or replaced by keying if the picture has a plain ground.

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
    if not may_be_plain(picture.colours):
        return KeyedAlpha("photo", alpha)
    from background_remover.pipeline.plain_ground import by_ground

    return by_ground(picture.colours, alpha, empty=empty)
