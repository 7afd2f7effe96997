"""OpenVINO's format: an .xml of the graph, and a .bin of the weights beside it."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from background_remover.export.source import Alphas, Source, needing
from background_remover.types import Image

EXTRA = "export-openvino"
_CARD = "model_card"  # the section of the file's own information that the card stands in


def write(source: Source, out: Path) -> None:
    """Write `out`, which ends in .xml, and its weights; raises `Error` where OpenVINO isn't installed.

    The weights are stored as they are in the model file, so nothing is lost. The card is kept as `model_card`.
    """
    openvino = _library()
    model = openvino.Core().read_model(str(source.path))
    for key, value in asdict(source.card).items():
        model.set_rt_info(str(value), [_CARD, key])
    openvino.save_model(model, str(out), compress_to_fp16=False)


def load(path: Path) -> Callable[[Image], Alphas]:
    """Return the file's network as a function, in single precision on the CPU: (1, H, W, 3) uint8 -> (1, H, W).

    By itself OpenVINO computes in bfloat16 where the processor has it, which changes an alpha by up to 0.1.
    """
    openvino = _library()
    compiled = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda images: np.asarray(compiled(images)[0], dtype=np.float32)


def _library() -> Any:
    """Import OpenVINO without the package that reports its use to its maker: it does so as soon as it is imported."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None makes its import fail
    with needing(EXTRA):
        import openvino
    return openvino
