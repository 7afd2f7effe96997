import numpy as np
import onnxruntime
import pytest

from background_remover.export import tflite
from background_remover.export.graph import plain
from background_remover.export.source import Source, drawn, prepare
from background_remover.segmentation.network import Network
from tests.export.conftest import SMALL_CARD

SIZE = (96, 64)  # sides of different lengths, and unlike the numbers of channels


def test_the_graph_for_the_converter_answers_the_same_without_what_it_stumbles_over(small):
    model = tflite.portable(plain(small, SIZE, extra=tflite.EXTRA))
    kinds = {node.op_type for node in model.graph.node}
    assert "Gather" in kinds
    assert not {"Slice", "BatchNormalization"} & kinds
    (picture, *_) = prepare(drawn(64), SMALL_CARD, SIZE)
    wanted = Network(small).predict(picture)
    assert wanted.std() > 0.05
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"image": picture})[0], wanted, atol=1e-5)


def test_litert_answers_what_the_model_file_answers(small, tmp_path):
    pytest.importorskip("onnx2tf", reason="needs Python 3.12 in an environment of its own: pip install onnx2tf")
    (picture, *_) = prepare(drawn(64), SMALL_CARD, SIZE)
    tflite.write(Source(small, SMALL_CARD, SIZE, ()), tmp_path / "small.tflite")
    answer = tflite.load(tmp_path / "small.tflite")(picture)
    np.testing.assert_allclose(answer, Network(small).predict(picture), atol=1e-4)
