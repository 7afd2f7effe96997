import numpy as np
import onnxruntime
import pytest

import selfie
from background_remover.errors import Error
from selfie import Graph, Operator

STRIDES = {"StrideH": 2, "StrideW": 2, "Padding": 0, "FusedActivationFunction": 0}


def run(graph: Graph, picture: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(selfie.translate(graph).SerializeToString())
    return session.run(None, {selfie.IMAGE: picture})[0]


def graph_of(operator: Operator, constants: dict[str, np.ndarray], made: tuple[int, ...]) -> Graph:
    shapes = {"x": (1, 4, 6, 3), "y": made} | {name: value.shape for name, value in constants.items()}
    return Graph([operator], constants, shapes, "x", "y")


@pytest.fixture
def picture(rng) -> np.ndarray:
    return rng.random((1, 4, 6, 3), dtype=np.float32)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_convolution_sums_over_windows_that_begin_at_every_second_pixel(picture, rng):
    weight, bias = rng.random((5, 2, 2, 3), dtype=np.float32), rng.random(5, dtype=np.float32)
    graph = graph_of(Operator("CONV_2D", ("x", "w", "b"), "y", STRIDES), {"w": weight, "b": bias}, (1, 2, 3, 5))
    windows = picture.reshape(1, 2, 2, 3, 2, 3)  # their row, row within, column, column within
    np.testing.assert_allclose(run(graph, picture), np.einsum("nrhcwi,ohwi->nrco", windows, weight) + bias, rtol=1e-5)


def test_a_depthwise_convolution_filters_each_channel_by_itself(picture, rng):
    weight, bias = rng.random((1, 2, 2, 3), dtype=np.float32), rng.random(3, dtype=np.float32)
    operator = Operator("DEPTHWISE_CONV_2D", ("x", "w", "b"), "y", STRIDES | {"DepthMultiplier": 1})
    graph = graph_of(operator, {"w": weight, "b": bias}, (1, 2, 3, 3))
    windows = picture.reshape(1, 2, 2, 3, 2, 3)
    np.testing.assert_allclose(run(graph, picture), np.einsum("nrhcwi,hwi->nrci", windows, weight[0]) + bias, rtol=1e-5)


def test_mediapipes_own_operator_writes_a_block_for_every_pixel(picture, rng):
    half = rng.random((1, 2, 2, 3)).astype(np.float16)  # which a step before it widens
    bias = rng.random(1, dtype=np.float32)
    graph = graph_of(Operator(selfie.TRANSPOSED, ("x", "w", "b"), "y"), {"h": half, "b": bias}, (1, 8, 12, 1))
    graph = Graph([Operator("DEQUANTIZE", ("h",), "w"), *graph.operators], graph.constants, graph.shapes, "x", "y")
    blocks = np.einsum("nrci,hwi->nrhcw", picture, half[0].astype(np.float32)).reshape(1, 8, 12, 1)
    np.testing.assert_allclose(run(graph, picture), blocks + bias, rtol=1e-5)


def test_a_mean_over_the_picture_and_an_enlargement_by_two(picture):
    numbers = {"FilterHeight": 4, "FilterWidth": 6, "StrideH": 4, "StrideW": 6, "Padding": 1}
    pooled = run(graph_of(Operator("AVERAGE_POOL_2D", ("x",), "y", numbers), {}, (1, 1, 1, 3)), picture)
    np.testing.assert_allclose(pooled, picture.mean((1, 2), keepdims=True), rtol=1e-5)
    numbers = {"AlignCorners": 0, "HalfPixelCenters": 1}
    sizes = {"s": np.array([8, 12], np.int32)}
    larger = run(graph_of(Operator("RESIZE_BILINEAR", ("x", "s"), "y", numbers), sizes, (1, 8, 12, 3)), picture)
    between = 0.75 * picture[:, 0, 0] + 0.25 * picture[:, 0, 1]
    np.testing.assert_allclose(larger[:, 0, [0, 1]], np.stack([picture[:, 0, 0], between], 1), rtol=1e-5)


def test_what_the_network_does_not_have_is_refused():
    for operator in (Operator("TANH", ("x",), "y"), Operator("ADD", ("x", "x"), "y", {"FusedActivationFunction": 1})):
        with pytest.raises(Error, match=f"{operator.kind} .*isn't translated"):
            selfie.translate(graph_of(operator, {}, (1, 4, 6, 3)))
