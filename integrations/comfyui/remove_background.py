"""A node for ComfyUI: images in, their cutouts and alphas out. Copy this file into ComfyUI's folder `custom_nodes`."""

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from background_remover import Cut, Options, Remover
from background_remover.models import DEFAULT, MODELS

if TYPE_CHECKING:
    from torch import Tensor  # ComfyUI's own; nothing here imports it


class RemoveBackground:
    """The node: an IMAGE and a MASK of the subject, which is 1 where it is."""

    CATEGORY = "image"
    DESCRIPTION = "Cut the subject of each image out, offline."
    FUNCTION = "remove"
    RETURN_TYPES = ("IMAGE", "MASK")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI names it
        """Return the inputs: the images, a model, and what is put behind, as for `Options.background`."""
        known = "none, a colour, gradient:COLOUR,COLOUR, a picture's file, or blur:RADIUS"
        behind = {"default": Options.background, "tooltip": known}
        return {
            "required": {
                "image": ("IMAGE",),
                "model": (list(MODELS), {"default": DEFAULT}),
                "background": ("STRING", behind),
            }
        }

    def remove(self, image: "Tensor", model: str, background: str) -> tuple["Tensor", "Tensor"]:
        """Return the cutouts, (B, H, W, 4) with straight alpha or (B, H, W, 3) over a background, and their alphas.

        `image` is (B, H, W, 3), like the results float32 in [0, 1]. An image without a subject has an alpha near 0.
        """
        options = Options(background=background)
        cuts = [remover(model).cut(frame, options) for frame in image.cpu().numpy()]
        pixels = np.stack([levels(cut) for cut in cuts])
        return image.new_tensor(pixels), image.new_tensor(np.stack([cut.alpha for cut in cuts]))


@functools.lru_cache(maxsize=1)
def remover(model: str) -> Remover:
    """Return the model, which stays open until another one is asked for."""
    return Remover(model)


def levels(cut: Cut) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return a cutout's pixels as float32 in [0, 1], with all the bits that they have."""
    pixels = cut.result.pixels
    return pixels.astype(np.float32) / np.iinfo(pixels.dtype).max


NODE_CLASS_MAPPINGS = {"RemoveBackground": RemoveBackground}
NODE_DISPLAY_NAME_MAPPINGS = {"RemoveBackground": "Remove Background (background-remover)"}
