"""Composing the finished picture from alpha and colours: outline, shadow, crop, canvas, background."""

from dataclasses import replace

import numpy as np

from background_remover.arrays.bit_depth import at_depth_of, to_levels, white
from background_remover.arrays.box import Box, subject_box, widened
from background_remover.compositing import composite, layout
from background_remover.compositing.composite import CutoutRows
from background_remover.compositing.gradient import gradient
from background_remover.errors import ImageError, OptionError
from background_remover.imaging import icc_profile, transparency
from background_remover.imaging.picture import Picture
from background_remover.imaging.writer import Result
from background_remover.matting.foreground import foreground
from background_remover.options import Options
from background_remover.parameters.background import Backdrop, read_background, read_fit, read_outline
from background_remover.parameters.colours import Colour
from background_remover.parameters.layout import Placement, read_canvas, read_place, read_position
from background_remover.parameters.lengths import read_length, read_offset
from background_remover.pipeline.source import Files, side_picture
from background_remover.types import Alpha, Colours, Cutout, Levels, Size


def own_colours(
    picture: Picture, alpha: Alpha, found: Colours | None, options: Options, *, in_place: bool = False
) -> Colours:
    """Return the subject's own colours, (H, W, 3), for an alpha that isn't yet multiplied by the file's own.

    `found` are the colours that keying found with its alpha, if it did. With `in_place` those of the picture may be
    changed, which is then of no more use.
    """
    if options.keep_colours or options.only_mask:
        return picture.colours
    if found is not None:
        return found
    visible = transparency.continued(picture.colours, picture.opacity)
    in_place = in_place and visible.flags.writeable and read_background(options.background).blur is None
    in_place = in_place or visible is not picture.colours
    colours = foreground(visible, alpha, picture.reduced if visible is picture.image else None, in_place=in_place)
    if options.keep_hidden and picture.opacity is not None:
        np.copyto(colours, picture.colours, where=(picture.opacity == 0)[..., None])
    return colours


def result_of(
    picture: Picture,
    colours: Colours,
    alpha: Alpha,
    shade: Alpha | None,
    options: Options,
    files: Files,
    *,
    whole: bool,
) -> Result:
    """Return the finished picture with its metadata: what `composed` gives, or the alpha alone in 8 bits.

    Without `whole` its rows are made as they are asked for, where `composed_rows` can make them.
    """
    if options.only_mask:
        metadata = replace(picture.metadata.of_size((alpha.shape[0], alpha.shape[1])), icc=b"")  # in no colour space
        return Result(to_levels(alpha, np.dtype(np.uint8)), metadata)
    rows = None if whole else composed_rows(colours, alpha, shade, options)
    pixels = rows or composed(picture, colours, alpha, shade, options, files)
    return Result(pixels, picture.metadata.of_size((pixels.shape[0], pixels.shape[1])))


def composed(
    picture: Picture, colours: Colours, alpha: Alpha, shade: Alpha | None, options: Options, files: Files
) -> Levels:
    """Return the subject on its canvas over its background: (H, W, 4), or (H, W, 3) where that is opaque.

    `colours` are the subject's own, and `shade`, (h, w), is the cast shadow on the ground. Bit depth and colour space
    are those of the colours.
    """
    rows = composed_rows(colours, alpha, shade, options)
    if rows is not None:
        return rows.whole()
    size = alpha.shape[0], alpha.shape[1]
    if not options.transparent and _is_alone(shade, options):
        backdrop = background_of(picture, Box(0, 0, *size), size, options, files)
        if backdrop is not None:
            return composite.opaque_over(colours, alpha, backdrop, linear_light=options.linear_light)
    result = with_outline_and_shadow(composite.cutout(colours, alpha), alpha, shade, picture.metadata.icc, options)
    canvas = read_canvas(options.canvas)
    box = Box(0, 0, *size)
    placement = read_place(options.place)
    if options.crop or canvas is not None or placement is not None:
        box = subject_box(_opacity(result) if options.outline else alpha)
        box = widened(box, read_length("margin", options.margin).pixels(max(box.size)), size)
        result = result[box.top : box.bottom, box.left : box.right]
    if placement is not None:
        result = _placed(result, placement, canvas or size, options)
        box = box if canvas else Box(0, 0, *size)
    elif canvas is not None:
        place = layout.place(box.size, canvas, options.scale, read_position(options.position))
        result = layout.on_canvas(result, canvas, place)
    result = over_background(result, picture, box, options, files)
    if not options.transparent:
        return composite.without_alpha(result)
    if not options.keep_hidden:
        composite.clear_transparent(result)
    return result


def composed_rows(colours: Colours, alpha: Alpha, shade: Alpha | None, options: Options) -> CutoutRows | None:
    """Return what `composed` does row by row, or None where one row doesn't do without the others."""
    if not _is_alone(shade, options) or read_background(options.background) != Backdrop():
        return None
    return CutoutRows(colours, alpha, clear=not options.keep_hidden)


