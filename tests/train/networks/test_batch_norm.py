import pytest
import torch
from torch import nn

from background_remover.errors import ModelError
from background_remover.train.networks.batch_norm import statistics


def test_they_are_the_layers_own():
    layer = nn.BatchNorm2d(3)
    mean, variance = statistics(layer)
    mean += 2
    variance *= 4
    images = torch.rand(2, 3, 4, 4)
    assert torch.allclose(layer.eval()(images), (images - 2) / 2, atol=1e-4)


def test_a_layer_without_any_is_refused():
    with pytest.raises(ModelError, match="track_running_stats"):
        statistics(nn.BatchNorm2d(3, track_running_stats=False))
