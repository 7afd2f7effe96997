import errno
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

from background_remover.errors import ImageError, ModelError
from background_remover.segmentation.checksum import CHECKSUM, check
from background_remover.segmentation.network import CONTRACT, Card, Network
from background_remover.segmentation.preprocessing import fit_size
from background_remover.train import checkpoint, export, initial_weights
from background_remover.train.checkpoint import Checkpoint, load_module
from background_remover.train.config import recipe
from background_remover.train.networks.clicks import ClickUNet
from background_remover.train.networks.imagenet import DEVIATION, MEAN
from tests.train.conftest import Small, check_prompts, prompts_of, small_recipe

COMMIT = export._commit  # the fixtures below have another in its place
ABOUT = export.About("trial", "7", "CC-BY-4.0", "made-up squares")
WORTH = 4096  # numbers, from which on a weight is stored smaller
TRANSPOSED = (48, 24, 3, 3)  # in, out: the other way round than in a convolution


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The checkpoint of a small network that has seen pictures and makes up its mind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(checkpoint.MODULES, "small", lambda recipe: Small(recipe.dropout))
        patch.setattr(export, "_commit", lambda: "0123456789ab")
        torch.manual_seed(0)
        module = Small()
        module(torch.randn(8, 3, 32, 32))  # moves the running means
        with torch.no_grad():
            module[-1].weight *= 8
        path = tmp_path_factory.mktemp("export") / "best.pt"
        Checkpoint(small_recipe(), module.state_dict()).save(path)
        yield path


@pytest.fixture(scope="module")
def files(trained: Path) -> dict[str, Path]:
    """The model file of each storage."""
    paths = {storage: trained.with_name(f"{storage}.onnx") for storage in export.TOLERANCE}
    for storage, path in paths.items():
        export.export(trained, path, ABOUT, storage)
    return paths


def pictures(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)


@torch.no_grad()
def by_torch(path: Path, images: np.ndarray) -> np.ndarray:
    """What the checkpoint answers, with the contract's scaling, normalisation and sigmoid written out in NumPy."""
    normalised = (images / 255 - np.array(MEAN)) / np.array(DEVIATION)
    logits = load_module(path)(torch.from_numpy(normalised.transpose(0, 3, 1, 2)).float())
    return 1 / (1 + np.exp(-logits[:, 0].double().numpy()))


def weights(path: Path) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}