def _is_alone(shade: Alpha | None, options: Options) -> bool:
    """Return whether the subject stays where it is, without a shadow or an outline."""
    beside = options.outline or options.shadow or (options.keep_shadow and shade is not None)
    moved = options.crop or read_canvas(options.canvas) is not None or read_place(options.place) is not None
    return not beside and not moved


def _placed(subject: Cutout, placement: Placement, canvas: Size, options: Options) -> Cutout:
    """Return the canvas with the subject placed on it; the scale multiplies the size that it would have without."""
    size = subject.shape[0], subject.shape[1]
    own = layout.place(size, canvas, options.scale, (0, 0)).size[0] / size[0] if options.canvas else 1.0
    factor = own * placement.factor
    if size[0] * size[1] * factor**2 > options.max_megapixels * 1e6:
        raise OptionError(
            f"place makes the subject larger than {options.max_megapixels:g} megapixels; give a smaller scale"
        )
    centre = placement.down.pixels(canvas[0]), placement.right.pixels(canvas[1])
    return layout.rotated_onto_canvas(subject, canvas, centre, factor, placement.angle)


def over_background(cutout: Cutout, picture: Picture, box: Box, options: Options, files: Files) -> Cutout:
    """Return the cutout (H, W, 4) over its shadow, and both over the background, where the options ask for them.

    The background is in the colour space and bit depth of `picture`; a blurred one is its part inside `box`.
    """
    size = cutout.shape[0], cutout.shape[1]
    if options.shadow:
        # Here, as below: few cutouts need them, and a command for one picture shouldn't wait for their import.
        from background_remover.compositing.drop_shadow import drop_shadow
        from background_remover.compositing.floor_shadow import contact_shadow, floating_shadow

        cast = {"drop": drop_shadow, "contact": contact_shadow, "floating": floating_shadow}[options.shadow_kind]
        right, down = (length.pixels(max(size)) for length in read_offset("shadow_offset", options.shadow_offset))
        radius = read_length("shadow_blur", options.shadow_blur).pixels(max(size))
        shadow = cast(cutout[..., 3], (right, down), radius, options.shadow_opacity)
        cutout = composite.over(cutout, shadow, linear_light=options.linear_light)
    backdrop = background_of(picture, box, size, options, files)
    return cutout if backdrop is None else composite.over(cutout, backdrop, linear_light=options.linear_light)


def with_outline_and_shadow(cutout: Cutout, alpha: Alpha, shade: Alpha | None, icc: bytes, options: Options) -> Cutout:
    """Return the cutout over its outline, and that over the shadow that it casts in the picture."""
    wanted = read_outline(options.outline)
    if wanted is not None:
        from background_remover.compositing.outline import outline

        width, colour = wanted[0].pixels(max(subject_box(alpha).size)), _levels(wanted[1], cutout, icc)
        cutout = composite.over(cutout, outline(cutout[..., 3], width, colour), linear_light=options.linear_light)
    if options.keep_shadow and shade is not None:
        from background_remover.compositing.drop_shadow import cast_shadow

        cutout = composite.over(cutout, cast_shadow(shade, cutout), linear_light=options.linear_light)
    return cutout


def _opacity(cutout: Cutout) -> Alpha:
    return np.asarray(cutout[..., 3] / np.float32(white(cutout)), dtype=np.float32)


def _levels(colour: Colour, like: Levels, icc: bytes) -> Levels:
    """Return a colour's four levels in a picture's bit depth and colour space."""
    levels = np.array([[colour]], dtype=np.uint8)
    levels[..., :3] = icc_profile.from_srgb(levels[..., :3], icc)
    return at_depth_of(levels[0, 0], like)


def background_file(options: Options, files: Files) -> Picture | None:
    """Decode the picture that options name as the background, if any; raises `ImageError` where it can't be one."""
    name = read_background(options.background).file
    if name is None:
        return None
    behind = side_picture(name, options, files)
    if behind.opacity is not None:
        raise ImageError(f"{name}: a background with transparent pixels; give an opaque picture")
    return behind


def background_of(picture: Picture, box: Box, size: Size, options: Options, files: Files) -> Cutout | None:
    """Return the background at `size`, if any; the picture's own blur is cropped to the same box as the subject."""
    wanted, fit = read_background(options.background), read_fit(options.background_fit)
    colours, icc = picture.colours, picture.metadata.icc
    if wanted.colour is not None:
        return composite.solid(_levels(wanted.colour, colours, icc), size)
    if wanted.gradient is not None:
        start, end = (_levels(colour, colours, icc) for colour in (wanted.gradient.start, wanted.gradient.end))
        return gradient(start, end, size, wanted.gradient.angle)
    if wanted.blur is not None:
        visible = transparency.continued(colours, picture.opacity)
        own = composite.blurred(visible, wanted.blur)[box.top : box.bottom, box.left : box.right]
        return composite.fitted(own, size, fit)
    behind = background_file(options, files)
    if behind is not None:
        return at_depth_of(composite.fitted(icc_profile.from_srgb(behind.image, icc), size, fit), colours)
    return None
