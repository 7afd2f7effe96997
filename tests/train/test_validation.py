from dataclasses import replace
from pathlib import Path

import lightning_fabric
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from background_remover.train import checkpoint
from background_remover.train.config import Clicks
from background_remover.train.data import clicks
from background_remover.train.data.decode import Source
from background_remover.train.networks.imagenet import DEVIATION, MEAN
from background_remover.train.validation import validate
from tests.train.conftest import bank, square


class Bright(nn.Module):
    """Takes what is bright for the subject; holds nothing to learn."""

    def forward(self, x: Tensor) -> Tensor:
        mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
        return (x * deviation + mean).mean(dim=1, keepdim=True) - 0.5


def iou(predicted: np.ndarray, truth: np.ndarray, counts: np.ndarray) -> float:
    return (predicted & truth & counts).sum() / ((predicted | truth) & counts).sum()


def test_validation_is_the_mean_iou_of_the_pictures_with_a_subject(small, monkeypatch):
    monkeypatch.setitem(checkpoint.MODULES, "bright", lambda _: Bright())
    run = replace(small, module="bright")  # ends at 64
    images, bright = zip(*(square(64, seed=seed) for seed in range(5)), strict=True)
    truths = [np.roll(mask, 5 * number, axis=1) for number, mask in enumerate(bright)]
    truths[2][:] = 0  # no subject: this picture doesn't count
    unknown = square(64, seed=9)[1]
    aspects = [1.0, 1.0, 1.0, 2.0, 1.0]
    mixture = [Source(Path("cats")), Source(Path("dogs")), Source(Path("grounds"), "backgrounds")]
    data = bank(images, truths, known=[255 - unknown] * 5, aspects=aspects, sources=[0, 1, 0, 1, 2], mixture=mixture)

    counts = unknown == 0
    expected = {number: iou(bright[number] > 0, truths[number] > 0, counts) for number in (0, 1)}
    half = [layer.reshape(32, 2, 64).mean(axis=1) for layer in (images[3].mean(axis=2), truths[3], 255.0 - unknown)]
    expected[3] = iou(half[0] > 127.5, half[1] > 127.5, half[2] > 0.99 * 255)  # twice as wide: seen at 32x64
    fabric = lightning_fabric.Fabric(accelerator="cpu", devices=1, precision="32-true")
    assert validate(run, {}, data, fabric) == pytest.approx(
        {
            "iou": np.mean(list(expected.values())),
            "iou_cats": expected[0],
            "iou_dogs": np.mean([expected[1], expected[3]]),
        }
    )


def test_a_click_network_is_validated_with_one_on_each_subject(small, monkeypatch):
    class Fourth(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[:, 3:4] - 0.5

    monkeypatch.setitem(checkpoint.MODULES, "fourth", lambda _: Fourth())
    image, mask = square(64, seed=1)
    fabric = lightning_fabric.Fabric(accelerator="cpu", devices=1, precision="32-true")
    run = replace(small, module="fourth", clicks=Clicks())
    found = validate(run, {}, bank([image], [mask]), fabric)["iou"]
    disc = sum(x * x + y * y <= clicks.RADIUS**2 for x in range(-9, 10) for y in range(-9, 10))
    assert found == pytest.approx(disc / (mask > 0).sum())
