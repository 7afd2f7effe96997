"""ICC profiles: colours taken from a profile's space to sRGB, and from sRGB to it."""

import functools
import io

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageCms

from background_remover.types import Image

_SPACES = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}  # Pillow's mode -> an ICC profile's space
_INTENT = ImageCms.Intent.PERCEPTUAL


def to_srgb(image: PillowImage.Image, icc: bytes) -> PillowImage.Image | None:
    """Convert a picture of mode "RGB", "L" or "CMYK" to sRGB, of mode "RGB".

    None where there is nothing to be done, or nothing that can be: the profile is missing, sRGB, broken, or of other
    colours than these.
    """
    if not icc or space(icc) != _SPACES.get(image.mode) or is_srgb(icc):
        return None
    try:
        return ImageCms.profileToProfile(image, _open(icc), _srgb(), renderingIntent=_INTENT, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return None


def from_srgb(colours: Image, icc: bytes) -> Image:
    """Convert colours of sRGB, (H, W, 3) uint8, to the space of a profile for which `is_two_way` holds, or of none."""
    if not icc or is_srgb(icc):
        return colours
    image = PillowImage.fromarray(np.ascontiguousarray(colours))
    taken = ImageCms.profileToProfile(image, _srgb(), _open(icc), renderingIntent=_INTENT, outputMode="RGB")
    return colours if taken is None else np.asarray(taken)


@functools.lru_cache(maxsize=16)
def space(icc: bytes) -> str:
    """Return the colour space of a profile: "RGB", "GRAY", "CMYK" or another of ICC's names; "" where it is broken."""
    try:
        return _open(icc).profile.xcolor_space.strip()
    except (ImageCms.PyCMSError, OSError):
        return ""


@functools.lru_cache(maxsize=16)
def is_srgb(icc: bytes) -> bool:
    """Return whether a profile calls itself sRGB."""
    try:
        return "sRGB" in ImageCms.getProfileDescription(_open(icc))
    except (ImageCms.PyCMSError, OSError):
        return False


@functools.lru_cache(maxsize=16)
def is_two_way(icc: bytes) -> bool:
    """Return whether a profile is of RGB colours that can be converted both ways: a camera's may be only read."""
    try:
        return space(icc) == "RGB" and bool(
            ImageCms.isIntentSupported(_open(icc), _INTENT, ImageCms.Direction.OUTPUT) == 1
        )
    except (ImageCms.PyCMSError, OSError):
        return False


def _open(icc: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(io.BytesIO(icc))


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
