"""What remove.bg's contract makes of a picture: region, crop, margins, scale, position, background, ZIP."""

import io
import zipfile
from dataclasses import replace
from time import perf_counter

import numpy as np

from background_remover.arrays.bit_depth import at_depth_of, eight_bits, white
from background_remover.arrays.box import Box, subject_box
from background_remover.compositing import composite
from background_remover.compositing.drop_shadow import drop_shadow
from background_remover.compositing.layout import on_canvas, place
from background_remover.errors import ImageError, OptionError
from background_remover.imaging import icc_profile
from background_remover.imaging.metadata import Metadata
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.picture import Picture, resized
from background_remover.imaging.reader import decode
from background_remover.imaging.reader import memory as image_memory
from background_remover.imaging.writer import Result, encode
from background_remover.options import Options
from background_remover.parameters.lengths import Length
from background_remover.pipeline.file_step import CutoutFile
from background_remover.pipeline.memory_estimate import BLURRED, COMPOSED
from background_remover.pipeline.subject_check import no_subject
from background_remover.remover import Remover
from background_remover.server.removebg.parameters import RemoveBgOptions
from background_remover.types import Alpha, Cutout, Size

KINDS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
ZIP = "ZIP"
_SHADOW_OFFSET, _SHADOW_BLUR = (0.01, 0.02), 0.02  # shares of the longer side
_HALF = 0.5  # the alpha from which a pixel is the subject's where nothing may be half transparent


def make(
    remover: Remover, image: bytes, background: bytes | None, wanted: RemoveBgOptions, max_megapixels: float
) -> CutoutFile:
    """The picture that is asked for; `CutoutFile.box` lies in the picture as it was brought to size.

    Raises `ImageError` and `NoSubject`, and `OptionError` where the region or the frame can't be.
    """
    start = perf_counter()
    picture = shrunk(decode(image, name="the image", max_megapixels=max_megapixels), wanted.megapixels)
    size = picture.image.shape[0], picture.image.shape[1]
    region = _region(wanted.roi, size)
    seconds = {"read": perf_counter() - start}
    options = Options(threshold=0.0 if wanted.semitransparency else _HALF, keep_hidden=True)
    cut = remover.cut(_part(picture, region), options)
    if cut.empty:
        raise no_subject(cut.confidence, Options())  # its clients have no field for any of them
    start = perf_counter()
    alpha: Alpha = np.zeros(size, np.float32)
    alpha[region.top : region.bottom, region.left : region.right] = cut.alpha
    whole = np.zeros((*size, 4), cut.result.pixels.dtype)
    whole[region.top : region.bottom, region.left : region.right] = cut.result.pixels
    box = subject_box(alpha)
    framed = _framed(whole, box, wanted, max_megapixels)
    more = {"read": seconds["read"], "compose": perf_counter() - start}
    seconds = {step: time + more.get(step, 0.0) for step, time in cut.seconds.items()}
    start = perf_counter()
    data, kind = _file(framed, background, wanted, cut.result.metadata, max_megapixels)
    seconds["write"] = perf_counter() - start
    return CutoutFile(
        data, kind, (framed.shape[0], framed.shape[1]), box, 1, cut.confidence, False, cut.unsure, seconds
    )


def memory(image: bytes, background: bytes | None, wanted: RemoveBgOptions) -> int:
    """The bytes that `make` takes at most; raises `ImageError` where one isn't a picture."""
    own = image_memory(image, extra=BLURRED if wanted.shadow else COMPOSED)
    return own if background is None else own + image_memory(background)


def shrunk(picture: Picture, megapixels: float) -> Picture:
    """The picture brought down to so many megapixels; a smaller one stays as it is."""
    height, width = picture.image.shape[:2]
    factor = (megapixels * 1e6 / (height * width)) ** 0.5
    if factor >= 1:
        return picture
    return resized(picture, (max(1, int(height * factor)), max(1, int(width * factor))))


def _region(roi: tuple[Length, ...], size: Size) -> Box:
    height, width = size
    left, top, right, bottom = (
        min(round(length.pixels(whole)), whole)
        for length, whole in zip(roi, (width, height, width, height), strict=True)
    )
    if left >= right or top >= bottom:
        raise OptionError(f"roi holds no pixel of the picture of {width}x{height}; give left, top, right and bottom")
    return Box(top, left, bottom, right)


def _part(picture: Picture, box: Box) -> Picture:
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    return replace(
        picture,
        image=np.ascontiguousarray(picture.image[rows, columns]),
        opacity=None if picture.opacity is None else np.ascontiguousarray(picture.opacity[rows, columns]),
        native=None if picture.native is None else np.ascontiguousarray(picture.native[rows, columns]),
    )


