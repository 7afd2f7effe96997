"""The layer table of the network itself against the table it is specified by, `unet_layers.tsv`."""

from pathlib import Path

import pytest
from torch import nn

from background_remover.train.networks.summary import Row, summarise, table
from background_remover.train.networks.unet import UNet
from tests.train.conftest import Small

SPECIFIED = (Path(__file__).parent / "unet_layers.tsv").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def unet() -> UNet:
    return UNet()


@pytest.fixture(scope="module")
def printed(unet) -> list[str]:
    return table(unet, 128, 128).splitlines()


def cells(line: str) -> list[str]:
    """The cells of a line, without the blanks that pad the specification's inputs."""
    return [cell.replace(" ", "") for cell in line.rstrip().split("\t")]


def test_there_is_a_row_for_every_row_specified(printed):
    heading, *rows, _ = printed
    assert heading == SPECIFIED[0]
    assert len(rows) == len(SPECIFIED[1:]) == 66


@pytest.mark.parametrize("number", range(1, len(SPECIFIED)), ids=[line.split("\t")[0] for line in SPECIFIED[1:]])
def test_a_row_equals_the_row_specified(printed, number):
    assert cells(printed[number]) == cells(SPECIFIED[number])


def test_the_totals_are_those_specified(printed):
    assert printed[-1] == "66 layers, 22,846,593 parameters: 22,836,609 trainable, 9,984 not"


def test_the_totals_are_those_of_the_module(unet):
    trainable = sum(parameter.numel() for parameter in unet.parameters())
    averages = sum(buffer.numel() for name, buffer in unet.named_buffers() if "running" in name)
    assert (trainable, averages) == (22_836_609, 9_984)
    assert sum(row.parameters for row in summarise(unet, 32, 32)) == trainable + averages


def test_another_size_changes_the_output_sizes_alone(unet):
    for row, other in zip(summarise(unet, 128, 128), summarise(unet, 32, 64), strict=True):
        assert (other.name, other.kind, other.parameters, other.inputs) == (
            row.name,
            row.kind,
            row.parameters,
            row.inputs,
        )
        height, width, channels = row.output
        assert other.output == (height // 4, width // 2, channels)


def test_a_row_is_what_runs_not_what_was_built():
    """The order and the inputs come from the forward pass, so a network that is wired otherwise shows it."""

    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.second = nn.Conv2d(8, 4, 1)
            self.first = nn.Conv2d(3, 8, 1, bias=False)

        def forward(self, x):
            return self.second(self.first(x))

    assert summarise(Backwards(), 5, 7) == [
        Row("input_1", "input", (5, 7, 3), 0, ()),
        Row("conv2d", "conv2d", (5, 7, 8), 24, ("input_1",)),
        Row("conv2d_1", "conv2d", (5, 7, 4), 36, ("conv2d",)),
    ]


def test_what_is_made_between_two_layers_has_no_name():
    class Doubled(nn.Sequential):
        def forward(self, x):
            return super().forward(x * 2)

    assert [row.inputs for row in summarise(Doubled(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 1, 1)), 5, 7)] == [
        (),
        ("?",),
        ("conv2d",),
    ]


@pytest.mark.parametrize("training", [True, False])
def test_the_module_is_left_as_it_was(training):
    module = Small().train(training)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    summarise(module, 32, 32)
    assert module.training is training
    assert all(tensor.equal(before[name]) for name, tensor in module.state_dict().items())
    assert not any(layer._forward_hooks for layer in module.modules())
