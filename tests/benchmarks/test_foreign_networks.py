import numpy as np

import selfie
from background_remover.segmentation.network import Network
from background_remover.segmentation.preprocessing import Convention
from foreign_networks import Foreign
from peers import ours


def test_a_network_is_wrapped_by_its_convention_for_our_pipeline(tmp_path):
    """Of three channels in [0, 1], with the last axis that of channels, as MediaPipe's has them."""
    shapes = {"x": (1, 8, 8, 3), "z": (1, 8, 8, 1), "y": (1, 8, 8, 1)}
    constants = {"w": np.ones((1, 1, 1, 3), np.float32), "b": np.array([-1], np.float32)}
    numbers = {"StrideH": 1, "StrideW": 1, "Padding": 0}
    operators = [selfie.Operator("CONV_2D", ("x", "w", "b"), "z", numbers), selfie.Operator("LOGISTIC", ("z",), "y")]
    model = selfie.translate(selfie.Graph(operators, constants, shapes, "x", "y"))
    (tmp_path / "foreign.onnx").write_bytes(model.SerializeToString())

    convention = Convention(8, (0, 0, 0), (1, 1, 1), "probabilities", layout="nhwc")
    foreign = Foreign(lambda cache: cache / "foreign.onnx", convention, "Apache-2.0", ours("unet"))
    contender = foreign.imported("foreign")
    assert (contender.program, contender.label) == ("background-remover", "foreign, imported")
    network = Network(contender.model(tmp_path))
    assert network.card.license == "Apache-2.0"
    picture = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), dtype=np.uint8)
    np.testing.assert_allclose(network.predict(picture), 1 / (1 + np.exp(1 - picture.sum(3) / 255)), atol=1e-5)
