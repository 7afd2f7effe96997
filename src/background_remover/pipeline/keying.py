"""Keying: the alpha of a subject by the colour of its plain ground, or by a colour that is to be removed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from background_remover.arrays.bit_depth import white
from background_remover.imaging import icc_profile
from background_remover.imaging.picture import Picture
from background_remover.matting.keying.cast_shadow import find_shade
from background_remover.matting.keying.decision import choose, combine
from background_remover.matting.keying.ground import Ground, find_ground, may_be_plain, one_colour
from background_remover.matting.keying.unmix import unmix
from background_remover.matting.own_alpha import is_cutout
from background_remover.options import Options
from background_remover.parameters.colours import read_remove_colour
from background_remover.types import Alpha, Colours

Way: TypeAlias = Literal["photo", "product", "graphic", "colour", "cutout"]
"""By the network alone, by colour and network, by the ground's colour, by a given colour, by the file's own alpha."""


@dataclass(frozen=True, eq=False)
class KeyedAlpha:
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
    colour = read_remove_colour(options.remove_colour)
    if colour is None:
        return _graphic(picture.colours, find_ground(picture.colours))
    levels = icc_profile.from_srgb(np.array([[colour[:3]]], dtype=np.uint8), picture.metadata.icc)
    red, green, blue = (levels[0, 0] / white(levels)).tolist()
    ground = one_colour((red, green, blue))
    shade = find_shade(picture.colours, ground) if options.keep_shadow else None
    found = unmix(picture.colours, ground, shade=shade, tolerance=options.tolerance / 255)
    return KeyedAlpha("colour", found.alpha, found.colours, shade)


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
    ground = find_ground(picture.colours)
    if not ground.plain:
        return KeyedAlpha("photo", alpha)
    shade = find_shade(picture.colours, ground, alpha)
    found = unmix(picture.colours, ground, shade=shade)
    way = choose(picture.colours, ground, found, alpha, empty=empty)
    if way == "graphic":
        return _graphic(picture.colours, ground)
    if way == "product":
        both = combine(picture.colours, found, alpha)
        return KeyedAlpha(way, both.alpha, both.colours, shade)
    return KeyedAlpha(way, alpha)


def _graphic(colours: Colours, ground: Ground) -> KeyedAlpha:
    shade = find_shade(colours, ground)
    found = unmix(colours, ground, shade=shade)
    return KeyedAlpha("graphic", found.alpha, found.colours, shade)
