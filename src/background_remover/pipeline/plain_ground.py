"""Keying: the alpha of a subject by the colour of its plain ground, or by a colour that is to be removed."""

import numpy as np

from background_remover.arrays.bit_depth import white
from background_remover.imaging import icc_profile
from background_remover.imaging.picture import Picture
from background_remover.matting.keying.cast_shadow import find_shade
from background_remover.matting.keying.decision import choose, combine
from background_remover.matting.keying.ground import Ground, find_ground, one_colour
from background_remover.matting.keying.unmix import unmix
from background_remover.options import Options
from background_remover.parameters.colours import read_remove_colour
from background_remover.pipeline.keying import KeyedAlpha
from background_remover.types import Alpha, Colours


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


def by_ground(colours: Colours, alpha: Alpha, *, empty: bool) -> KeyedAlpha:
    """Return the network's alpha, (H, W), refined or replaced by the ground's colour where that is plain.

    `empty` says that the network found nothing.
    """
    ground = find_ground(colours)
    if not ground.plain:
        return KeyedAlpha("photo", alpha)
    shade = find_shade(colours, ground, alpha)
    found = unmix(colours, ground, shade=shade)
    method = choose(colours, ground, found, alpha, empty=empty)
    if method == "graphic":
        return _graphic(colours, ground)
    if method == "product":
        both = combine(colours, found, alpha)
        return KeyedAlpha(method, both.alpha, both.colours, shade)
    return KeyedAlpha(method, alpha)


def _graphic(colours: Colours, ground: Ground) -> KeyedAlpha:
    shade = find_shade(colours, ground)
    found = unmix(colours, ground, shade=shade)
    return KeyedAlpha("graphic", found.alpha, found.colours, shade)
