"""Edges: from the coarse alpha to the one at full size, by the chosen matting, and its adjustments."""

import numpy as np

from background_remover.arrays.resample import resize
from background_remover.imaging.picture import Picture
from background_remover.matting import adjust, given_mask, sharpen
from background_remover.matting.guided_filter import refine
from background_remover.options import Options
from background_remover.segmentation.second_pass import SecondPass, blend, part_of
from background_remover.types import Alpha


def full_size(picture: Picture, coarse: Alpha, second: SecondPass | None, options: Options) -> Alpha:
    """Return the alpha at the picture's own size, (H, W), from the coarse one and a second pass, if there was one."""
    if second is not None and second.box.size == picture.image.shape[:2]:
        return with_edges(picture, second.alpha, options)
    alpha = with_edges(picture, coarse, options)
    if second is not None:
        part = Picture(part_of(picture.image, second.box))
        blend(alpha, with_edges(part, second.alpha, options), second.box)
    return alpha


def adjusted(alpha: Alpha, options: Options) -> Alpha:
    """Return the alpha after `threshold`, `grow` and `feather`."""
    if options.threshold:
        alpha = adjust.threshold(alpha, options.threshold)
    if options.grow:
        alpha = adjust.grow(alpha, options.grow)
    if options.feather:
        alpha = adjust.feather(alpha, options.feather)
    return alpha


def times_opacity(alpha: Alpha, opacity: Alpha | None) -> Alpha:
    """Multiply the alpha, in place, by the file's own, if it has one, and return it."""
    if opacity is not None:
        alpha *= opacity  # at 50 megapixels a copy takes half a second
    return alpha


def with_edges(picture: Picture, coarse: Alpha, options: Options) -> Alpha:
    """Return an alpha at a picture's own size, (H, W), with the edges that `matting` finds."""
    image = picture.image
    trimap = given_mask.trimap_of(coarse) if options.mask else None
    if trimap is not None:
        from background_remover.matting.trimap_solver import solve  # here, as few cutouts need it

        alpha = solve(image, trimap)
    elif options.matting == "none":
        alpha = np.clip(resize(coarse, (image.shape[0], image.shape[1]), "bicubic"), 0, 1)
    else:
        alpha = refine(image, coarse if options.mask else sharpen.sharpen_uncertain(coarse), lambda: picture.reduced)
    if options.matting == "closed-form":
        from background_remover.matting.closed_form import GUESSED, REFINED, closed_form

        alpha = closed_form(image, alpha, REFINED if trimap is None else GUESSED)
    return alpha
