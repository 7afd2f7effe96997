"""Augmentation of samples in batches, on the bank's device."""

import math
from typing import NamedTuple

import torch
from kornia.enhance import jpeg_codec_differentiable
from kornia.filters import gaussian_blur2d
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.train.config import Augmentation, Stage
from background_remover.train.data.dataset import Bank

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


class Batch(NamedTuple):
    """Samples of one size."""

    images: Tensor  # (B, 3, H, W) float32 in [0, 1], sRGB
    alphas: Tensor  # (B, 1, H, W) float32 in [0, 1]
    known: Tensor  # (B, 1, H, W) float32, 1 where the truth counts


def draw(bank: Bank, count: int, size: tuple[int, int], how: Augmentation) -> Batch:
    """Return `count` random samples of that size (height, width), by torch's global random numbers."""
    chosen = torch.multinomial(bank.weights(), count, replacement=True)
    layers = _sample(bank, chosen, size, how)
    images, alphas, known = torch.split(layers, [3, 1, 1], dim=1)
    composed = bank.of_kind("cutouts")[chosen]
    backgrounds = bank.of_kind("backgrounds") | bank.of_kind("behind")
    if backgrounds.any():
        lucky = torch.rand(count, device=chosen.device) < how.compose
        composed = composed | (lucky & ~backgrounds[chosen])
    if composed.any():
        images = images.clone()
        behind = draw_backgrounds(bank, int(composed.sum()), size, how)
        images[composed] = _compose(images[composed], alphas[composed], behind)
    return Batch(distort(images, how), alphas, (known > 0.99).float())  # bilinear: only pure pixels


def draw_backgrounds(bank: Bank, count: int, size: tuple[int, int], how: Augmentation) -> Tensor:
    """Return backgrounds to put behind subjects, (count, 3, H, W), or (count, 3, 1, 1) colours where there are none."""
    backgrounds = bank.of_kind("backgrounds") | bank.of_kind("behind")
    if not backgrounds.any():
        return torch.rand(count, 3, 1, 1, device=backgrounds.device)
    chosen = torch.multinomial(backgrounds.float(), count, replacement=True)
    return _sample(bank, chosen, size, how)[:, :3]


def distort(images: Tensor, how: Augmentation) -> Tensor:
    """Return the pictures, (B, 3, H, W), in another light, some of them with blur, noise and JPEG damage."""
    return _degrade(_light(images, how), how)


def soften(alphas: Tensor) -> Tensor:
    """Return alphas, (B, 1, H, W), blurred by a pixel: the edge of a binary mask would give it away."""
    return F.avg_pool2d(F.pad(alphas, (1, 1, 1, 1), mode="replicate"), 3, stride=1)


def batch_sizes(stage: Stage) -> list[tuple[int, int]]:
    """Return the (height, width) a batch may have: the square, and what 4:3 pictures become at multiples of 32."""
    size = stage.size
    short = max(32, round(size * 0.75 / 32) * 32)
    if stage.squares or short < 0.6 * size:
        return [(size, size)]
    return [(size, size), (size, size), (short, size), (size, short)]


def _sample(bank: Bank, chosen: Tensor, size: tuple[int, int], how: Augmentation) -> Tensor:
    """Return (B, 5, H, W) float32 in [0, 1]: a flipped, turned and stretched crop of every chosen picture."""
    grid = _grid(bank.aspects[chosen], size, how)
    return F.grid_sample(bank.tiles[chosen].float().div_(255), grid, padding_mode="reflection", align_corners=False)


def _grid(aspects: Tensor, size: tuple[int, int], how: Augmentation) -> Tensor:
    """Return (B, H, W, 2): where in the picture, in [-1, 1], every pixel of the sample comes from."""
    count, device = len(aspects), aspects.device

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, device=device) * (high - low) + low

    # lengths are in units of the picture's height; its width is its aspect
    area = aspects * uniform(*how.area)
    aspect = size[1] / size[0] * uniform(-math.log(how.aspect), math.log(how.aspect)).exp()
    width = torch.minimum((area * aspect).sqrt(), aspects)
    height = (area / aspect).sqrt().clamp(max=1)
    whole = torch.rand(count, device=device) < how.whole
    width, height = torch.where(whole, aspects, width), torch.where(whole, torch.ones_like(height), height)
    centre_x = width / 2 + (aspects - width) * uniform(0, 1)
    centre_y = height / 2 + (1 - height) * uniform(0, 1)
    angle = uniform(-how.rotation, how.rotation) * (math.pi / 180)
    flip = torch.where(torch.rand(count, device=device) < 0.5, -1.0, 1.0)
    cos, sin = angle.cos(), angle.sin()
    theta = torch.stack(  # sample coordinates -> crop -> turned about its centre -> picture coordinates
        [
            torch.stack([flip * width * cos, -height * sin, 2 * centre_x - aspects], dim=-1) / aspects[:, None],
            torch.stack([flip * width * sin, height * cos, 2 * centre_y - 1], dim=-1),
        ],
        dim=1,
    )
    return F.affine_grid(theta, [count, 1, *size], align_corners=False)


def _compose(images: Tensor, alphas: Tensor, behind: Tensor) -> Tensor:
    """Return the subjects over other backgrounds."""
    return behind + (images - behind) * soften(alphas)


def _light(images: Tensor, how: Augmentation) -> Tensor:
    """Change the light: contrast, brightness, saturation, a tint; now and then no colour at all."""
    count, device = len(images), images.device

    def factor(spread: float, channels: int = 1) -> Tensor:
        return 1 + (torch.rand(count, channels, 1, 1, device=device) * 2 - 1) * spread

    luma = torch.tensor(_LUMA, device=device).view(1, 3, 1, 1)
    grey = (images * luma).sum(1, keepdim=True)
    saturation = factor(how.saturation) * (torch.rand(count, 1, 1, 1, device=device) >= how.grey)
    images = grey + (images - grey) * saturation
    mean = grey.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * factor(how.contrast)
    return (images * factor(how.brightness) * factor(how.tint, 3)).clamp_(0, 1)


def _degrade(images: Tensor, how: Augmentation) -> Tensor:
    """Blur, noise and JPEG on some of the samples."""
    count, device = len(images), images.device
    blurred, noisy, compressed = (torch.rand(count, device=device) < p for p in (how.blur, how.noise, how.jpeg))
    if blurred.any():
        sigma = torch.rand(int(blurred.sum()), 1, device=device).expand(-1, 2) * 1.2 + 0.3
        images[blurred] = gaussian_blur2d(images[blurred], (7, 7), sigma)
    if noisy.any():
        level = torch.rand(int(noisy.sum()), 1, 1, 1, device=device) * 0.06
        images[noisy] = (images[noisy] + torch.randn_like(images[noisy]) * level).clamp_(0, 1)
    if compressed.any():
        quality = torch.rand(int(compressed.sum()), device=device) * 70 + 20
        images[compressed] = jpeg_codec_differentiable(images[compressed], quality).clamp_(0, 1)
    return images
