"""The photo that files are measured with, and its subject.

It is a JPEG made of scikit-image's photos, side by side, enlarged and with the noise of a camera. Its subject is an
ellipse with a soft rim in the middle, 44 % of it, lit more brightly.
"""

import io
from pathlib import Path

import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.types import Alpha, Cutout, Image, Size

PHOTOS = ("chelsea", "coffee", "astronaut", "rocket")
NOISE, QUALITY = 2.0, 92  # a standard deviation in levels, and of the JPEG
SHADE = 0.4  # of the light on the subject, what falls on the background: without a visible rim there is none to find


def photograph(size: Size) -> bytes:
    """Return a JPEG as of a camera, of (height, width)."""
    height, width = size
    canvas = PillowImage.new("RGB", (width, height))
    side, number = -(-3 * height // 10), 0
    for top in range(0, height, side):
        left = 0
        while left < width:
            tile = PillowImage.fromarray(getattr(skimage.data, PHOTOS[number % len(PHOTOS)])())
            tile = tile.resize((max(1, tile.width * side // tile.height), side), PillowImage.Resampling.BICUBIC)
            canvas.paste(tile, (left, top))
            left, number = left + tile.width, number + 1
    return taken(np.asarray(canvas) * (SHADE + (1 - SHADE) * ellipse(size)[..., None]))


def enlarged(photo: Path, megapixels: float) -> bytes:
    """Return a JPEG as of a camera of so many megapixels, of a photo that has fewer."""
    with PillowImage.open(photo) as image:
        scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
        size = round(image.width * scale), round(image.height * scale)
        return taken(np.asarray(image.convert("RGB").resize(size, PillowImage.Resampling.BICUBIC), dtype=np.float32))


def taken(scene: NDArray[np.float32]) -> bytes:
    """Return a JPEG of a scene, (H, W, 3) levels, as a camera takes it: with noise, the same every time."""
    noise = np.random.default_rng(0).standard_normal(scene.shape, dtype=np.float32) * np.float32(NOISE)
    buffer = io.BytesIO()
    levels = np.clip(np.rint(scene + noise), 0, 255).astype(np.uint8)
    PillowImage.fromarray(levels).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def ellipse(size: Size) -> Alpha:
    """Return an alpha of that size, (height, width), with a rim of about a fiftieth of its breadth."""
    down, along = (np.linspace(-1, 1, length, dtype=np.float32) for length in size)
    alpha: Alpha = np.clip((1 - np.hypot(down[:, None] / 0.8, along / 0.7)) * 50 + 0.5, 0, 1)
    return alpha


def cut_out(image: Image, *, zeroed: bool) -> Cutout:
    """Return the photo with the subject's alpha; hidden colours are kept or `zeroed`."""
    alpha = np.rint(ellipse((image.shape[0], image.shape[1])) * 255).astype(np.uint8)
    cutout = np.dstack([image, alpha])
    return cutout * (cutout[..., 3:] > 0) if zeroed else cutout


def read(photo: Path | None, megapixels: float) -> bytes:
    """Return the bytes of the photo that is asked for."""
    if photo is not None:
        return photo.read_bytes()
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    return photograph((height, round(megapixels * 1e6 / height)))


def decoded(data: bytes) -> Image:
    """Return the photo's pixels."""
    with PillowImage.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))
