"""The statistics of ImageNet's pictures, by which every network here sees its own."""

import torch
from torch import Tensor

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of red, green and blue in [0, 1]


def normalise(images: Tensor) -> Tensor:
    """Return pictures, (B, 3, H, W) in [0, 1], normalised: mean 0 and deviation 1 over ImageNet."""
    mean = torch.tensor(MEAN, device=images.device).view(1, 3, 1, 1)
    return (images - mean) / torch.tensor(DEVIATION, device=images.device).view(1, 3, 1, 1)
