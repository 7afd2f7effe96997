import numpy as np
import onnx
import pytest

from background_remover.errors import OptionError
from background_remover.export import onnx_int8
from background_remover.export.source import Source, drawn, prepare
from background_remover.segmentation import checksum
from background_remover.segmentation.network import Network
from tests.export.conftest import SMALL_CARD


@pytest.fixture(scope="module")
def quantised(small, tmp_path_factory):
    out = tmp_path_factory.mktemp("int8") / "small-int8.onnx"
    onnx_int8.write(Source(small, SMALL_CARD, None, prepare(drawn(64)[:4], SMALL_CARD, None)), out)
    return out


def test_it_is_a_model_file_whose_answers_are_nearly_the_same(small, quantised):
    checksum.check(quantised)
    network = Network(quantised)
    assert network.card.name == "small-int8"
    assert network.card.longest_side == SMALL_CARD.longest_side
    for picture in prepare(drawn(64)[4:], SMALL_CARD, (64, 96)):  # of another shape than those of the calibration
        assert np.abs(network.predict(picture) - Network(small).predict(picture)).mean() < 0.01


def test_the_first_and_last_layers_stay_in_single_precision(quantised):
    graph = onnx.load(quantised).graph
    quantised_values = {node.output[0] for node in graph.node if node.op_type == "DequantizeLinear"}
    computed = {node.name: node.input[1] in quantised_values for node in graph.node if "Conv" in node.op_type}
    assert computed["large"]
    assert not any(computed[name] for name in ("first", "second", "third", "logits"))


def test_it_names_no_file_of_the_machine_that_exported_the_model(small, quantised):
    assert b"/home/somebody" in small.read_bytes()
    assert b"/home/somebody" not in quantised.read_bytes()


def test_it_needs_pictures(small, tmp_path):
    with pytest.raises(OptionError, match="calibrated on pictures"):
        onnx_int8.write(Source(small, SMALL_CARD, None, ()), tmp_path / "small-int8.onnx")
