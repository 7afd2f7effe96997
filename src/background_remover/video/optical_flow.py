"""`Flow`: the motion from one frame to another, by which an alpha of the other is warped."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.resample import Pixel
from background_remover.types import Alpha, Image, Size

SIGMA = 0.2  # of the Gaussian weight over the largest difference of the channels, in [0, 1]
WINDOW = 3  # the side of the windows over which differences are averaged, in pixels

Places = tuple[NDArray[np.float32], NDArray[np.float32]]
"""The columns and the rows of places in a frame, (h, w) each."""


@dataclass(frozen=True, eq=False)
class Flow:
    """Where each pixel of a frame lies in another frame.

    `shift` is (h, w, 2), right and down in pixels; `weight`, (h, w) in [0, 1], is how well the colours match there, and
    0 outside the other frame.
    """

    shift: NDArray[np.float32]
    weight: Alpha

    def warp(self, alpha: Alpha) -> Alpha:
        """Return the other frame's alpha, (h, w), at the places where its pixels are in this frame."""
        return _at(alpha, _places(self.shift))

    def enlarged(self, size: Size) -> "Flow":
        """Return the flow between the same frames at another size, (height, width)."""
        height, width = self.weight.shape
        shift = np.asarray(cv2.resize(self.shift, size[::-1]), dtype=np.float32)
        shift[..., 0] *= size[1] / width  # each by itself: over an axis of two numbers NumPy takes ten times as long
        shift[..., 1] *= size[0] / height
        weight = cv2.resize(self.weight, size[::-1])
        return Flow(shift, np.asarray(weight, dtype=np.float32))


def flow_between(frame: Image, other: Image) -> Flow:
    """Return the flow from a frame to another one of the same size, (H, W, 3) uint8 each.

    It is DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016), of OpenCV, at its fastest.
    """
    dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (frame, other)]
    shift = np.asarray(dis.calc(*grey, None), dtype=np.float32)
    places = _places(shift)
    red, green, blue = cv2.split(cv2.absdiff(frame, _at(other, places)))
    difference = cv2.blur(cv2.max(cv2.max(red, green), blue).astype(np.float32) / 255, (WINDOW, WINDOW))
    weight = np.exp(-((difference / SIGMA) ** 2)) * _inside(places)
    return Flow(shift, weight.astype(np.float32))


def _places(shift: NDArray[np.float32]) -> Places:
    """Return the columns and the rows to which a shift leads."""
    height, width = shift.shape[:2]
    along = np.arange(width, dtype=np.float32) + shift[..., 0]
    down = np.arange(height, dtype=np.float32)[:, None] + shift[..., 1]
    return along, down


def _at(array: NDArray[Pixel], places: Places) -> NDArray[Pixel]:
    """Return what an array holds at these places, between its pixels by bilinear interpolation."""
    sampled = cv2.remap(array, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, dtype=array.dtype)


def _inside(places: Places) -> NDArray[np.bool_]:
    along, down = places
    height, width = along.shape
    return np.asarray((along >= 0) & (along <= width - 1) & (down >= 0) & (down <= height - 1))
