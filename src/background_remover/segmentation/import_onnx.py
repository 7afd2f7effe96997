"""Wrapping a third party's segmentation network, an .onnx file, into the contract of a model file.

The steps around the network - scaling, normalisation, transposes, the choice of an output, the sigmoid - become part of
the graph, so that it can be used like any other model file. One step is left out on purpose: rembg stretches the
answers of every network by their own minimum and maximum, and divides a picture by its brightest level. Here they stay
as they are, or an empty picture could not be recognised.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from background_remover.errors import Error, ModelError, one_line
from background_remover.imaging.atomic import check_name, whole
from background_remover.models import SUFFIX
from background_remover.segmentation.checksum import stamped
from background_remover.segmentation.network import INPUT, OUTPUT, Card, Network
from background_remover.segmentation.preprocessing import UNSTATED, Convention, fit_size
from background_remover.version import __version__

try:
    import onnx
    from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
except ImportError as error:
    raise Error(f"wrapping a model needs onnx ({error}): pip install 'background-remover[import]'") from error

LARGEST = 2**31 - 2**24  # bytes: a protobuf message ends at 2 GiB, and the wrapping adds a little
OLDEST_OPSET = 7  # the first whose arithmetic broadcasts
_SQUEEZE_BY_INPUT = 13  # the opset from which Squeeze takes its axes as an input
_PREFIX = "foreign/"  # of every name in the wrapped graph, which may use ours
_FLOATS = ("float", "float16")


def wrap(file: Path, out: Path, name: str, convention: Convention, *, licence: str = UNSTATED) -> Card:
    """Write `out`, a model file that holds the network of `file`, and return its card.

    It takes one picture at a time, and is run on noise before it gets its name. Raises `ModelError` where `file` is
    no network of that convention, `OptionError` where `out` is `file` itself or doesn't end in .onnx, and `ImageError`
    where `out` can't be written.
    """
    check_name(out, "a model file", [SUFFIX], file)
    model = _load(file)
    source, answer = _find_input(model, convention, file), _find_output(model, convention, file)
    card = Card(
        name=name,
        version=f"sha256 {hashlib.sha256(file.read_bytes()).hexdigest()[:16]}",
        license=licence,
        data=UNSTATED,
        commit=f"{file.name}, wrapped by background-remover {__version__}",
        parameters=sum(math.prod(weight.dims) for weight in _weights(model)),
        multiple=convention.sides,
        longest_side=convention.size,
    )
    _wrap_graph(model, source, answer, convention)
    helper.set_model_props(model, card.to_metadata())
    with whole(out) as partial:
        partial.write_bytes(stamped(model.SerializeToString()))
        _try_out(partial, card, convention, file)
    return card


@dataclass(frozen=True)
class _Tensor:
    """An input or output of a graph: its name, ONNX type and shape, with a name for each dynamic axis."""

    name: str
    kind: str
    shape: tuple[int | str, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.kind} ({', '.join(map(str, self.shape))})"

    @classmethod
    def of(cls, value: onnx.ValueInfoProto) -> "_Tensor":
        tensor = value.type.tensor_type  # of type "undefined" and without a shape where the value is no tensor
        sides = tuple(side.dim_value if side.dim_value > 0 else side.dim_param or "?" for side in tensor.shape.dim)
        return cls(value.name, TensorProto.DataType.Name(tensor.elem_type).lower(), sides)


@dataclass(frozen=True)
class _Step:
    """An operator of a chain, with the constant that is its second input."""

    operator: str
    constant: ArrayLike | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def _load(file: Path) -> ModelProto:
    if not file.is_file():
        raise ModelError(f"{file}: no such model file; check the name")
    if file.stat().st_size > LARGEST:
        raise ModelError(f"{file}: is {file.stat().st_size / 1e9:.1f} GB and an ONNX file ends at 2; store it as fp16")
    try:
        model = onnx.load(file, load_external_data=False)
    except Exception as error:  # protobuf's errors share no base class
        raise ModelError(f"{file}: not a whole ONNX model ({one_line(error)}); get it again") from error
    if any(onnx.external_data_helper.uses_external_data(weight) for weight in _weights(model)):
        raise ModelError(f"{file}: keeps its weights in another file; save it with save_as_external_data=False first")
    if _opset(model) < OLDEST_OPSET:
        raise ModelError(f"{file}: opset {_opset(model)} is too old, wanted {OLDEST_OPSET} or later; convert it first")
    return model


def _opset(model: ModelProto) -> int:
    """Return the version of the standard operators that a model uses; 0 where it states none."""
    return max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)


def _weights(model: ModelProto) -> Iterator[TensorProto]:
    """Yield every weight of a model; some exporters keep them in nodes."""
    yield from model.graph.initializer
    for node in model.graph.node:
        if node.op_type == "Constant":
            yield from (attribute.t for attribute in node.attribute if attribute.HasField("t"))


def _find_input(model: ModelProto, convention: Convention, file: Path) -> _Tensor:
    weights = {weight.name for weight in model.graph.initializer}  # old files list them as inputs as well
    inputs = [_Tensor.of(value) for value in model.graph.input if value.name not in weights]
    side = "?" if convention.sides < convention.size else convention.size
    wanted = (1, 3, side, side) if convention.layout == "nchw" else (1, side, side, 3)
    if len(inputs) == 1 and inputs[0].kind in _FLOATS and len(inputs[0].shape) == 4:
        pairs = zip(inputs[0].shape, wanted, strict=True)
        if all(isinstance(found, str) or found == right for found, right in pairs):
            return inputs[0]
    raise ModelError(
        f"{file}: takes {', '.join(map(str, inputs)) or 'nothing'}; wanted one input, "
        f"float or float16 ({', '.join(map(str, wanted))}); check size, multiple and layout"
    )


def _find_output(model: ModelProto, convention: Convention, file: Path) -> _Tensor:
    outputs = {value.name: _Tensor.of(value) for value in model.graph.output}
    name = next(iter(outputs), "") if convention.output is None else convention.output
    if name not in outputs:
        raise ModelError(f"{file}: has no output {name!r}; known: {', '.join(outputs)}")
    found = outputs[name]
    channels = found.shape[_channel(convention)] if len(found.shape) == 4 else 1
    if found.kind in _FLOATS and len(found.shape) in (3, 4) and (channels == 1 or isinstance(channels, str)):
        return found
    raise ModelError(
        f"{file}: gives {found}; wanted float or float16 with one channel or none; "
        f"check layout and output, known: {', '.join(outputs)}"
    )


def _channel(convention: Convention) -> int:
    return 1 if convention.layout == "nchw" else 3


def _wrap_graph(model: ModelProto, source: _Tensor, answer: _Tensor, convention: Convention) -> None:
    """Add the contract's steps before the input and after the output of a graph, in place."""
    onnx.compose.add_prefix(model, _PREFIX, rename_functions=False, inplace=True)
    first, last = _PREFIX + source.name, _PREFIX + answer.name
    before = _chain("before", INPUT, first, _steps_before(source, convention))
    after = _chain("after", last, OUTPUT, _steps_after(answer, convention, _opset(model)))
    sides = ["h", "w"] if convention.sides < convention.size else [convention.size, convention.size]
    graph = model.graph
    nodes, weights = [*before, *graph.node, *after], [value for value in graph.input if value.name != first]
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend(nodes)
    graph.input.extend([helper.make_tensor_value_info(INPUT, TensorProto.UINT8, [1, *sides, 3]), *weights])
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, *sides]))


