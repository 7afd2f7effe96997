import hashlib

import pytest

from background_remover.errors import ModelError, OptionError
from background_remover.models import DEFAULT, MODELS, WEIGHTS, locate
from background_remover.segmentation.network import Network


def test_a_path_that_ends_in_onnx_is_a_file(bright):
    assert locate(bright) == bright
    assert locate(str(bright)) == bright


def test_an_unknown_name_names_the_known(tmp_path):
    with pytest.raises(
        OptionError, match=r"unknown model 'isnet'; known: unet-lite2, unet, or a file that ends in \.onnx"
    ):
        locate("isnet")
    with pytest.raises(OptionError, match="unknown model"):
        locate(tmp_path)


def test_a_missing_file_is_named(tmp_path, monkeypatch):
    with pytest.raises(ModelError, match=r"none\.onnx: no such model file"):
        locate(tmp_path / "none.onnx")
    monkeypatch.setattr("background_remover.models.WEIGHTS", tmp_path)
    with pytest.raises(ModelError, match=r"unet\.onnx: the weights of 'unet' are missing"):
        locate("unet")


def test_the_default_is_known():
    assert DEFAULT in MODELS


# From here on the shipped weights themselves.


def test_every_weights_file_is_known():
    assert {path.name for path in WEIGHTS.glob("*.onnx")} == {model.path.name for model in MODELS.values()}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_shipped_file_is_the_one_described(model):
    assert model.path.stat().st_size <= 50e6
    assert hashlib.sha256(model.path.read_bytes()).hexdigest() == model.sha256
    card = Network(locate(model.name)).card
    assert (card.name, card.parameters) == (model.name, model.parameters)
    assert (card.license, card.data) == (model.license, model.data)
    assert model.scores
