"""The curves of a training run as a picture."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from background_remover.imaging.atomic import write_whole


def draw(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draws the loss, and the validation IoU of all and of each source, over the samples seen; one point an epoch."""
    samples = [row["samples"] for row in history]
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(samples, [row["loss"] for row in history])
    left.set(title="loss", xlabel="samples")
    for name in (name for name in history[-1] if name.startswith("iou")):
        values = [row.get(name, float("nan")) for row in history]
        right.plot(samples, values, label=name.removeprefix("iou_"), linewidth=2.5 if name == "iou" else 1)
    right.set(title="validation IoU", xlabel="samples")
    right.legend(fontsize="small", ncols=2)
    drawing = io.BytesIO()
    figure.savefig(drawing, format="png", dpi=100)
    write_whole(path, drawing.getvalue())