def _steps_before(source: _Tensor, convention: Convention) -> list[_Step]:
    """Return the steps from uint8 (1, H, W, 3) to the network's input."""
    steps = [
        _Step("Cast", attributes={"to": TensorProto.FLOAT}),
        _Step("Div", np.float32(255)),
        _Step("Sub", np.array(convention.mean, np.float32)),
        _Step("Div", np.array(convention.std, np.float32)),
    ]
    if convention.layout == "nchw":
        steps.append(_Step("Transpose", attributes={"perm": [0, 3, 1, 2]}))
    if source.kind == "float16":
        steps.append(_Step("Cast", attributes={"to": TensorProto.FLOAT16}))
    return steps


def _steps_after(answer: _Tensor, convention: Convention, opset: int) -> list[_Step]:
    """Return the steps from the network's output to float32 (1, H, W) in [0, 1]."""
    steps = [_Step("Cast", attributes={"to": TensorProto.FLOAT})]
    if len(answer.shape) == 4:
        axes = [_channel(convention)]
        if opset >= _SQUEEZE_BY_INPUT:
            steps.append(_Step("Squeeze", np.array(axes, np.int64)))
        else:
            steps.append(_Step("Squeeze", attributes={"axes": axes}))
    if convention.answer == "logits":
        steps.append(_Step("Sigmoid"))
    return steps


def _chain(label: str, first: str, last: str, steps: Sequence[_Step]) -> list[NodeProto]:
    """Return the nodes that lead from the tensor `first` to `last`; their own names begin with `label`.

    Constants are nodes, not initialisers: before version 4 of the format those have to be inputs as well.
    """
    nodes = []
    names = [first, *(f"{label}/{number}" for number in range(1, len(steps))), last]
    for step, source, target in zip(steps, names[:-1], names[1:], strict=True):
        inputs = [source]
        if step.constant is not None:
            inputs.append(f"{target}/constant")
            value = numpy_helper.from_array(np.asarray(step.constant))
            nodes.append(helper.make_node("Constant", [], [inputs[1]], value=value))
        nodes.append(helper.make_node(step.operator, inputs, [target], **step.attributes))
    return nodes


def _try_out(partial: Path, card: Card, convention: Convention, file: Path) -> None:
    """Raise `ModelError` where the wrapped model fails on noise, or its answers contradict the convention."""
    size = fit_size((3, 4), card.multiple, card.longest_side)
    noise = np.random.default_rng(0).integers(0, 256, (1, *size, 3), dtype=np.uint8)
    try:
        alphas = Network(partial).predict(noise)
    except ModelError as error:
        reason = str(error).removeprefix(f"{partial}: ").rpartition("; ")[0]  # its advice is for exported files
        raise ModelError(f"{file}: wrapped, it can't be used: {reason}; check answer, output and size") from error
    # The sigmoid of probabilities lies in this range; that of logits leaves it.
    if convention.answer == "logits" and alphas.min() >= 0.5 and alphas.max() <= 1 / (1 + math.exp(-1)) + 1e-6:
        raise ModelError(f"{file}: its answers lie in [0, 1] already, so they are no logits; give answer probabilities")