SHAPES = [(1, 32, 32), (3, 64, 32), (2, 96, 128), (1, 160, 224)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("storage", export.TOLERANCE)
def test_a_file_answers_like_its_checkpoint(trained, files, storage, shape):
    images = pictures(*shape)
    alphas, wanted = Network(files[storage]).predict(images), by_torch(trained, images)
    assert np.abs(alphas - wanted).max() <= export.TOLERANCE[storage]
    assert wanted.std() > 0.05  # the answers aren't all the same


def test_a_file_asks_for_the_size_of_the_last_stage_or_the_one_it_is_given(trained, tmp_path):
    last = Checkpoint.load(trained).recipe.stages[-1].size
    for size, wanted in ((None, last), (96, 96)):
        export.export(trained, tmp_path / "sized.onnx", ABOUT, size=size)
        network = Network(tmp_path / "sized.onnx")
        assert network.card.longest_side == wanted
        assert network.coarse(np.zeros((40, 80, 3), np.uint8)).shape == (fit_size((40, 80), 32, wanted))


def test_a_mirrored_file_answers_with_the_flip_average(trained, tmp_path):
    export.export(trained, tmp_path / "mirror.onnx", ABOUT, mirror=True)
    network = Network(tmp_path / "mirror.onnx")
    for shape in SHAPES[1:3]:
        images = pictures(*shape)
        wanted = (by_torch(trained, images) + by_torch(trained, images[:, :, ::-1])[:, :, ::-1]) / 2
        assert np.abs(network.predict(images) - wanted).max() <= export.TOLERANCE["fp32"]


def test_the_least_tolerance_is_one_in_ten_thousand():
    assert export.TOLERANCE["fp32"] == 1e-4
    assert list(export.TOLERANCE) == ["fp32", "fp16", "int8"]


def test_the_deep_unet_in_a_file_answers_like_its_checkpoint(tmp_path):
    tiny = recipe("tiny")
    Checkpoint(tiny, initial_weights.fresh(tiny)).save(tmp_path / "best.pt")
    card = export.export(tmp_path / "best.pt", tmp_path / "unet.onnx", ABOUT)
    assert card.parameters == 22_846_593
    network = Network(tmp_path / "unet.onnx")
    for shape in [(1, 128, 128), (2, 32, 96)]:
        images = pictures(*shape)
        np.testing.assert_allclose(network.predict(images), by_torch(tmp_path / "best.pt", images), atol=1e-4)


def test_storage_shrinks_the_large_weights_and_no_others(files):
    whole, half, bytewise = (weights(files[storage]) for storage in ("fp32", "fp16", "int8"))
    large = {name for name, values in whole.items() if values.dtype == np.float32 and values.size >= WORTH}
    assert len(large) == 2
    for stored, kind in ((half, np.float16), (bytewise, np.int8)):
        assert {name for name in whole if f"{name}.small" in stored} == large
        assert all(stored[f"{name}.small"].dtype == kind for name in large)
        assert all(np.array_equal(stored[name], whole[name]) for name in whole.keys() - large)
    size = {storage: path.stat().st_size for storage, path in files.items()}
    count = sum(whole[name].size for name in large)
    assert size["fp32"] - size["fp16"] == pytest.approx(2 * count, rel=0.05)
    assert size["fp32"] - size["int8"] == pytest.approx(3 * count, rel=0.05)


def test_no_file_names_the_machine_it_was_made_on(files):
    for file in files.values():
        assert b"export.py" not in file.read_bytes()


def test_half_precision_is_that_of_numpy(files):
    whole, half = weights(files["fp32"]), weights(files["fp16"])
    for name in whole.keys() - half.keys():
        assert np.array_equal(half[f"{name}.small"], whole[name].astype(np.float16))


def test_eight_bits_are_off_by_half_a_step_of_their_output_channel_at_most(files):
    whole, bytewise = weights(files["fp32"]), weights(files["int8"])
    shrunk = whole.keys() - bytewise.keys()
    assert TRANSPOSED in {whole[name].shape for name in shrunk}
    for name in shrunk:
        values, small, scale = whole[name], bytewise[f"{name}.small"], bytewise[f"{name}.scale"]
        axis = 1 if values.shape == TRANSPOSED else 0
        for channel in range(values.shape[axis]):
            own = values.take(channel, axis)
            step = np.abs(own).max() / 127
            assert scale.take(channel, axis).item() == pytest.approx(step)
            restored = small.take(channel, axis).astype(np.float64) * step
            assert np.abs(restored - own).max() <= step / 2 * (1 + 1e-4)
            assert np.abs(small.take(channel, axis)).max() == 127


@pytest.mark.parametrize("storage", ["fp16", "int8"])
def test_the_graph_brings_stored_weights_back(files, storage):
    """A file with small weights answers like the fp32 graph with those weights restored by hand."""
    graph, stored = onnx.load(files["fp32"]), weights(files[storage])
    for tensor in graph.graph.initializer:
        if tensor.name not in stored:
            restored = stored[f"{tensor.name}.small"].astype(np.float32) * stored.get(f"{tensor.name}.scale", 1)
            tensor.CopyFrom(numpy_helper.from_array(restored.astype(np.float32), tensor.name))
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    images = pictures(2, 64, 96)
    np.testing.assert_allclose(
        Network(files[storage]).predict(images), session.run(["alpha"], {"image": images})[0], atol=1e-5
    )


def test_a_channel_of_zeros_stays_zero():
    values = np.zeros((64, 64, 3, 3), np.float32)
    values[1] = np.random.default_rng(0).normal(size=(64, 3, 3))
    weight = numpy_helper.from_array(values, "weight")
    node = onnx.helper.make_node("Conv", ["x", "weight"], ["y"])
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", [], [], [weight]))
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in export.shrink(model, "int8").graph.initializer}
    restored = stored["weight.small"] * stored["weight.scale"]
    assert (restored[0] == 0).all()
    assert np.isfinite(restored).all()
    assert restored[1].any()


@pytest.mark.parametrize("storage", export.TOLERANCE)
def test_the_card_is_whole(files, storage):
    card = Network(files[storage]).card
    assert card == Card(
        name="trial",
        version="7",
        license="CC-BY-4.0",
        data="made-up squares",
        commit="0123456789ab",
        parameters=sum(tensor.numel() for name, tensor in Small().state_dict().items() if "num_batches" not in name),
        multiple=32,
        longest_side=64,  # of the recipe's last stage
    )
    metadata = {entry.key: entry.value for entry in onnx.load(files[storage]).metadata_props}
    assert metadata["contract"] == CONTRACT
    assert all(metadata.values())


