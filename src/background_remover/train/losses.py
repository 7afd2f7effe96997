"""The loss functions of training: named terms, each a mean over the batch."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the customary name


def cross_entropy(logits: Tensor, alphas: Tensor, known: Tensor) -> Tensor:
    """Return the binary cross-entropy over the known pixels; all (B, 1, H, W), the truth may be soft."""
    loss = F.binary_cross_entropy_with_logits(logits, alphas, reduction="none")
    return (loss * known).sum() / known.sum().clamp(min=1)


def soft_iou(logits: Tensor, alphas: Tensor, known: Tensor) -> Tensor:
    """Return 1 - intersection over union of the alphas, per picture (Rahman and Wang 2016); all (B, 1, H, W).

    `known` may be any weight of the pixels, not 0 and 1 alone.

    A picture with no subject counts by its false area: one pixel in the union keeps the quotient defined and its
    gradient alive.
    """
    predicted = torch.sigmoid(logits)
    intersection = (predicted * alphas * known).sum((1, 2, 3))
    union = ((predicted + alphas - predicted * alphas) * known).sum((1, 2, 3))
    return (1 - (intersection + 1) / (union + 1)).mean()


def structure_cross_entropy(logits: Tensor, alphas: Tensor, known: Tensor) -> Tensor:
    """Return the binary cross-entropy; pixels near a true edge weigh up to six times (F3Net, Wei et al. 2020)."""
    loss = F.binary_cross_entropy_with_logits(logits, alphas, reduction="none")
    weights = edge_weights(alphas) * known
    return (loss * weights).sum() / weights.sum().clamp(min=1)


def structure_iou(logits: Tensor, alphas: Tensor, known: Tensor) -> Tensor:
    """Return `soft_iou` with the weights of `structure_cross_entropy`."""
    return soft_iou(logits, alphas, edge_weights(alphas) * known)


def absolute(logits: Tensor, alphas: Tensor, known: Tensor) -> Tensor:
    """Return the mean absolute difference of the alphas over the known pixels."""
    return ((torch.sigmoid(logits) - alphas).abs() * known).sum() / known.sum().clamp(min=1)


def edge_weights(alphas: Tensor) -> Tensor:
    """Return (B, 1, H, W) in [1, 6]: how much the truth differs from its mean over about an eighth of the side."""
    reach = max(alphas.shape[-2:]) // 16
    mean = F.avg_pool2d(alphas, 2 * reach + 1, stride=1, padding=reach, count_include_pad=False)
    return 1 + 5 * (mean - alphas).abs()


TERMS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    term.__name__: term for term in (cross_entropy, soft_iou, structure_cross_entropy, structure_iou, absolute)
}


def total(logits: Tensor, alphas: Tensor, known: Tensor, terms: Sequence[str]) -> Tensor:
    """Return the sum of the named terms, which is minimised."""
    return torch.stack([TERMS[name](logits, alphas, known) for name in terms]).sum()
