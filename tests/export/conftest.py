"""A small network of what converters stumble over: mirroring, an enlargement, normalisation by negative factors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from background_remover.segmentation.network import Card
from tests.conftest import CARD

SMALL_CARD: Card = replace(CARD, name="small", parameters=899)
SMALL = """
<ir_version: 8, opset_import: ["" : 18]>
small (uint8[n, h, w, 3] image) => (float[n, h, w] alpha)
<int64[1] last = {-1}, int64[1] begin = {-9223372036854775808}, int64[1] three = {3}, int64[1] one = {1},
 float shade = {255}, float half = {0.5}> {
    levels = Cast <to = 1> (image)
    scaled = Div (levels, shade)
    centred = Sub (scaled, half)
    planes = Transpose <perm = [0, 3, 1, 2]> (centred)
    turned = Slice (planes, last, begin, three, last)
    both = Concat <axis = 1> (planes, turned)
    first = Conv <pads = [1, 1, 1, 1], strides = [2, 2], kernel_shape = [3, 3]> (both, first_weight)
    features = Relu (first)
    large = ConvTranspose <pads = [1, 1, 1, 1], output_padding = [1, 1], strides = [2, 2], kernel_shape = [3, 3]> (
        features, large_weight)
    positive = Relu (large)
    normalised = BatchNormalization (positive, factors, shifts, shifts, variances)
    second = Conv <pads = [1, 1, 1, 1], kernel_shape = [3, 3]> (normalised, second_weight)
    again = Relu (second)
    third = Conv <pads = [1, 1, 1, 1], kernel_shape = [3, 3]> (again, third_weight)
    logits = Conv <kernel_shape = [1, 1]> (third, logits_weight, logits_bias)
    answers = Sigmoid (logits)
    alpha = Squeeze (answers, one)
}
"""
WEIGHTS = {"first": (8, 6, 3, 3), "large": (8, 4, 3, 3), "second": (4, 4, 3, 3), "third": (4, 4, 3, 3)}


def small_model() -> onnx.ModelProto:
    model = onnx.parser.parse_model(SMALL)
    random = np.random.default_rng(3)
    weights = {
        f"{name}_weight": random.normal(0, 1.5 / np.sqrt(np.prod(shape[1:])), shape) for name, shape in WEIGHTS.items()
    }
    weights |= {"factors": np.array([1.0, -0.7, 0.5, -1.2]), "shifts": np.full(4, 0.1), "variances": np.full(4, 0.3)}
    weights |= {"logits_weight": 8 * random.normal(size=(1, 4, 1, 1)), "logits_bias": np.array([0.5])}
    model.graph.initializer.extend(numpy_helper.from_array(v.astype(np.float32), k) for k, v in weights.items())
    for node in model.graph.node:
        node.name = node.output[0]
        node.doc_string = "made by /home/somebody/exporter.py"
        node.metadata_props.add(key="stack", value="/home/somebody/exporter.py, line 1")
    helper.set_model_props(model, SMALL_CARD.to_metadata())
    return model


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model file of the small network; its answers to photographs lie on both sides of one half."""
    path = tmp_path_factory.mktemp("small") / "small.onnx"
    onnx.save(small_model(), path)
    return path
