"""TFLite's format, for LiteRT on Android and other small devices: one input size, converted by onnx2tf."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from background_remover.export.graph import plain
from background_remover.export.source import Alphas, Source, needing
from background_remover.segmentation.network import INPUT
from background_remover.types import Image

EXTRA = "export-tflite"
_EPSILON = 1e-5  # of a batch normalisation that states none


def write(source: Source, out: Path) -> None:
    """Write `out`, a .tflite file of the source's fixed size; raises `Error` where onnx2tf isn't installed."""
    with needing(EXTRA):
        import onnx2tf
    import onnx

    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "graph.onnx"
        onnx.save(portable(plain(source.path, source.fixed_size, extra=EXTRA)), graph)
        with _silence():
            onnx2tf.convert(
                input_onnx_file_path=str(graph),
                output_folder_path=folder,
                keep_shape_absolutely_input_names=[INPUT],  # it would take the last axis of the picture for its width
                not_use_onnxsim=True,
                verbosity="error",
            )
        out.write_bytes((Path(folder) / "graph_float32.tflite").read_bytes())


def load(path: Path) -> Callable[[Image], Alphas]:
    """Return the file's network as a function: (1, H, W, 3) uint8 of its input size -> (1, H, W)."""
    with needing(EXTRA):
        from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(str(path), num_threads=os.cpu_count())
    interpreter.allocate_tensors()
    source, answer = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def run(images: Image) -> Alphas:
        interpreter.set_tensor(source, images)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(answer), dtype=np.float32)

    return run


def portable(model: Any) -> Any:
    """Return the graph, of a fixed size, without what onnx2tf translates wrongly; its answers stay the same.

    A slice that runs backwards becomes an operator that TFLite lacks: here it becomes a `Gather`. The factors of a
    batch normalisation are moved past the ReLU before it, which is wrong where they are negative: here it becomes a
    convolution of each channel by itself.
    """
    import onnx

    model = onnx.shape_inference.infer_shapes(model, data_prop=True)
    shapes = {value.name: _sides(value) for value in (*model.graph.input, *model.graph.value_info)}
    held = {weight.name: onnx.numpy_helper.to_array(weight) for weight in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Slice" and len(node.input) == 5 and held[node.input[4]].tolist() == [-1]:
            axis = int(held[node.input[3]][0])
            node.CopyFrom(_reversal(model, node, axis, shapes[node.input[0]][axis]))
        elif node.op_type == "BatchNormalization":
            node.CopyFrom(_depthwise(model, node, [held[name] for name in node.input[1:]]))
    return model


def _sides(value: Any) -> tuple[int, ...]:
    return tuple(side.dim_value for side in value.type.tensor_type.shape.dim)


def _reversal(model: Any, node: Any, axis: int, length: int) -> Any:
    """Return the node that turns one whole axis of that length round."""
    import onnx

    order = _constant(model, f"{node.output[0]}/order", np.arange(length)[::-1])
    return onnx.helper.make_node("Gather", [node.input[0], order], node.output, name=node.name, axis=axis)


def _depthwise(model: Any, node: Any, numbers: Sequence[NDArray[np.float32]]) -> Any:
    """Return the 1x1 convolution of each channel by itself that does what a batch normalisation does."""
    import onnx

    scale, bias, mean, variance = numbers
    epsilon = next((attribute.f for attribute in node.attribute if attribute.name == "epsilon"), _EPSILON)
    factor = scale / np.sqrt(variance + np.float32(epsilon))
    weight = _constant(model, f"{node.output[0]}/weight", factor.reshape(-1, 1, 1, 1))
    offset = _constant(model, f"{node.output[0]}/bias", bias - mean * factor)
    inputs = [node.input[0], weight, offset]
    return onnx.helper.make_node("Conv", inputs, node.output, name=node.name, group=len(scale), kernel_shape=[1, 1])


def _constant(model: Any, name: str, values: NDArray[Any]) -> str:
    """Add a constant to the graph and return its name."""
    import onnx

    model.graph.initializer.append(onnx.numpy_helper.from_array(np.ascontiguousarray(values), name))
    return name


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Let a block print nothing: onnx2tf draws bars and boxes."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield
