import numpy as np
import pytest

from background_remover.export import openvino
from background_remover.export.source import Source, drawn, prepare
from background_remover.segmentation.network import Network
from tests.export.conftest import SMALL_CARD


def test_openvino_answers_what_the_model_file_answers_at_every_size(small, tmp_path):
    pytest.importorskip("openvino", reason="OpenVINO isn't installed: pip install openvino")
    openvino.write(Source(small, SMALL_CARD, None, ()), tmp_path / "small.xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.bin", "small.xml"]
    answer = openvino.load(tmp_path / "small.xml")
    for size in ((64, 96), (128, 128)):
        (picture, *_) = prepare(drawn(64), SMALL_CARD, size)
        np.testing.assert_allclose(answer(picture), Network(small).predict(picture), atol=1e-5)
    assert SMALL_CARD.data in (tmp_path / "small.xml").read_text(encoding="utf-8")