def test_a_mirrored_file_of_a_click_network_takes_prompts_and_does_without(tmp_path, monkeypatch):
    monkeypatch.setitem(checkpoint.MODULES, "unet-lite2-clicks", lambda recipe: ClickUNet("lite0", recipe.frozen))
    torch.manual_seed(0)
    module = checkpoint.build(recipe("unet-lite2-clicks")).eval()
    torch.nn.init.normal_(module.guidance.levels[0].weight, std=0.1)
    Checkpoint(recipe("unet-lite2-clicks"), module.state_dict()).save(tmp_path / "best.pt")
    export.export(tmp_path / "best.pt", tmp_path / "clicks.onnx", ABOUT, mirror=True)
    images, prompts = pictures(2, 64, 96), prompts_of(2, 64, 96)
    network = Network(tmp_path / "clicks.onnx")
    check_prompts(network, export.Contract(module, mirror=True).eval(), images, prompts)
    flipped = network.predict(images[:, :, ::-1].copy(), prompts[:, :, ::-1].copy())
    np.testing.assert_allclose(flipped[:, :, ::-1], network.predict(images, prompts), atol=1e-4)


def spoilt(monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    """Has the tracing put one number for all of the largest weight."""
    trace = export._trace

    def trace_and_spoil(module):
        graph = trace(module)
        largest = max(graph.graph.initializer, key=lambda tensor: len(tensor.raw_data))
        largest.CopyFrom(numpy_helper.from_array(np.full(largest.dims, value, np.float32), largest.name))
        return graph

    monkeypatch.setattr(export, "_trace", trace_and_spoil)


@pytest.mark.parametrize(
    ("value", "message"), [(0.0, r"differs from its source by 0\.\d+ at \(32, 32\)"), (np.nan, "no alpha")]
)
def test_a_file_that_differs_from_its_checkpoint_is_refused(trained, tmp_path, monkeypatch, value, message):
    spoilt(monkeypatch, value)
    (tmp_path / "model.onnx").write_bytes(b"the model of yesterday")
    with pytest.raises(ModelError, match=message) as caught:
        export.export(trained, tmp_path / "model.onnx", ABOUT)
    assert str(caught.value).startswith(f"{tmp_path / 'model.onnx'}: ")
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    assert (tmp_path / "model.onnx").read_bytes() == b"the model of yesterday"


def test_what_is_no_checkpoint_leaves_nothing_behind(tmp_path):
    (tmp_path / "best.pt").write_bytes(b"hello")
    with pytest.raises(ModelError, match="not a checkpoint"):
        export.export(tmp_path / "best.pt", tmp_path / "model.onnx", ABOUT)
    assert [path.name for path in tmp_path.iterdir()] == ["best.pt"]


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false"]
    run = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return run.stdout.strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_is_that_of_the_code_and_says_where_there_is_more(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "__file__", str(tmp_path / "export.py"))
    (tmp_path / "export.py").write_text("one\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "export.py")
    git(tmp_path, "commit", "-q", "-m", "One")
    commit = git(tmp_path, "rev-parse", "HEAD")[:12]
    assert re.fullmatch("[0-9a-f]{12}", commit)
    assert COMMIT() == commit
    (tmp_path / "export.py").write_text("two\n", encoding="utf-8")
    assert COMMIT() == f"{commit}-dirty"


def test_outside_a_repository_the_commit_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "__file__", str(tmp_path / "export.py"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert COMMIT() == "unknown"


def test_without_git_the_commit_is_unknown(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert COMMIT() == "unknown"


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No room is left for whatever is written from now on, and the system names no file."""

    def refuse(path: Path, data: bytes) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", refuse)


def test_a_full_disk_is_told_of_the_file_and_leaves_nothing(trained, tmp_path, monkeypatch):
    full_disk(monkeypatch)
    with pytest.raises(ImageError, match=r"model\.onnx: can't be written \(No space left on device\); choose another"):
        export.export(trained, tmp_path / "model.onnx", ABOUT)
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_told_before_the_work(tmp_path):
    with pytest.raises(ImageError, match=r"none/model\.onnx: there is no folder .*none; make it first"):
        export.export(tmp_path / "no checkpoint either", tmp_path / "none" / "model.onnx", ABOUT)
    with pytest.raises(ImageError, match=r": a folder, and what is written is a file"):
        export.export(tmp_path / "no checkpoint either", tmp_path, ABOUT)


def test_a_file_ends_in_its_checksum(files):
    for path in files.values():
        assert onnx.load(path).metadata_props[-1].key == CHECKSUM
        check(path)
