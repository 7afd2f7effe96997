"""TFLite's format, for LiteRT on Android and other small devices: one size of picture, by onnx2tf."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from background_remover.export.graph import plain
from background_remover.export.source import Alphas, Source, needing
from background_remover.segmentation.network import INPUT
from background_remover.types import Image

EXTRA = "export-tflite"


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
    """Return what answers by that file: (1, H, W, 3) uint8 of its own size gives (1, H, W)."""
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

    A slice that runs backwards becomes an operator of its own that TFLite lacks: here it becomes a `Gather`. A
    transposed convolution with padding comes out shifted by a pixel: here it has none, and its border is cut off.
    """
    import onnx

    model = onnx.shape_inference.infer_shapes(model, data_prop=True)
    shapes = {value.name: _sides(value) for value in (*model.graph.input, *model.graph.value_info)}
    held = {weight.name: onnx.numpy_helper.to_array(weight) for weight in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type == "Slice" and len(node.input) == 5 and held[node.input[4]].tolist() == [-1]:
            nodes += _reversal(model, node, int(held[node.input[3]][0]), shapes)
        elif node.op_type == "ConvTranspose":
            nodes += _unpadded(model, node, shapes[node.input[0]])
        else:
            nodes.append(node)
    del model.graph.node[:], model.graph.value_info[:]
    model.graph.node.extend(nodes)
    return model


def _sides(value: Any) -> tuple[int, ...]:
    return tuple(side.dim_value for side in value.type.tensor_type.shape.dim)


def _reversal(model: Any, node: Any, axis: int, shapes: dict[str, tuple[int, ...]]) -> list[Any]:
    """Return the nodes that turn one whole axis round."""
    import onnx

    order = _constant(model, f"{node.output[0]}/order", range(shapes[node.input[0]][axis] - 1, -1, -1))
    return [onnx.helper.make_node("Gather", [node.input[0], order], node.output, axis=axis)]


def _unpadded(model: Any, node: Any, sides: Sequence[int]) -> list[Any]:
    """Return a transposed convolution without padding, and the slice that cuts off what the padding would have."""
    import onnx

    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    top, left, bottom, right = attributes.pop("pads", [0, 0, 0, 0])
    further = attributes.pop("output_padding", [0, 0])
    attributes.pop("auto_pad", None)
    strides, kernel = attributes["strides"], attributes["kernel_shape"]
    ends = [
        (side - 1) * stride + length + more - padding
        for side, stride, length, more, padding in zip(
            sides[2:], strides, kernel, further, (bottom, right), strict=True
        )
    ]
    whole = f"{node.output[0]}/whole"
    bounds = [
        _constant(model, f"{whole}/{name}", values)
        for name, values in (("starts", (top, left)), ("ends", ends), ("axes", (2, 3)))
    ]
    return [
        onnx.helper.make_node("ConvTranspose", node.input, [whole], **attributes),
        onnx.helper.make_node("Slice", [whole, *bounds], node.output),
    ]


def _constant(model: Any, name: str, values: Sequence[int]) -> str:
    """Add a constant of whole numbers to the graph and return its name."""
    import onnx

    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(values, np.int64), name))
    return name


@contextlib.contextmanager
def _silence() -> Any:
    """Let a block print nothing: onnx2tf draws bars and boxes."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield
