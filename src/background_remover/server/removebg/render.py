"""`Rendering`: what remove.bg's API makes of a picture: region, crop, margins, scale, position, background, ZIP."""

import io
import zipfile
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter

import numpy as np

from background_remover.arrays.bit_depth import eight_bits, white
from background_remover.arrays.box import Box, subject_box
from background_remover.compositing import composite
from background_remover.compositing.layout import on_canvas, place
from background_remover.errors import OptionError
from background_remover.imaging.file import File
from background_remover.imaging.metadata import Metadata
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.picture import Picture, resized
from background_remover.imaging.reader import decode
from background_remover.imaging.reader import memory as image_memory
from background_remover.imaging.writer import Result, encode
from background_remover.options import HARD_EDGE, Options
from background_remover.parameters.lengths import Length
from background_remover.pipeline.compose import over_background
from background_remover.pipeline.cut import Cut
from background_remover.pipeline.file_step import CutoutFile
from background_remover.pipeline.memory_estimate import BLURRED, COMPOSED
from background_remover.pipeline.source import Files
from background_remover.pipeline.subject_check import no_subject
from background_remover.remover import Remover
from background_remover.server.removebg.parameters import RemoveBgOptions
from background_remover.server.request.fields import SENT
from background_remover.server.responses import TYPES
from background_remover.types import Alpha, Cutout, Size

ZIP = "ZIP"
MEDIA_TYPES = {kind: TYPES[kind] for kind in ("PNG", "JPEG", "WEBP")} | {ZIP: "application/zip"}
"""Pillow's name of a format, or `ZIP` -> its media type."""
_KINDS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
_BACKGROUND = SENT.format("background")


@dataclass(frozen=True)
class Rendering:
    """A picture's file, that of its background if there is one, and what is to be made of them."""

    image: bytes
    background: bytes | None
    options: RemoveBgOptions
    max_megapixels: float

    @cached_property
    def file(self) -> File:
        """The picture's file; its header is read once, whoever asks for it."""
        return File(self.image, "the image")

    @cached_property
    def files(self) -> Files:
        """The background's file, by the name that it has in `Options`; its header is read once too."""
        return {} if self.background is None else {_BACKGROUND: File(self.background, _BACKGROUND)}

    def memory(self) -> int:
        """Return the bytes of memory that `run` takes at most; raises `ImageError` where a file isn't a picture."""
        own = image_memory(self.file, extra=BLURRED if self.options.shadow else COMPOSED)
        return own + sum(image_memory(each) for each in self.files.values())

    def run(self, remover: Remover) -> CutoutFile:
        """Return the file that is asked for; its `box` is in the picture as it was resized.

        Raises `ImageError`, `NoSubject`, and `OptionError` where the region is empty or the canvas too large.
        """
        times = [perf_counter()]
        picture = self._picture()
        size = picture.image.shape[0], picture.image.shape[1]
        region = _region(self.options.roi, size)
        times.append(perf_counter())
        cut = remover.cut(_part(picture, region), self._cutting())
        if cut.empty:
            raise no_subject(cut.confidence, Options())  # its clients have no field for any of them
        times.append(perf_counter())
        alpha, cutout = _uncropped(cut, region, size)
        box = subject_box(alpha)
        framed = _framed(cutout, box, self.options, self.max_megapixels)
        finished = self._over_background(framed, picture)
        times.append(perf_counter())
        data, kind = self._encoded(finished, cut.result.metadata)
        read, _, compose, write = (end - start for start, end in zip(times, [*times[1:], perf_counter()], strict=True))
        seconds = {step: time + {"read": read, "compose": compose}.get(step, 0.0) for step, time in cut.seconds.items()}
        judged = cut.confidence, False, cut.unsure
        return CutoutFile(data, kind, finished.shape[:2], box, 1, *judged, seconds | {"write": write})

    def _picture(self) -> Picture:
        """Return the picture, resized to `megapixels` where it is larger."""
        picture = decode(self.file, max_megapixels=self.max_megapixels)
        height, width = picture.image.shape[:2]
        factor = (self.options.megapixels * 1e6 / (height * width)) ** 0.5
        if factor >= 1:
            return picture
        return resized(picture, (max(1, int(height * factor)), max(1, int(width * factor))))

    @property
    def _cutout_alone(self) -> bool:
        """Whether the file holds the cutout's alpha or its layers, without anything behind it."""
        behind = self.options.shadow or self.options.colour or self.background
        return self.options.only_alpha or (self.options.format == "zip" and not behind)

    def _cutting(self) -> Options:
        return Options(threshold=0.0 if self.options.semitransparency else HARD_EDGE, keep_hidden=True)

    def _over_background(self, framed: Cutout, picture: Picture) -> Cutout:
        """Return the cutout over its drop shadow and its background, as `POST /remove` composes them."""
        if self._cutout_alone:
            return framed
        options = Options(
            shadow=bool(self.options.shadow),
            shadow_opacity=self.options.shadow,
            background=_BACKGROUND if self.background is not None else self.options.colour or "none",
            max_megapixels=self.max_megapixels,
        )
        finished = framed.copy()
        composite.clear_transparent(finished)
        return over_background(finished, picture, Box(0, 0, *picture.image.shape[:2]), options, self.files)

    def _encoded(self, pixels: Cutout, metadata: Metadata) -> tuple[bytes, str]:
        """Return the bytes and the kind of the file, of (H, W, 4) levels."""
        metadata = metadata.of_size((pixels.shape[0], pixels.shape[1]))
        if self.options.only_alpha:
            kind = _KINDS.get(self.options.format, "PNG")
            alpha = Result(eight_bits(pixels[..., 3]), replace(metadata, icc=b""))
            return encode(alpha, OutputOptions(), kind, "alpha"), kind
        if self.options.format == "zip":
            return _zipped(pixels, metadata), ZIP
        opaque = bool((pixels[..., 3] == white(pixels)).all())
        kind = _KINDS.get(self.options.format, "JPEG" if opaque else "PNG")
        if kind == "JPEG" and not opaque:  # it holds no transparency, so there is paper behind it
            pixels = composite.over(pixels, np.full_like(pixels, white(pixels)))
            opaque = True
        levels = np.ascontiguousarray(pixels[..., :3]) if opaque else pixels
        return encode(Result(levels, metadata), OutputOptions(), kind, "image"), kind


