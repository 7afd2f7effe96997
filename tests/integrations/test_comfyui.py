"""The node as ComfyUI calls it: by its mappings, with tensors; ComfyUI itself is in no package registry."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from background_remover import Remover

FILE = Path(__file__).parents[2] / "integrations" / "comfyui" / "remove_background.py"


@pytest.fixture(scope="module")
def nodes():
    """The module, loaded by its path as ComfyUI loads what is in `custom_nodes`."""
    spec = importlib.util.spec_from_file_location(FILE.stem, FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(nodes, bright, monkeypatch):
    """Calls the node by what it says of itself, with a tiny model."""
    kind = nodes.NODE_CLASS_MAPPINGS["RemoveBackground"]
    monkeypatch.setattr(nodes, "remover", lambda name: Remover(bright))

    def run(image: torch.Tensor, **inputs: str) -> tuple[torch.Tensor, ...]:
        known = kind.INPUT_TYPES()["required"]
        inputs = {name: known[name][1]["default"] for name in known if name != "image"} | inputs
        answers = getattr(kind(), kind.FUNCTION)(image=image, **inputs)
        assert len(answers) == len(kind.RETURN_TYPES)
        return answers

    return run


def test_a_batch_becomes_cutouts_and_masks(run, scene, bright):
    batch = torch.from_numpy(np.stack([scene, scene[:, ::-1]]).astype(np.float32) / 255)
    image, mask = run(batch)
    assert (image.dtype, image.shape, mask.dtype, mask.shape) == (
        torch.float32,
        (2, 90, 120, 4),
        torch.float32,
        (2, 90, 120),
    )
    cut = Remover(bright).cut(scene)
    assert np.abs(mask[0].numpy() - cut.alpha).max() < 1e-3
    assert np.abs(image[0].numpy() - np.asarray(cut.image) / 255).max() < 1.5 / 255
    assert np.abs(mask[1].numpy()[:, ::-1] - mask[0].numpy()).mean() < 0.01


def test_over_a_background_the_image_has_three_channels(run, scene):
    image, mask = run(torch.from_numpy(scene[None].astype(np.float32) / 255), background="#ff0000")
    assert image.shape == (1, 90, 120, 3)
    assert image[mask < 0.001].numpy() == pytest.approx(np.tile([1.0, 0, 0], ((mask < 0.001).sum(), 1)), abs=0.01)


def test_an_image_without_a_subject_is_transparent_and_no_error(run):
    image, mask = run(torch.zeros(1, 40, 60, 3))
    assert mask.max() < 0.01
    assert image[..., 3].max() < 0.01


def test_its_model_stays_open(nodes):
    assert nodes.remover("unet") is nodes.remover("unet")


def test_it_loads_without_torch():
    code = f"import runpy, sys; runpy.run_path({str(FILE)!r}); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
