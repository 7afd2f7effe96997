"""MediaPipe's selfie segmentation as an ONNX file, translated from the TFLite file that its npm package carries.

The package is under the Apache License 2.0. Its last operator is MediaPipe's own, which converters don't know; the
others are ordinary, so each is translated here. Needs `pip install onnx tflite`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from background_remover.errors import Error
from installation import npm_package

PACKAGE, MEMBER = "@mediapipe/selfie_segmentation@0.1.1675465747", "selfie_segmentation.tflite"
OPSET, IR = 14, 8  # the first opset with HardSwish, and a format version that has it
TRANSPOSED = "Convolution2DTransposeBias"
_TYPES = {0: np.float32, 1: np.float16, 2: np.int32}  # by TFLite's numbers for them
IMAGE, ALPHA = "image", "alpha"
_EXPECTED = {"FusedActivationFunction": 0, "DepthMultiplier": 1, "AlignCorners": 0, "HalfPixelCenters": 1}
_NUMBERS = ("StrideH", "StrideW", "Padding", "FilterHeight", "FilterWidth", *_EXPECTED)
_WEIGHTS = {"CONV_2D": (0, 3, 1, 2), "DEPTHWISE_CONV_2D": (3, 0, 1, 2), TRANSPOSED: (3, 0, 1, 2)}  # to ONNX's order
_SIMPLE = {"ADD": "Add", "MUL": "Mul", "RELU": "Relu", "HARD_SWISH": "HardSwish", "LOGISTIC": "Sigmoid"}
_PADDINGS = ("SAME_UPPER", "VALID")


@dataclass(frozen=True)
class Operator:
    """An operator of a TFLite graph: its kind, the names of its tensors, and the numbers that it states."""

    kind: str
    inputs: tuple[str, ...]
    output: str
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A TFLite graph: its operators in order, its constants and shapes by their names, its input and its output."""

    operators: Sequence[Operator]
    constants: Mapping[str, NDArray[Any]]
    shapes: Mapping[str, tuple[int, ...]]
    source: str
    answer: str


def fetch(folder: Path) -> Path:
    """Return the ONNX file in `folder`, got with npm and translated where it is missing; raises `Error` on failure."""
    target = folder / "selfie.onnx"
    if target.is_file():
        return target
    with npm_package(PACKAGE, folder) as package:
        model = translate(read((package / MEMBER).read_bytes()))
        (package / target.name).write_bytes(model.SerializeToString())
        (package / target.name).replace(target)
    return target


def read(data: bytes) -> Graph:
    """Return the graph in a TFLite file's bytes; raises `Error` where the package `tflite` isn't installed."""
    try:
        import tflite
    except ImportError as error:
        raise Error(f"reading a TFLite file needs tflite ({error}): pip install tflite") from error
    model = tflite.Model.GetRootAs(data, 0)
    graph = model.Subgraphs(0)
    tensors = [graph.Tensors(number) for number in range(graph.TensorsLength())]
    names = [tensor.Name().decode() for tensor in tensors]
    shapes = [tuple(tensor.Shape(axis) for axis in range(tensor.ShapeLength())) for tensor in tensors]
    constants = {
        name: model.Buffers(tensor.Buffer()).DataAsNumpy().view(_TYPES[tensor.Type()]).reshape(shape)
        for name, tensor, shape in zip(names, tensors, shapes, strict=True)
        if model.Buffers(tensor.Buffer()).DataLength()
    }
    operators = [
        _read_operator(tflite, model, graph.Operators(number), names) for number in range(graph.OperatorsLength())
    ]
    return Graph(
        operators, constants, dict(zip(names, shapes, strict=True)), names[graph.Inputs(0)], names[graph.Outputs(0)]
    )


