import pickle
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from background_remover.errors import ImageError, ModelError
from background_remover.train import checkpoint
from background_remover.train.checkpoint import Checkpoint, build, load_module
from background_remover.train.config import Recipe
from tests.train.conftest import longest_file, numbers


@pytest.fixture
def trained(small: Recipe) -> Checkpoint:
    """A checkpoint in the middle of a run, whose averaged weights differ from the current ones."""
    torch.manual_seed(0)
    module = build(small)
    optimiser = torch.optim.AdamW(module.parameters())
    module(torch.rand(2, 3, 32, 32)).sum().backward()
    optimiser.step()
    averaged = {name: tensor + 1 for name, tensor in module.state_dict().items()}
    return Checkpoint(
        small,
        averaged,
        samples=24,
        step=6,
        module=module.state_dict(),
        optimiser=optimiser.state_dict(),
        best=0.75,
        history=[{"samples": 16, "iou": 0.75, "loss": 1.5}],
    )


def same(one: object, other: object) -> bool:
    """Whether two nests of dictionaries, lists, tensors and numbers are equal."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


def test_a_checkpoint_comes_back_whole(tmp_path, trained):
    trained.save(tmp_path / "last.pt")
    loaded = Checkpoint.load(tmp_path / "last.pt")
    assert loaded.recipe == trained.recipe
    assert same({**vars(loaded), "recipe": None}, {**vars(trained), "recipe": None})
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]


def test_what_is_kept_for_use_rebuilds_the_network_and_no_more(tmp_path, trained):
    trained.save(tmp_path / "last.pt")
    trained.for_use().save(tmp_path / "best.pt")
    kept = Checkpoint.load(tmp_path / "best.pt")
    assert (kept.module, kept.optimiser, kept.history) == (None, None, [])
    assert (kept.recipe, kept.samples, kept.step, kept.best) == (trained.recipe, 24, 6, 0.75)
    assert same(kept.averaged, trained.averaged)
    assert (tmp_path / "best.pt").stat().st_size < (tmp_path / "last.pt").stat().st_size / 2.5


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of a file's length here")
@pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
def test_a_write_that_breaks_off_leaves_the_last_checkpoint_alone(tmp_path, trained, share):
    path = tmp_path / "last.pt"
    trained.save(path)
    limit = int(path.stat().st_size * share)
    with longest_file(limit), pytest.raises(ImageError, match=r"last\.pt: can't be written \(File too large\); choose"):
        replace(trained, step=7).save(path)
    assert Checkpoint.load(path).step == 6
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]


def test_a_missing_folder_is_told_of_the_file(tmp_path, trained):
    with pytest.raises(ImageError, match=r"none/last\.pt: can't be written \(No such file or directory\)"):
        trained.save(tmp_path / "none" / "last.pt")


def test_an_interrupted_write_leaves_the_last_checkpoint_alone(tmp_path, trained, monkeypatch):
    trained.save(tmp_path / "last.pt")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace(trained, step=7).save(tmp_path / "last.pt")
    assert Checkpoint.load(tmp_path / "last.pt").step == 6
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]


def test_a_new_checkpoint_takes_the_old_ones_place_in_one_step(tmp_path, trained):
    """Who reads the old file meanwhile reads it to its end."""
    path = tmp_path / "last.pt"
    trained.save(path)
    old = path.read_bytes()
    with path.open("rb") as reader:
        replace(trained, step=7).save(path)
        assert reader.read() == old
    assert Checkpoint.load(path).step == 7


@pytest.mark.parametrize(
    "damaged",
    [b"", b"hello", bytes(range(256)) * 8, b"PK\x03\x04" + bytes(64), pickle.dumps({"recipe": None})],
    ids=["empty", "text", "noise", "zip", "pickle"],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, damaged):
    (tmp_path / "best.pt").write_bytes(damaged)
    with pytest.raises(ModelError, match=r"best\.pt: not a checkpoint"):
        Checkpoint.load(tmp_path / "best.pt")


def test_a_truncated_file_is_refused_by_name(tmp_path, trained):
    trained.save(tmp_path / "best.pt")
    whole = (tmp_path / "best.pt").read_bytes()
    for share in (0.1, 0.5, 0.99):
        (tmp_path / "best.pt").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(ModelError, match=r"best\.pt: not a checkpoint"):
            Checkpoint.load(tmp_path / "best.pt")


@pytest.mark.parametrize(
    "other",
    [[1, 2], torch.zeros(3), {"conv.weight": torch.zeros(3)}, {"recipe": "unet"}, {"recipe": {"stages": []}}],
    ids=["list", "tensor", "state dict", "recipe's name", "half a recipe"],
)
def test_a_file_that_holds_something_else_is_refused_by_name(tmp_path, other):
    torch.save(other, tmp_path / "best.pt")
    with pytest.raises(ModelError, match=r"best\.pt: not a checkpoint of this version"):
        Checkpoint.load(tmp_path / "best.pt")


@pytest.mark.parametrize("where", [(), ("recipe",), ("recipe", "augmentation")], ids="/".join)
def test_a_checkpoint_of_a_later_version_is_refused(tmp_path, trained, where):
    trained.save(tmp_path / "best.pt")
    values = torch.load(tmp_path / "best.pt", weights_only=True)
    inner = values
    for key in where:
        inner = inner[key]
    inner["colour_space"] = "oklab"
    torch.save(values, tmp_path / "best.pt")
    with pytest.raises(ModelError, match=r"best\.pt: not a checkpoint of this version \(.*colour_space"):
        Checkpoint.load(tmp_path / "best.pt")


@pytest.mark.parametrize("path", ["nowhere.pt", "."])
def test_a_missing_file_is_no_checkpoint(tmp_path, path):
    with pytest.raises(ModelError, match="no such checkpoint"):
        Checkpoint.load(tmp_path / path)


def test_a_checkpoint_cannot_run_code(tmp_path):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    torch.save({"recipe": Trap()}, tmp_path / "best.pt")
    with pytest.raises(ModelError, match="not a checkpoint"):
        Checkpoint.load(tmp_path / "best.pt")
    assert not (tmp_path / "sprung").exists()


@torch.no_grad()
def test_the_network_rebuilt_answers_like_the_one_saved(tmp_path, small):
    torch.manual_seed(0)
    module = build(small)
    module(torch.rand(4, 3, 32, 32))  # moves the running means, which are part of the network
    Checkpoint(small, module.state_dict(), module=build(small).state_dict()).save(tmp_path / "best.pt")
    images = torch.rand(2, 3, 64, 32)
    torch.manual_seed(1)  # the random numbers that fresh weights would come from
    rebuilt = load_module(tmp_path / "best.pt")
    assert not rebuilt.training
    assert torch.equal(rebuilt(images), module.eval()(images))


def test_weights_of_another_network_are_refused(tmp_path, trained):
    averaged = {name: tensor for name, tensor in trained.averaged.items() if not name.startswith("0.")}
    replace(trained, averaged=averaged).save(tmp_path / "best.pt")
    with pytest.raises(ModelError, match=r"best\.pt: its weights don't fit the module 'small'"):
        load_module(tmp_path / "best.pt")


def test_an_unknown_module_names_the_known_ones(small):
    with pytest.raises(ModelError, match=f"unknown module 'vit'; known: {', '.join(checkpoint.MODULES)}"):
        build(replace(small, module="vit"))


def test_fresh_weights_depend_on_the_seed_alone(small):
    networks = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        networks.append(build(small).state_dict())
    one, again, other = networks
    assert same(one, again)
    assert any(not torch.equal(a, b) for a, b in zip(numbers(one), numbers(other), strict=True))
