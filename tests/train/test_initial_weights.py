from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from background_remover.errors import ModelError, OptionError
from background_remover.segmentation.network import Network
from background_remover.train import checkpoint, export, initial_weights
from background_remover.train.checkpoint import Checkpoint, build
from background_remover.train.config import Recipe, recipe
from background_remover.train.networks.clicks import PLANES, ClickUNet
from background_remover.train.networks.lite import LiteUNet
from background_remover.train.networks.unet import UNet
from tests.train.conftest import Small, check_prompts, prompts_of, small_recipe, squares

ABOUT = export.About("trial", "1", "CC0-1.0", "noise")


def stirred(module: nn.Module) -> nn.Module:
    """The module with normalisations unlike fresh ones, as training leaves them."""
    torch.manual_seed(0)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean, std=0.2)
            nn.init.uniform_(layer.running_var, 0.5, 2)
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias, std=0.2)
    return module.eval()


def exported(module: nn.Module, made_by: Recipe, folder: Path, storage: export.Storage = "fp32") -> Path:
    Checkpoint(made_by, module.state_dict()).save(folder / "best.pt")
    export.export(folder / "best.pt", folder / "model.onnx", ABOUT, storage)
    return folder / "model.onnx"


@pytest.fixture(scope="module")
def modules(thin: str) -> Iterator[dict[str, Recipe]]:
    """The small network, and U-Nets on the thin encoder, by recipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(checkpoint.MODULES, "small", lambda recipe: Small(recipe.dropout))
        patch.setitem(checkpoint.MODULES, "unet-lite2", lambda recipe: LiteUNet(thin, frozen=recipe.frozen))
        patch.setitem(checkpoint.MODULES, "unet-lite2-clicks", lambda recipe: ClickUNet(thin, recipe.frozen))
        yield {"small": small_recipe()} | {name: recipe(name) for name in ("unet-lite2", "unet-lite2-clicks")}


@pytest.fixture(scope="module")
def lite(modules: dict[str, Recipe], tmp_path_factory: pytest.TempPathFactory) -> tuple[nn.Module, Path]:
    """A U-Net on the thin encoder and its model file: an export takes most of a test's time."""
    module = stirred(build(modules["unet-lite2"]))
    return module, exported(module, modules["unet-lite2"], tmp_path_factory.mktemp("lite"))


def check_same(module: nn.Module, again: nn.Module, path: Path) -> None:
    """Check that a fresh network with a model file's weights answers like the one that the file was made of."""
    initial_weights.load(again, path, torch.randn(4, 3, 64, 64))
    others = torch.randn(2, 3, 32, 64)
    with torch.no_grad():
        assert torch.allclose(again.eval()(others), module(others), atol=1e-5)


def test_a_model_file_gives_its_network_back(lite, modules, tmp_path):
    small = stirred(build(modules["small"]))
    check_same(small, build(modules["small"]), exported(small, modules["small"], tmp_path))
    module, path = lite
    check_same(module, build(modules["unet-lite2"]), path)


def test_the_network_of_a_model_file_is_rebuilt_with_its_answers(lite, modules, monkeypatch):
    monkeypatch.setattr(initial_weights, "RECIPES", modules)
    path = lite[1]
    contract = initial_weights.rebuild(path)
    assert not contract.mirror
    images = np.random.default_rng(1).integers(0, 256, (1, 32, 96, 3), dtype=np.uint8)
    with torch.no_grad():
        np.testing.assert_allclose(contract(torch.from_numpy(images)), Network(path).predict(images), atol=1e-5)


def test_a_network_that_is_not_trained_here_is_refused(bright, modules, monkeypatch):
    monkeypatch.setattr(initial_weights, "RECIPES", modules)
    with pytest.raises(ModelError, match=r"bright\.onnx: no network that is trained here, known: small, unet-lite2, "):
        initial_weights.rebuild(bright)


def test_a_click_network_begins_with_the_model_of_one_without(lite, modules):
    module, path = lite
    clicked = build(modules["unet-lite2-clicks"])
    initial_weights.load(clicked, path, torch.randn(4, 3, 64, 64))
    pictures = torch.randn(2, 3, 32, 64)
    with torch.no_grad():
        found = clicked.eval()(torch.cat([pictures, torch.rand(2, PLANES, 32, 64)], dim=1))
        assert torch.allclose(found, module(pictures), atol=1e-5)