def _read_operator(tflite: Any, model: Any, operator: Any, names: Sequence[str]) -> Operator:
    code = model.OperatorCodes(operator.OpcodeIndex())
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    (kind,) = (name for name, value in vars(tflite.BuiltinOperator).items() if value == number and name.isupper())
    inputs = tuple(names[operator.Inputs(index)] for index in range(operator.InputsLength()))
    table = operator.BuiltinOptions()
    if table is None:
        kind = code.CustomCode().decode() if kind == "CUSTOM" else kind
        return Operator(kind, inputs, names[operator.Outputs(0)])
    types = {value: name for name, value in vars(tflite.BuiltinOptions).items()}
    options = getattr(tflite, types[operator.BuiltinOptionsType()])()
    options.Init(table.Bytes, table.Pos)
    numbers = {key: int(getattr(options, key)()) for key in _NUMBERS if hasattr(options, key)}
    return Operator(kind, inputs, names[operator.Outputs(0)], numbers)


def translate(graph: Graph) -> ModelProto:
    """Return a TFLite graph of floats as an ONNX model from `image` to `alpha`, both (1, H, W, channels).

    Raises `Error` at an operator, or a number of one, that this network doesn't have.
    """
    constants = dict(graph.constants)
    nodes = [helper.make_node("Transpose", [IMAGE], [graph.source], perm=[0, 3, 1, 2])]
    weights: list[TensorProto] = []
    for operator in graph.operators:
        if operator.kind == "DEQUANTIZE":  # the weights are stored in half precision
            constants[operator.output] = constants[operator.inputs[0]].astype(np.float32)
            continue
        node, held = _translated(operator, constants, graph.shapes)
        nodes.append(node)
        weights.extend(numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in held.items())
    nodes.append(helper.make_node("Transpose", [graph.answer], [ALPHA], perm=[0, 2, 3, 1]))
    ends = ((IMAGE, graph.source), (ALPHA, graph.answer))
    first, last = (helper.make_tensor_value_info(name, TensorProto.FLOAT, graph.shapes[of]) for name, of in ends)
    made = helper.make_graph(nodes, "selfie", [first], [last], weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model)
    return model


def _translated(
    operator: Operator, constants: Mapping[str, NDArray[Any]], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[NodeProto, dict[str, NDArray[Any]]]:
    """Return the ONNX node that does in (N, C, H, W) what an operator does in (N, H, W, C), and its constants."""
    kind, numbers, output = operator.kind, operator.numbers, [operator.output]
    source, *others = operator.inputs
    sides, made = shapes[source][1:3], shapes[operator.output][1:3]
    if any(numbers.get(name, value) != value for name, value in _EXPECTED.items()):
        raise Error(f"{kind} with {dict(numbers)} isn't translated; use {PACKAGE}")
    if kind in _SIMPLE and not constants.keys() & set(others):
        return helper.make_node(_SIMPLE[kind], operator.inputs, output), {}
    if kind == "AVERAGE_POOL_2D" and (numbers["FilterHeight"], numbers["FilterWidth"]) == sides:
        return helper.make_node("GlobalAveragePool", [source], output), {}
    if kind == "RESIZE_BILINEAR":
        name = f"{operator.output}/scales"
        scales = np.array([1, 1, made[0] / sides[0], made[1] / sides[1]], np.float32)
        return helper.make_node("Resize", [source, "", name], output, mode="linear"), {name: scales}
    if kind in _WEIGHTS:
        weight, bias = others
        held = {weight: constants[weight].transpose(_WEIGHTS[kind]), bias: constants[bias]}
        return _convolution(operator, held[weight].shape), held
    raise Error(f"{kind} with {dict(numbers)} isn't translated; use {PACKAGE}")


def _convolution(operator: Operator, shape: tuple[int, ...]) -> NodeProto:
    """Return the node of a convolution by a weight of that shape, which is in ONNX's order."""
    if operator.kind == TRANSPOSED:  # its step is its size, so that the pieces of the answer don't overlap
        return helper.make_node("ConvTranspose", operator.inputs, [operator.output], strides=shape[2:])
    strides = [operator.numbers["StrideH"], operator.numbers["StrideW"]]
    group = shape[0] if operator.kind == "DEPTHWISE_CONV_2D" else 1
    padding = _PADDINGS[operator.numbers["Padding"]]
    return helper.make_node("Conv", operator.inputs, [operator.output], group=group, strides=strides, auto_pad=padding)
