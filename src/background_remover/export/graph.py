"""The graph of a model file as converters take it: constants folded, weights in single precision."""

import tempfile
from pathlib import Path
from typing import Any

from background_remover.errors import ModelError, one_line
from background_remover.export.source import needing
from background_remover.segmentation.network import INPUT, OUTPUT
from background_remover.segmentation.traces import remove_traces
from background_remover.types import Size


def plain(path: Path, size: Size | None = None, *, extra: str) -> Any:
    """Return a model file's graph, an `onnx.ModelProto`, after onnxruntime's basic optimisations.

    What brings weights back from a smaller storage is folded into them. With `size`, (height, width), it takes one
    picture of that size alone, and computes no shapes. Raises `ModelError` where it can't be made so, and `Error` where
    onnx, of that extra, isn't installed.
    """
    with needing(extra):
        import onnx
    import onnxruntime  # type: ignore[import-untyped]  # here, as it loads slowly

    model = onnx.load(path)
    del model.metadata_props[:]
    if size is not None:
        _fix(model, size, path)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 4  # faults are reported once, by the error raised here
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder) / "plain.onnx")
        try:
            onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base class
            raise ModelError(f"{path}: can't be brought to {size} ({one_line(error)}); give another size") from error
        found = onnx.load(options.optimized_model_filepath)
    remove_traces(found)
    kept = [entry for entry in found.opset_import if entry.domain in ("", "ai.onnx")]  # onnxruntime lists all it knows
    del found.opset_import[:]
    found.opset_import.extend(kept)
    return found


def _fix(model: Any, size: Size, path: Path) -> None:
    """Set the sizes of the input and the output, in place; raises `ModelError` where they are fixed to others."""
    (source,), (answer,) = model.graph.input, model.graph.output
    for value, name, sides in ((source, INPUT, (1, *size, 3)), (answer, OUTPUT, (1, *size))):
        axes = value.type.tensor_type.shape.dim  # a side that may vary has the value 0
        own = tuple(axis.dim_value or side for axis, side in zip(axes, sides, strict=True))
        if own != sides:
            raise ModelError(f"{path}: its {name} is fixed to {own}, not {sides}; give its own size")
        for axis, side in zip(axes, sides, strict=True):
            axis.dim_value = side
    del model.graph.value_info[:]  # of the sizes that it had
