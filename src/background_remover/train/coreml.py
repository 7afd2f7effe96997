"""Conversion to Core ML: a network is rebuilt in PyTorch and converted."""

import logging
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from background_remover.errors import Error
from background_remover.segmentation.network import INPUT, OUTPUT, Card, Network
from background_remover.train.export import Contract
from background_remover.train.initial_weights import rebuild
from background_remover.types import Size


class ImageContract(nn.Module):
    """A network behind Core ML's image types: an RGB image in, a grey one out."""

    def __init__(self, contract: Contract) -> None:
        super().__init__()
        self.contract = contract

    def forward(self, image: Tensor) -> Tensor:
        """(1, 3, H, W) levels in [0, 255] -> (1, 1, H, W) alpha in [0, 1]."""
        alphas: Tensor = self.contract(image.permute(0, 2, 3, 1))
        return alphas[:, None]


def write(path: Path, out: Path, size: Size) -> None:
    """Write a model file as an .mlpackage for pictures of that size (height, width).

    It needs iOS 16 or macOS 13, whose images can hold numbers of half precision. Raises `ModelError` as `rebuild` does,
    and `Error` where coremltools isn't installed.
    """
    coremltools = _library()
    module = ImageContract(rebuild(path)).eval()
    traced = torch.jit.trace(module, torch.zeros(1, 3, *size))  # type: ignore[no-untyped-call]
    model = coremltools.convert(
        traced,
        inputs=[coremltools.ImageType(INPUT, (1, 3, *size), color_layout=coremltools.colorlayout.RGB)],
        outputs=[coremltools.ImageType(OUTPUT, color_layout=coremltools.colorlayout.GRAYSCALE_FLOAT16)],
        minimum_deployment_target=coremltools.target.iOS16,
    )
    _describe(model, Network(path).card)
    model.save(str(out))


def _library() -> Any:
    """Import coremltools, which warns of every version of every library that it wasn't tested with."""
    logging.getLogger("coremltools").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import coremltools
    except ImportError as error:
        raise Error(f"needs an extra ({error}): pip install 'background-remover[export-coreml]'") from error
    return coremltools


def _describe(model: Any, card: Card) -> None:
    model.short_description = "How much of each pixel is the subject, in [0, 1]"
    model.version, model.license = card.version, card.license
    model.user_defined_metadata.update(card.to_metadata())
