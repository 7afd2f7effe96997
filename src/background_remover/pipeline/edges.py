"""From the coarse alpha to the one at full size, with the adjustments that are asked for."""

import numpy as np

from background_remover.arrays.resample import resize
from background_remover.imaging.picture import Picture
from background_remover.matting import adjust, given_mask, sharpen
from background_remover.matting.closed_form import GUESSED, REFINED, closed_form
from background_remover.matting.guided_filter import refine
from background_remover.matting.trimap_solver import solve
from background_remover.options import Options
from background_remover.segmentation import second_pass
from background_remover.types import Alpha, Image


def full_size(picture: Picture, given: Alpha, again: second_pass.SecondPass | None, options: Options) -> Alpha:
    """The alpha at the picture's own size, from the one to begin with and what a second look says."""
    alpha = with_edges(picture.image, given, options)
    if again is not None:
        second_pass.blend(
            alpha, with_edges(second_pass.part_of(picture.image, again.box), again.alpha, options), again.box
        )
    return alpha


def adjusted(alpha: Alpha, options: Options) -> Alpha:
    """The alpha with the changes that are asked for."""
    if options.threshold:
        alpha = adjust.threshold(alpha, options.threshold)
    if options.grow:
        alpha = adjust.grow(alpha, options.grow)
    if options.feather:
        alpha = adjust.feather(alpha, options.feather)
    return alpha


def times_opacity(alpha: Alpha, opacity: Alpha | None) -> Alpha:
    """The alpha that was found times that of the file, if it brings one along; in place."""
    if opacity is not None:
        alpha *= opacity  # at 50 megapixels a copy takes half a second
    return alpha


def with_edges(image: Image, given: Alpha, options: Options) -> Alpha:
    """An alpha at a picture's own size, with the edges that `matting` finds."""
    trimap = given_mask.trimap_of(given) if options.mask else None
    if trimap is not None:
        alpha = solve(image, trimap)
    elif options.matting == "none":
        alpha = np.clip(resize(given, (image.shape[0], image.shape[1]), "bicubic"), 0, 1)
    else:
        alpha = refine(image, given if options.mask else sharpen.sharpen_uncertain(given))
    if options.matting == "closed-form":
        alpha = closed_form(image, alpha, REFINED if trimap is None else GUESSED)
    return alpha
