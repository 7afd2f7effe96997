"""`Flow`: the motion from one frame to another, by which an alpha of the other is carried along."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.resample import Pixel
from background_remover.types import Alpha, Image, Size

SIGMA = 0.2  # of the Gaussian weight over the largest difference of the channels, in [0, 1]
WINDOW = 3  # the side of the windows over which differences are averaged, in pixels


@dataclass(frozen=True, eq=False)
class Flow:
    """Where each pixel of a frame lies in another frame.

    `shift` is (h, w, 2), right and down in pixels; `weight`, (h, w) in [0, 1], is how well the colours match there, and
    0 outside the other frame.
    """

    shift: NDArray[np.float32]
    weight: Alpha

    def carry(self, alpha: Alpha) -> Alpha:
        """Return the other frame's alpha, (h, w), at the places where its pixels are in this frame."""
        return _sampled(alpha, self.shift)

    def enlarged(self, size: Size) -> "Flow":
        """Return the flow between the same frames at another size, (height, width)."""
        height, width = self.weight.shape
        shift = cv2.resize(self.shift, size[::-1]) * np.array([size[1] / width, size[0] / height])
        weight = cv2.resize(self.weight, size[::-1])
        return Flow(shift.astype(np.float32), np.asarray(weight, dtype=np.float32))


def flow_between(frame: Image, other: Image) -> Flow:
    """Return the flow from a frame to another one of the same size, (H, W, 3) uint8 each.

    It is DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016), of OpenCV, at its fastest.
    """
    dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (frame, other)]
    shift = np.asarray(dis.calc(*grey, None), dtype=np.float32)
    difference = cv2.absdiff(frame, _sampled(other, shift)).max(axis=2).astype(np.float32) / 255
    difference = cv2.blur(difference, (WINDOW, WINDOW))
    weight = np.exp(-((difference / SIGMA) ** 2)) * _inside(shift)
    return Flow(shift, weight.astype(np.float32))


def _places(shift: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the columns and the rows to which a shift leads."""
    height, width = shift.shape[:2]
    along = np.arange(width, dtype=np.float32) + shift[..., 0]
    down = np.arange(height, dtype=np.float32)[:, None] + shift[..., 1]
    return along, down


def _sampled(array: NDArray[Pixel], shift: NDArray[np.float32]) -> NDArray[Pixel]:
    sampled = cv2.remap(array, *_places(shift), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, dtype=array.dtype)


def _inside(shift: NDArray[np.float32]) -> NDArray[np.bool_]:
    along, down = _places(shift)
    height, width = shift.shape[:2]
    return np.asarray((along >= 0) & (along <= width - 1) & (down >= 0) & (down <= height - 1))
