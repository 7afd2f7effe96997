"""A training run on disk: recipe, weights, averaged weights, optimiser, step; `load_module` rebuilds the network."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from background_remover.errors import ModelError, one_line
from background_remover.imaging.atomic import whole
from background_remover.train.config import Recipe
from background_remover.train.networks.clicks import ClickUNet
from background_remover.train.networks.lite import LiteUNet
from background_remover.train.networks.unet import UNet

MODULES: dict[str, Callable[[Recipe], nn.Module]] = {
    "unet": lambda recipe: UNet(recipe.dropout),
    "unet-lite2": lambda recipe: LiteUNet("lite2", frozen=recipe.frozen),
    "unet-lite2-clicks": lambda recipe: ClickUNet("lite2", frozen=recipe.frozen),
}

State = dict[str, Tensor]


@dataclass
class Checkpoint:
    """The state of a run: enough to resume it, or to rebuild its network."""

    recipe: Recipe
    averaged: State  # the weights to use: their exponential moving average
    samples: int = 0  # seen so far
    step: int = 0
    module: State | None = None  # none in a checkpoint that is only for use
    optimiser: dict[str, Any] | None = None
    best: float = 0.0  # validation IoU
    history: list[dict[str, float]] = field(default_factory=list)  # a row per epoch
    seconds: float = 0.0  # that the run has taken so far
    finished: bool = False
    data: list[str] = field(default_factory=list)  # what it learns from: a line per source

    def for_use(self) -> "Checkpoint":
        """Return the part that rebuilds the network, a quarter of the whole."""
        return Checkpoint(self.recipe, self.averaged, self.samples, self.step, best=self.best)

    def save(self, path: Path) -> None:
        """Write the file whole or not at all; `ImageError` where it can't be written."""
        with whole(path) as temporary, temporary.open("wb") as file:
            try:
                torch.save({**vars(self), "recipe": self.recipe.to_dict()}, file)
            except RuntimeError as error:
                if isinstance(error.__context__, OSError):  # what went wrong; PyTorch then adds that the file is short
                    raise error.__context__ from None
                raise

    @staticmethod
    def load(path: Path) -> "Checkpoint":
        """Read a checkpoint, on the CPU; `ModelError` where the file is no checkpoint."""
        if not path.is_file():
            raise ModelError(f"{path}: no such checkpoint")
        try:
            values = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # at damaged bytes torch raises whatever its unpickler runs into
            raise ModelError(f"{path}: not a checkpoint; give a file that fit wrote") from error
        try:
            return Checkpoint(**{**values, "recipe": Recipe.from_dict(values["recipe"])})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelError(f"{path}: not a checkpoint of this version ({one_line(error)})") from error


def build(recipe: Recipe) -> nn.Module:
    """Return the network of a recipe, with fresh weights; `ModelError` for an unknown one."""
    if recipe.module not in MODULES:
        raise ModelError(f"unknown module {recipe.module!r}; known: {', '.join(MODULES)}")
    return MODULES[recipe.module](recipe)


def load_module(path: Path) -> nn.Module:
    """Return a checkpoint's network with averaged weights, in evaluation mode; `ModelError` where they don't fit."""
    checkpoint = Checkpoint.load(path)
    module = build(checkpoint.recipe)
    try:
        module.load_state_dict(checkpoint.averaged)
    except RuntimeError as error:
        raise ModelError(f"{path}: its weights don't fit the module {checkpoint.recipe.module!r}") from error
    return module.eval()
