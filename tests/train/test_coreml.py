import numpy as np
import pytest
import torch

from background_remover.segmentation.network import Network
from background_remover.train import checkpoint, coreml, export, initial_weights
from background_remover.train.checkpoint import Checkpoint
from tests.train.conftest import Small, small_recipe
from tests.train.test_initial_weights import ABOUT, stirred


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Model files of a small network, without and with its mirror image."""
    folder = tmp_path_factory.mktemp("coreml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(checkpoint.MODULES, "small", lambda recipe: Small(recipe.dropout))
        patch.setattr(initial_weights, "RECIPES", {"small": small_recipe()})
        Checkpoint(small_recipe(), stirred(Small()).state_dict()).save(folder / "best.pt")
        for mirror in (False, True):
            export.export(folder / "best.pt", folder / f"{mirror}.onnx", ABOUT, mirror=mirror)
        yield folder


@pytest.mark.parametrize("mirror", [False, True])
def test_a_rebuilt_network_answers_as_its_file_behind_core_mls_images(exported, mirror):
    contract = initial_weights.rebuild(exported / f"{mirror}.onnx")
    assert contract.mirror == mirror
    images = np.random.default_rng(1).integers(0, 256, (1, 32, 96, 3), dtype=np.uint8)
    with torch.no_grad():
        planes = torch.from_numpy(images).permute(0, 3, 1, 2).float()
        answer = coreml.ImageContract(contract)(planes)[:, 0].numpy()
    np.testing.assert_allclose(answer, Network(exported / f"{mirror}.onnx").predict(images), atol=1e-5)


def test_coremltools_converts_it(exported, tmp_path):
    pytest.importorskip("coremltools", reason="coremltools isn't installed, as it is large: pip install coremltools")
    coreml.write(exported / "True.onnx", tmp_path / "small.mlpackage", (64, 32))
    specification = coreml._library().models.MLModel(str(tmp_path / "small.mlpackage")).get_spec()
    (source,), (answer,) = specification.description.input, specification.description.output
    assert (source.name, source.type.imageType.height, source.type.imageType.width) == ("image", 64, 32)
    assert answer.name == "alpha"
    assert specification.description.metadata.userDefined["name"] == ABOUT.name