def _framed(whole: Cutout, box: Box, wanted: RemoveBgOptions, max_megapixels: float) -> Cutout:
    """The subject in its frame: the picture's own, or one around it."""
    if not wanted.crop and wanted.scale is None and wanted.position is None:
        return whole
    height, width = box.size
    canvas, top, left = (whole.shape[0], whole.shape[1]), box.top, box.left
    if wanted.crop:
        sides = (height, width, height, width)
        above, right, below, left = (
            round(margin.pixels(side)) for margin, side in zip(wanted.margins, sides, strict=True)
        )
        canvas, top = (height + above + below, width + left + right), above
    if canvas[0] * canvas[1] > max_megapixels * 1e6:
        raise OptionError(f"crop_margin makes a picture of over {max_megapixels:g} megapixels; give less")
    subject = whole[box.top : box.bottom, box.left : box.right]
    if wanted.scale is not None:
        across, down = wanted.position or (0.5, 0.5)
        return on_canvas(subject, canvas, place(box.size, canvas, wanted.scale, (down, across)))
    if wanted.position is not None:
        across, down = wanted.position
        top, left = round((canvas[0] - height) * down), round((canvas[1] - width) * across)
    return on_canvas(subject, canvas, Box(top, left, top + height, left + width))


def _file(
    framed: Cutout, background: bytes | None, wanted: RemoveBgOptions, metadata: Metadata, max_megapixels: float
) -> tuple[bytes, str]:
    """The bytes and the kind of the file that is asked for."""
    size = framed.shape[0], framed.shape[1]
    metadata = metadata.of_size(size)
    if wanted.only_alpha:
        kind = KINDS.get(wanted.format, "PNG")
        return encode(
            Result(eight_bits(framed[..., 3]), replace(metadata, icc=b"")), OutputOptions(), kind, "alpha"
        ), kind
    if wanted.format == "zip" and not (wanted.shadow or wanted.colour or background):
        return _zipped(framed, metadata), ZIP
    finished = framed.copy()
    composite.hide(finished)
    if wanted.shadow:
        side = max(size)
        offset = (_SHADOW_OFFSET[0] * side, _SHADOW_OFFSET[1] * side)
        dropped = drop_shadow(finished[..., 3], offset, _SHADOW_BLUR * side, wanted.shadow)
        finished = composite.over(finished, dropped)
    behind = _behind(finished, background, wanted, metadata.icc, max_megapixels)
    if behind is not None:
        finished = composite.over(finished, behind)
    if wanted.format == "zip":
        return _zipped(finished, metadata), ZIP
    opaque = bool((finished[..., 3] == white(finished)).all())
    kind = KINDS.get(wanted.format, "JPEG" if opaque else "PNG")
    if kind == "JPEG" and not opaque:  # it holds no transparency, so there is paper behind it
        finished = composite.over(finished, np.full_like(finished, white(finished)))
        opaque = True
    pixels = np.ascontiguousarray(finished[..., :3]) if opaque else finished
    return encode(Result(pixels, metadata), OutputOptions(), kind, "image"), kind


def _behind(
    finished: Cutout, background: bytes | None, wanted: RemoveBgOptions, icc: bytes, max_megapixels: float
) -> Cutout | None:
    size = finished.shape[0], finished.shape[1]
    if background is not None:
        picture = decode(background, name="the background", max_megapixels=max_megapixels)
        if picture.opacity is not None:
            raise ImageError("the background has transparent pixels; give an opaque picture")
        return at_depth_of(composite.fitted(icc_profile.from_srgb(picture.image, icc), size, "cover"), finished)
    if wanted.colour is not None:
        levels = np.array([[wanted.colour]], np.uint8)
        levels[..., :3] = icc_profile.from_srgb(levels[..., :3], icc)
        return composite.plain(at_depth_of(levels, finished), size)
    return None


def _zipped(pixels: Cutout, metadata: Metadata) -> bytes:
    """The colours as a JPEG and the alpha as a PNG, which need no more packing."""
    colours = Result(np.ascontiguousarray(pixels[..., :3]), metadata)
    alpha = Result(eight_bits(pixels[..., 3]))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, result, kind in (("color.jpg", colours, "JPEG"), ("alpha.png", alpha, "PNG")):
            archive.writestr(zipfile.ZipInfo(name), encode(result, OutputOptions(), kind, name))
    return buffer.getvalue()
