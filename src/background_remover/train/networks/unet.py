"""The deep U-Net: five levels down, five up, skips by concatenation, 22,846,593 parameters.

After Ronneberger et al. 2015 (arXiv 1505.04597), with batch normalisation (Ioffe and Szegedy 2015) after every ReLU and
dropout at every change of level. The way down has the ten convolutions of VGG-13 (Simonyan and Zisserman 2015).
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.errors import ModelError, OptionError
from background_remover.train.networks.batch_norm import statistics

MULTIPLE = 32  # five poolings halve a side five times
WIDTHS = (64, 128, 256, 512, 512)
_SILENT = 1e-4  # of a channel's variance: where a ReLU lets through less than this, the channel says nothing
_VGG13_CONVOLUTIONS = (0, 2, 5, 7, 10, 12, 15, 17, 20, 22)  # their places in torchvision's `vgg13().features`


class ReLUConv2d(nn.Conv2d):
    """A 3x3 convolution that keeps the size, with its ReLU inside: one row of the layer table."""

    bias: Tensor  # it always has one

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(channels_in, channels_out, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, out, H, W), at least 0."""
        return torch.relu_(super().forward(x))


class Concat(nn.Module):
    """Join a decoder's features with the encoder's skip of the same size."""

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(B, C, H, W) and (B, D, H, W) -> (B, C + D, H, W)."""
        return torch.cat((x, skip), dim=1)


class Convolutions(nn.Sequential):
    """Twice: convolution, ReLU, batch normalisation."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(
            ReLUConv2d(channels_in, channels_out),
            nn.BatchNorm2d(channels_out),
            ReLUConv2d(channels_out, channels_out),
            nn.BatchNorm2d(channels_out),
        )

    def pairs(self) -> list[tuple[ReLUConv2d, nn.BatchNorm2d]]:
        """Return each convolution with the normalisation after it, in the order in which they run."""
        convolutions = [layer for layer in self if isinstance(layer, ReLUConv2d)]
        normalisations = [layer for layer in self if isinstance(layer, nn.BatchNorm2d)]
        return list(zip(convolutions, normalisations, strict=True))


class Down(nn.Module):
    """One level down: two convolutions, 2x2 max pool, dropout. What it returns is also the skip."""

    def __init__(self, channels_in: int, channels_out: int, dropout: float) -> None:
        super().__init__()
        self.convolutions = Convolutions(channels_in, channels_out)
        self.pool = nn.MaxPool2d(2)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, out, H / 2, W / 2)."""
        output: Tensor = self.dropout(self.pool(self.convolutions(x)))
        return output


class Up(nn.Module):
    """One level up: transposed convolution of stride 2, the skip beside it, dropout, two convolutions."""

    def __init__(self, channels_in: int, channels_out: int, channels_skip: int, dropout: float) -> None:
        super().__init__()
        self.transpose = nn.ConvTranspose2d(channels_in, channels_out, 3, stride=2, padding=1, output_padding=1)
        self.concat = Concat() if channels_skip else None
        self.dropout = nn.Dropout(dropout)
        self.convolutions = Convolutions(channels_out + channels_skip, channels_out)

    def forward(self, x: Tensor, skip: Tensor | None) -> Tensor:
        """(B, in, H, W) and a skip (B, skip, 2 H, 2 W) -> (B, out, 2 H, 2 W)."""
        x = self.transpose(x)
        if self.concat is not None:
            x = self.concat(x, skip)
        output: Tensor = self.convolutions(self.dropout(x))
        return output


class UNet(nn.Module):
    """A network from pictures to the logit of the subject at every pixel.

    `dropout` is the probability of a zero in every dropout layer.
    """

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        channels = (3, *WIDTHS)
        self.down = nn.ModuleList(Down(channels[i], channels[i + 1], dropout) for i in range(len(WIDTHS)))
        ups = (512, 512, 256, 128, 64, 64)
        skips = (512, 256, 128, 64, 0)
        self.up = nn.ModuleList(Up(ups[i], ups[i + 1], skips[i], dropout) for i in range(len(WIDTHS)))
        self.head = nn.Conv2d(64, 1, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) normalised pictures -> (B, 1, H, W) logits; the sigmoid of a logit is the alpha.

        H and W must be multiples of 32; `OptionError` otherwise.
        """
        height, width = x.shape[-2:]
        if height % MULTIPLE or width % MULTIPLE:
            raise OptionError(f"a size of {height}x{width}; give sides that are multiples of {MULTIPLE}")
        skips = []
        for level in self.down:
            x = level(x)
            skips.append(x)
        skips.pop()  # the deepest level is the input of the way up, not a skip
        for level, skip in zip(self.up, [*reversed(skips), None], strict=True):
            x = level(x, skip)
        logits: Tensor = self.head(x)
        return logits

    def load_vgg13(self, state: Mapping[str, Tensor]) -> None:
        """Copy the ten convolutions of a VGG-13 state dict (torchvision's names) into the way down.

        Raises `ModelError` where one is missing or has another shape.
        """
        ours = [layer for layer in self.down.modules() if isinstance(layer, ReLUConv2d)]
        for place, layer in zip(_VGG13_CONVOLUTIONS, ours, strict=True):
            for kind in ("weight", "bias"):
                name, target = f"features.{place}.{kind}", getattr(layer, kind)
                if name not in state or state[name].shape != target.shape:
                    raise ModelError(f"not a VGG-13 state dict: {name} of shape {tuple(target.shape)} is missing")
                with torch.no_grad():
                    target.copy_(state[name])

    @torch.no_grad()
    def settle(self, images: Tensor) -> None:
        """Scale the encoder's convolutions so that its normalisations leave their answers on `images` as they were.

        VGG-13 has no normalisations: its convolutions expect what the ReLU before them gives. `images` are
        (B, 3, H, W) normalised. In the order in which they run, each convolution is divided by the deviation of what
        it gives, channel by channel, and that deviation and the mean, which the normalisation takes away, are put into
        the next convolution: they change nothing but at the padded border. A channel that is 0 everywhere could never
        learn: its bias is set so that it is above 0 in about half of the places, and the next convolution ignores it.
        """
        x, mean, deviation = images, torch.zeros(3), torch.ones(3)  # of what VGG-13 would see, for every channel
        for level in (level for level in self.down if isinstance(level, Down)):
            for layer, normalisation in level.convolutions.pairs():
                layer.bias += (layer.weight * mean.view(1, -1, 1, 1)).sum((1, 2, 3))
                layer.weight *= deviation.view(1, -1, 1, 1)
                before = F.conv2d(x, layer.weight, layer.bias, padding=1)
                variance, mean = torch.var_mean(before.relu(), (0, 2, 3), correction=0)
                silent = variance < _SILENT * before.var((0, 2, 3), correction=0)
                deviation = torch.where(silent, 0.0, variance.sqrt())
                layer.bias -= torch.where(silent, before.mean((0, 2, 3)), 0.0)
                scale = layer(x).std((0, 2, 3), correction=0)
                layer.weight /= scale.view(-1, 1, 1, 1)
                layer.bias /= scale
                x = layer(x)
                running_mean, running_variance = statistics(normalisation)
                running_mean.copy_(x.mean((0, 2, 3)))
                running_variance.fill_(1)
                x = x - running_mean.view(1, -1, 1, 1)
            x = level.pool(x)
