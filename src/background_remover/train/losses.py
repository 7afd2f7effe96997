"""What training makes small: named terms, each a mean over the batch."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the customary name


def cross_entropy(logits: Tensor, alphas: Tensor, known: Tensor) -> Tensor:
    """Binary cross-entropy over the known pixels; all (B, 1, H, W), the truth may be soft."""
    loss = F.binary_cross_entropy_with_logits(logits, alphas, reduction="none")
    return (loss * known).sum() / known.sum().clamp(min=1)


def soft_iou(logits: Tensor, alphas: Tensor, known: Tensor) -> Tensor:
    """1 - intersection over union of the alphas, per picture (Rahman and Wang 2016); all (B, 1, H, W).

    A picture with no subject counts by its false area: one pixel in the union keeps the quotient defined and its
    gradient alive.
    """
    predicted, truth = torch.sigmoid(logits) * known, alphas * known
    intersection = (predicted * truth).sum((1, 2, 3))
    union = (predicted + truth - predicted * truth).sum((1, 2, 3))
    return (1 - (intersection + 1) / (union + 1)).mean()


def total(logits: Tensor, alphas: Tensor, known: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The sum to go down, and its terms by name, detached."""
    terms = {
        "cross_entropy": cross_entropy(logits, alphas, known),
        "soft_iou": soft_iou(logits, alphas, known),
    }
    return torch.stack(list(terms.values())).sum(), {name: term.detach() for name, term in terms.items()}
