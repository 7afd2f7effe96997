"""A small network, folders of made-up pictures and banks of made-up tiles, for the tests of training."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage
from torch import Tensor, nn

from background_remover.segmentation.network import PROMPT_PLANES, Network
from background_remover.train import checkpoint
from background_remover.train.config import Augmentation, Recipe, Stage
from background_remover.train.data.dataset import Bank
from background_remover.train.data.decode import Source
from background_remover.train.networks import lite

CALM = Augmentation(  # nothing is left of augmentation but the flip
    whole=1.0,
    rotation=0.0,
    brightness=0.0,
    contrast=0.0,
    saturation=0.0,
    tint=0.0,
    grey=0.0,
    blur=0.0,
    noise=0.0,
    jpeg=0.0,
    compose=0.0,
)


class Small(nn.Sequential):
    """A small network with one layer of every kind that the large ones have."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__(
            nn.Conv2d(3, 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.BatchNorm2d(32),
            nn.MaxPool2d(2),
            nn.Dropout(dropout),
            nn.Conv2d(32, 48, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(48, 24, 3, stride=2, padding=1, output_padding=1),
            nn.BatchNorm2d(24),
            nn.Conv2d(24, 1, 1),
        )


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small lose more by sharing their work out than they gain."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """A recipe of 8 steps in two stages, two epochs, that trains a `Small`."""
    monkeypatch.setitem(checkpoint.MODULES, "small", lambda recipe: Small(recipe.dropout))
    return small_recipe()


@pytest.fixture(scope="package")
def thin() -> Iterator[str]:
    """An encoder with few layers, one of every kind that the others have: an export takes as long as its graph."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(lite.VARIANTS, "thin", lite.Variant((1, 1, 1, 1, 2, 1, 1), (8, 8, 16, 16, 24, 24, 32), "none"))
        yield "thin"


def small_recipe() -> Recipe:
    stages = (Stage(32, 0.5, 4), Stage(64, 0.5, 4))
    return Recipe("small", "small", samples=32, stages=stages, dropout=0.1, learning_rate=3e-3, epoch=16)


def square(size: int = 32, *, colour: Sequence[int] = (220, 180, 40), seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A bright square at a random place of a dark, noisy ground (S, S, 3), and its mask (S, S), both uint8."""
    random = np.random.default_rng(seed)
    image = random.integers(0, 60, (size, size, 3), dtype=np.uint8)
    top, left = random.integers(0, size // 2, 2)
    mask = np.zeros((size, size), np.uint8)
    mask[top : top + size // 2, left : left + size // 2] = 255
    image[mask > 0] = colour
    return image, mask


def plain(colour: tuple[int, int, int], size: int = 32) -> np.ndarray:
    """A picture of one colour, (S, S, 3) uint8."""
    return np.broadcast_to(np.uint8(colour), (size, size, 3)).copy()


def bank(
    images: Sequence[np.ndarray],
    alphas: Sequence[np.ndarray],
    *,
    known: Sequence[np.ndarray] | None = None,
    aspects: Sequence[float] | None = None,
    sources: Sequence[int] | None = None,
    mixture: Sequence[Source] = (Source(Path("made-up")),),
) -> Bank:
    """A bank of arrays: pictures (S, S, 3) and masks (S, S), all uint8."""
    known = known or [np.full_like(alpha, 255) for alpha in alphas]
    tiles = [np.dstack(layers) for layers in zip(images, alphas, known, strict=True)]
    return Bank(
        torch.from_numpy(np.stack(tiles)).permute(0, 3, 1, 2).contiguous(),
        torch.tensor(aspects or [1.0] * len(tiles)),
        torch.tensor(sources or [0] * len(tiles)),
        tuple(mixture),
    )


def squares(count: int, size: int = 48) -> Bank:
    images, masks = zip(*(square(size, seed=seed) for seed in range(count)), strict=True)
    return bank(images, masks)


def save(path: Path, array: np.ndarray) -> Path:
    """Writes an array as the picture its path's suffix names, and makes the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(array).save(path)
    return path


@contextlib.contextmanager
def longest_file(length: int) -> Iterator[None]:
    """Lets the block write no file beyond so many bytes, which ends a write in its midst as a full disk does."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def pair_folder(folder: Path, names: Sequence[str], size: int = 32) -> Path:
    """`image/` beside `mask/`: a bright square under every name."""
    for seed, name in enumerate(names):
        image, mask = square(size, seed=seed)
        save(folder / "image" / f"{name}.png", image)
        save(folder / "mask" / f"{name}.png", mask)
    return folder


def numbers(tensors: dict[str, Tensor]) -> Iterator[Tensor]:
    """The tensors of a state dict that hold fractions."""
    return (tensor for tensor in tensors.values() if tensor.is_floating_point())


def prompts_of(*shape: int) -> np.ndarray:
    """Planes of prompts of the shape (N, H, W), uint8 noise."""
    return np.random.default_rng(2).integers(0, 256, (*shape, PROMPT_PLANES), dtype=np.uint8)


def check_prompts(network: Network, contract: nn.Module, images: np.ndarray, prompts: np.ndarray) -> None:
    """Check that a model file answers to prompts like its source, and without them as to planes of zeros."""
    none = np.zeros_like(prompts)
    for given in (prompts, none):
        with torch.no_grad():
            wanted = contract(torch.from_numpy(images), torch.from_numpy(given)).numpy()
        np.testing.assert_allclose(network.predict(images, given), wanted, atol=1e-4)
    np.testing.assert_array_equal(network.predict(images), network.predict(images, none))
