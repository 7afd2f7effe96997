"""A model file of 8-bit integers: static quantisation by onnxruntime, calibrated on pictures."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from background_remover.errors import OptionError
from background_remover.export.graph import plain
from background_remover.export.source import Alphas, Source, needing
from background_remover.segmentation.checksum import stamped
from background_remover.segmentation.network import INPUT, Network
from background_remover.types import Image

EXTRA = "export-int8"
_LAST = 3  # convolutions that stay in single precision: their errors are seen in the alpha as they are


def write(source: Source, out: Path) -> None:
    """Write `out`, a model file as any other, whose layers compute with 8-bit integers but for the first and last.

    Weights have a scale for each output channel, activations one for each tensor, from their ranges on the source's
    pictures. The card's `name` ends in -int8. Raises `OptionError` where there are no pictures, and `Error` where onnx
    isn't installed.
    """
    if not source.pictures:
        raise OptionError("onnx-int8 is calibrated on pictures; give photographs, as in --pictures DIR")
    with needing(EXTRA):
        import onnx
    from onnxruntime import quantization  # type: ignore[import-untyped]
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata  # type: ignore[import-untyped]

    graph = plain(source.path, extra=EXTRA)
    add_pre_process_metadata(graph)  # or it warns that the graph isn't optimised yet
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.onnx", Path(folder) / "after.onnx"
        onnx.save(graph, before)
        quantization.quantize_static(
            before,
            after,
            _Calibration(source.pictures),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            nodes_to_exclude=_sensitive(graph),
        )
        model = onnx.load(after)
    card = replace(source.card, name=f"{source.card.name}-int8")
    onnx.helper.set_model_props(model, card.to_metadata())
    out.write_bytes(stamped(model.SerializeToString()))


def load(path: Path) -> Callable[[Image], Alphas]:
    """Return the file's network as a function: (1, H, W, 3) uint8 -> (1, H, W)."""
    return Network(path).predict


class _Calibration:
    """The pictures one after another, as onnxruntime's `CalibrationDataReader` gives them."""

    def __init__(self, pictures: tuple[Image, ...]) -> None:
        self._left = iter(pictures)

    def get_next(self) -> dict[str, Image] | None:
        """Return the network's input of the next picture, or None after the last."""
        picture = next(self._left, None)
        return None if picture is None else {INPUT: picture}


def _sensitive(graph: Any) -> list[str]:
    """Name the nodes to leave in single precision: up to the first convolution, and from the last few on."""
    places = [place for place, node in enumerate(graph.graph.node) if node.op_type == "Conv"]
    if not places:
        return []
    first, last = places[0], places[-_LAST:][0]
    return [node.name for place, node in enumerate(graph.graph.node) if place <= first or place >= last]
