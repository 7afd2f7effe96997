"""Core ML's format, .mlpackage, for iOS and macOS: one input size, converted by the training program with PyTorch."""

import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from background_remover.errors import Error
from background_remover.export.source import Alphas, Source, needing
from background_remover.segmentation.network import INPUT, OUTPUT
from background_remover.types import Image

EXTRA = "export-coreml"


def write(source: Source, out: Path) -> None:
    """Write `out`, an .mlpackage, which is a folder; raises `Error` where PyTorch or coremltools isn't installed.

    Its input is an RGB image of the source's fixed size, its output a grey image of half-precision numbers. Nothing
    outside `train` imports PyTorch, so `python -m background_remover.train coreml` does the work.
    """
    height, width = source.fixed_size
    command = [sys.executable, "-m", "background_remover.train", "coreml", str(source.path), str(out)]
    run = subprocess.run(  # noqa: S603 - this program's own command
        [*command, "--size", str(height), str(width)], capture_output=True, text=True, check=False
    )
    if run.returncode:
        lines = run.stderr.strip().splitlines() or ["no reason given"]
        if "ModuleNotFoundError" in lines[-1]:
            raise Error(f"needs an extra ({lines[-1]}): pip install 'background-remover[{EXTRA}]'")
        raise Error(lines[-1].removeprefix("background_remover.train: "))


def load(path: Path) -> Callable[[Image], Alphas] | None:
    """Return the file's network as a function, (1, H, W, 3) uint8 -> (1, H, W), or None elsewhere than on macOS."""
    if platform.system() != "Darwin":
        return None
    with needing(EXTRA):
        import coremltools
    model = coremltools.models.MLModel(str(path))

    def run(images: Image) -> Alphas:
        answer = model.predict({INPUT: PillowImage.fromarray(images[0])})[OUTPUT]
        return np.asarray(answer, dtype=np.float32)[None]

    return run
