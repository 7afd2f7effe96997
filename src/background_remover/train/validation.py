"""The score of a network on the pictures held out of training."""

import math

import lightning_fabric
import torch
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.segmentation.preprocessing import fit_size
from background_remover.train import checkpoint
from background_remover.train.checkpoint import State
from background_remover.train.config import Recipe
from background_remover.train.data import clicks
from background_remover.train.data.dataset import Bank
from background_remover.train.networks.imagenet import normalise


@torch.no_grad()
def validate(recipe: Recipe, averaged: State, bank: Bank, fabric: lightning_fabric.Fabric) -> dict[str, float]:
    """Return the mean per-picture IoU over all pictures with a subject, as "iou", and over each source's by its name.

    Every picture whole, at the size it would have in use; the unknown part of a truth is left out. A click network
    gets one in the middle of the subject.
    """
    module = checkpoint.build(recipe).to(fabric.device).eval()
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # PyTorch's types leave it out
    module.load_state_dict(averaged)
    longest = recipe.stages[-1].size
    sizes = [fit_size((1000, max(1, round(1000 * aspect))), 32, longest) for aspect in bank.aspects.tolist()]
    scores = torch.full((len(bank),), math.nan)
    for size in sorted(set(sizes)):
        same = [i for i, other in enumerate(sizes) if other == size]
        for start in range(0, len(same), 32):
            chosen = torch.tensor(same[start : start + 32], device=bank.tiles.device)
            layers = F.interpolate(bank.tiles[chosen].float() / 255, size, mode="area")
            images, alphas, known = torch.split(layers, [3, 1, 1], dim=1)
            inputs = normalise(images).contiguous(memory_format=torch.channels_last)
            with fabric.autocast():
                logits = module(inputs if recipe.clicks is None else clicks.one_click(inputs, alphas))
            predicted, truth, counts = logits > 0, alphas > 0.5, known > 0.99
            union = ((predicted | truth) & counts).sum((1, 2, 3))
            intersection = (predicted & truth & counts).sum((1, 2, 3))
            scores[chosen.cpu()] = torch.where(truth.any(3).any(2)[:, 0], intersection / union, math.nan).cpu()
    sources = bank.sources.cpu()
    by_source = {
        f"iou_{source.name}": scores[sources == i].nanmean().item()
        for i, source in enumerate(bank.mixture)
        if source.kind == "pairs"
    }
    pairs = bank.of_kind("pairs").cpu()
    return {"iou": scores[pairs].nanmean().item(), **by_source}