def _uncropped(cut: Cut, region: Box, size: Size) -> tuple[Alpha, Cutout]:
    """Return a region's alpha and cutout inside a picture of `size` that is transparent around it."""
    rows, columns = slice(region.top, region.bottom), slice(region.left, region.right)
    alpha: Alpha = np.zeros(size, np.float32)
    alpha[rows, columns] = cut.alpha
    cutout: Cutout = np.zeros((*size, 4), cut.result.pixels.dtype)
    cutout[rows, columns] = cut.result.pixels
    return alpha, cutout


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


def _framed(cutout: Cutout, box: Box, options: RemoveBgOptions, max_megapixels: float) -> Cutout:
    """Return the subject on its canvas: the picture's own, or the subject's box with its margins."""
    if not options.crop and options.scale is None and options.position is None:
        return cutout
    height, width = box.size
    canvas, top, left = (cutout.shape[0], cutout.shape[1]), box.top, box.left
    if options.crop:
        sides = (height, width, height, width)
        above, right, below, left = (
            round(margin.pixels(side)) for margin, side in zip(options.margins, sides, strict=True)
        )
        canvas, top = (height + above + below, width + left + right), above
    if canvas[0] * canvas[1] > max_megapixels * 1e6:
        raise OptionError(f"crop_margin makes a picture of over {max_megapixels:g} megapixels; give less")
    subject = cutout[box.top : box.bottom, box.left : box.right]
    if options.scale is not None:
        across, down = options.position or (0.5, 0.5)
        return on_canvas(subject, canvas, place(box.size, canvas, options.scale, (down, across)))
    if options.position is not None:
        across, down = options.position
        top, left = round((canvas[0] - height) * down), round((canvas[1] - width) * across)
    return on_canvas(subject, canvas, Box(top, left, top + height, left + width))


def _zipped(pixels: Cutout, metadata: Metadata) -> bytes:
    """Return a ZIP of the colours as a JPEG and the alpha as a PNG, neither of which is compressed further."""
    colours = Result(np.ascontiguousarray(pixels[..., :3]), metadata)
    alpha = Result(eight_bits(pixels[..., 3]))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, result, kind in (("color.jpg", colours, "JPEG"), ("alpha.png", alpha, "PNG")):
            archive.writestr(zipfile.ZipInfo(name), encode(result, OutputOptions(), kind, name))
    return buffer.getvalue()
