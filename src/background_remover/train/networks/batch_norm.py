"""The running statistics of a batch normalisation."""

from torch import Tensor, nn

from background_remover.errors import ModelError


def statistics(layer: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return the layer's own running mean and variance, (C,) each; `ModelError` where it keeps none."""
    if layer.running_mean is None or layer.running_var is None:
        raise ModelError("a batch normalisation without running statistics; build it with track_running_stats")
    return layer.running_mean, layer.running_var
