import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from background_remover.errors import ImageError, ModelError, OptionError
from background_remover.segmentation.network import Network
from background_remover.train import checkpoint, export
from background_remover.train.average import average
from background_remover.train.checkpoint import Checkpoint
from background_remover.train.networks.lite import Convolution
from tests.train.conftest import Small, small_recipe

ABOUT = export.About("trial", "7", "CC-BY-4.0", "made-up squares")
MakeFile = Callable[..., Path]


class Normalised(nn.Sequential):
    """A small network whose convolutions are the large one's: each is followed by its normalisation."""

    def __init__(self) -> None:
        super().__init__(Convolution(3, 16), Convolution(16, 8), nn.Conv2d(8, 1, 1))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeFile:
    """Makes the model file of a network by its name."""
    monkeypatch.setitem(checkpoint.MODULES, "small", lambda recipe: Small())
    monkeypatch.setitem(checkpoint.MODULES, "normalised", lambda recipe: Normalised())

    def make(name: str, module: nn.Module, storage: export.Storage = "fp32") -> Path:
        recipe = replace(small_recipe(), module=type(module).__name__.lower())
        Checkpoint(recipe, module.state_dict()).save(tmp_path / f"{name}.pt")
        export.export(tmp_path / f"{name}.pt", tmp_path / f"{name}.onnx", ABOUT, storage)
        return tmp_path / f"{name}.onnx"

    return make


def made(seed: int, kind: type[nn.Module] = Small) -> nn.Module:
    torch.manual_seed(seed)
    module = kind()
    module.train()(torch.randn(4, 3, 64, 64))  # moves the running means
    return module.eval()


def weights(path: Path) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}


def pictures() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)


def test_every_weight_is_the_mean_of_the_files(file, tmp_path):
    files = [file(str(seed), made(seed)) for seed in range(3)]
    average(files, tmp_path / "mean.onnx")
    sources, mean = [weights(path) for path in files], weights(tmp_path / "mean.onnx")
    assert mean.keys() == sources[0].keys()
    for name, values in mean.items():
        np.testing.assert_allclose(values, np.mean([source[name] for source in sources], axis=0), atol=1e-6)
    assert any(np.abs(sources[0][name] - sources[1][name]).max() > 0.01 for name in mean)


def test_a_file_named_twice_counts_twice(file, tmp_path):
    one, other = (file(str(seed), made(seed)) for seed in range(2))
    average([one, one, other], tmp_path / "mean.onnx")
    first, second, mean = weights(one), weights(other), weights(tmp_path / "mean.onnx")
    for name, values in mean.items():
        if values.dtype == np.float32:
            np.testing.assert_allclose(values, (2 * first[name] + second[name]) / 3, atol=1e-6)


def test_normalisations_that_do_the_same_by_other_numbers_leave_the_network_as_it_is(file, tmp_path):
    """Twice the convolution under a normalisation of twice the spread is the same network."""
    module = made(0, Normalised)
    one = file("one", module)
    with torch.no_grad():
        for level in module.modules():
            if isinstance(level, Convolution):
                convolution, normalisation, _ = level
                convolution.weight *= 2
                normalisation.running_mean *= 2
                normalisation.running_var.add_(normalisation.eps).mul_(4).sub_(normalisation.eps)
    other = file("other", module)
    average([one, other], tmp_path / "mean.onnx")
    answers = [Network(path).predict(pictures()) for path in (one, other, tmp_path / "mean.onnx")]
    np.testing.assert_allclose(answers[1], answers[0], atol=1e-4)
    np.testing.assert_allclose(answers[2], answers[0], atol=1e-4)


@pytest.mark.parametrize("storage", ["fp16", "int8"])
def test_small_storage_is_read_and_written(file, tmp_path, storage):
    module = made(0)
    whole, small = file("whole", module), file("small", module, storage)
    average([small, whole], tmp_path / "mean.onnx", storage)
    stored = weights(tmp_path / "mean.onnx")
    assert stored.keys() == weights(small).keys()
    answers = [Network(path).predict(pictures()) for path in (whole, tmp_path / "mean.onnx")]
    np.testing.assert_allclose(answers[1], answers[0], atol=export.TOLERANCE[storage])


def test_the_card_is_the_first_ones_but_for_the_confidence(file, tmp_path):
    one, other = (file(str(seed), made(seed)) for seed in range(2))
    card = Network(one).card
    model = onnx.load(one)
    told = replace(card, confidence="0:0.25 1:0.75", empty_below=0.4)
    onnx.helper.set_model_props(model, told.to_metadata())
    onnx.save(model, one)
    assert Network(one).card == told
    assert average([one, other], tmp_path / "mean.onnx") == card == Network(tmp_path / "mean.onnx").card


def test_files_of_two_networks_are_refused(file, tmp_path):
    one, other = file("one", made(0)), file("other", made(0, Normalised))
    with pytest.raises(ModelError, match=r"other\.onnx: not of the same network as .*one\.onnx"):
        average([one, other], tmp_path / "mean.onnx")
    assert not (tmp_path / "mean.onnx").exists()


def test_an_unreadable_file_is_named(file, tmp_path):
    one = file("one", made(0))
    (tmp_path / "broken.onnx").write_bytes(b"\xff" * 100)
    with pytest.raises(ModelError, match=r"broken\.onnx: not a "):
        average([one, tmp_path / "broken.onnx"], tmp_path / "mean.onnx")
    assert not list(tmp_path.glob("mean*"))


def test_one_file_is_no_average(file, tmp_path):
    with pytest.raises(OptionError, match="two model files or more"):
        average([file("one", made(0))], tmp_path / "mean.onnx")


def test_a_missing_folder_is_told_before_the_work(tmp_path):
    with pytest.raises(ImageError, match=r"none/mean\.onnx: there is no folder .*none; make it first"):
        average([tmp_path / "no.onnx", tmp_path / "no.onnx"], tmp_path / "none" / "mean.onnx")


def test_a_full_disk_is_told_of_the_file_and_leaves_nothing(file, tmp_path, monkeypatch):
    one = file("one", made(0))
    before = sorted(tmp_path.iterdir())
    for room in (0, 1):  # files that there is room for
        with monkeypatch.context() as patch:
            full_disk(patch, room)
            with pytest.raises(ImageError, match=r"mean\.onnx: can't be written \(No space left on device\); choose"):
                average([one, one], tmp_path / "mean.onnx")
        assert sorted(tmp_path.iterdir()) == before


def full_disk(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    write, written = Path.write_bytes, []

    def refuse(path: Path, data: bytes) -> None:
        if len(written) >= room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(path)
        write(path, data)

    monkeypatch.setattr(Path, "write_bytes", refuse)