def test_a_click_network_comes_back_with_what_takes_the_clicks_in(modules, tmp_path):
    module = stirred(build(modules["unet-lite2-clicks"]))
    nn.init.normal_(module.guidance.levels[0].weight, std=0.1)
    path = exported(module, modules["unet-lite2-clicks"], tmp_path)
    images = np.random.default_rng(1).integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)
    check_prompts(Network(path), export.Contract(module).eval(), images, prompts_of(2, 64, 96))
    again = build(modules["unet-lite2-clicks"])
    initial_weights.load(again, path, torch.randn(4, 3, 64, 64))
    inputs = torch.cat([torch.randn(2, 3, 32, 64), torch.rand(2, PLANES, 32, 64)], dim=1)
    with torch.no_grad():
        assert torch.allclose(again.eval()(inputs), module(inputs), atol=1e-5)


def test_what_was_folded_trains_as_it_runs(lite, modules):
    """In training mode, on the very images, the new normalisations give what the file gives."""
    module, path = lite
    images = torch.randn(4, 3, 64, 64)
    again = build(modules["unet-lite2"])
    initial_weights.load(again, path, images)
    with torch.no_grad():
        assert torch.allclose(again.train()(images), module(images), atol=1e-4)


@pytest.mark.parametrize("storage", ["fp16", "int8"])
def test_small_storage_is_read_at_full_width(storage, modules, tmp_path):
    module = stirred(build(modules["small"]))
    path = exported(module, modules["small"], tmp_path, storage)
    again = build(modules["small"])
    initial_weights.load(again, path, torch.randn(2, 3, 32, 32))
    wanted, found = module.state_dict()["5.weight"], again.state_dict()["5.weight"]
    assert 0 < (found - wanted).abs().max() < wanted.abs().max() / 100


def test_another_network_is_refused(modules, tmp_path):
    path = exported(stirred(build(modules["small"])), modules["small"], tmp_path)
    with pytest.raises(ModelError, match=r"model\.onnx: not of this recipe's network, its .* is missing"):
        initial_weights.load(build(modules["unet-lite2"]), path, torch.randn(1, 3, 32, 32))


def test_another_file_is_refused(tmp_path):
    (tmp_path / "a.onnx").write_text("nothing of the kind")
    with pytest.raises(ModelError, match=r"a\.onnx: not a readable model file"):
        initial_weights.load(Small(), tmp_path / "a.onnx", torch.randn(1, 3, 32, 32))


def test_a_run_begins_with_the_model(modules, tmp_path):
    module = stirred(build(modules["small"]))
    path = exported(module, modules["small"], tmp_path)
    state = initial_weights.from_model(modules["small"], path, squares(4))
    assert torch.equal(state["0.weight"], module.state_dict()["0.weight"])


def test_a_run_begins_with_vgg13_where_it_is_given(tmp_path):
    """The way down says what VGG-13 says, but for a scale and a shift of each channel; the rest is fresh."""
    chosen = recipe("tiny")
    theirs = UNet()
    places = (0, 2, 5, 7, 10, 12, 15, 17, 20, 22)
    convolutions = [layer for name, layer in theirs.down.named_modules() if name.endswith(("tions.0", "tions.2"))]
    layers = zip(places, convolutions, strict=True)
    torch.save(
        {f"features.{place}.{k}": v for place, x in layers for k, v in x.state_dict().items()}, tmp_path / "v.pt"
    )
    begun, fresh = UNet(), initial_weights.fresh(chosen)
    begun.load_state_dict(initial_weights.from_vgg13(chosen, tmp_path / "v.pt", squares(8)))
    first = convolutions[0].weight / begun.down[0].convolutions[0].weight
    assert torch.allclose(first, first.mean((1, 2, 3), keepdim=True).expand_as(first), rtol=1e-3)
    assert all(torch.equal(begun.state_dict()[name], fresh[name]) for name in fresh if not name.startswith("down."))


@pytest.mark.parametrize("content", [b"", b"hello", bytes(range(256))], ids=["empty", "text", "noise"])
def test_damaged_encoder_weights_are_refused_by_name(tmp_path, content):
    (tmp_path / "vgg13.pth").write_bytes(content)
    with pytest.raises(ModelError, match=r"vgg13\.pth: not a readable state dict"):
        initial_weights.from_vgg13(recipe("unet"), tmp_path / "vgg13.pth", squares(4))


def test_encoder_weights_are_refused_by_a_network_without_vgg13(modules, tmp_path):
    with pytest.raises(OptionError, match="the recipe 'small' has no VGG-13 on its way down"):
        initial_weights.from_vgg13(modules["small"], tmp_path / "vgg13.pth", squares(4))
