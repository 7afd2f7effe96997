"""The history of a training run: a row for each epoch, and the files that show it."""

import csv
import io
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure
from torch import Tensor

from background_remover.imaging.atomic import write_whole


class Epoch:
    """The loss and the speed since the last validation."""

    def __init__(self, samples: int) -> None:
        """Start the clock, after this number of samples of the run."""
        self.steps = 0
        self._total: Tensor | None = None
        self._start, self._samples = time.monotonic(), samples

    def add(self, loss: Tensor) -> None:
        """Count a step with its loss, a scalar, which stays on its device."""
        self.steps += 1
        self._total = loss if self._total is None else self._total + loss

    def row(self, samples: int, size: int) -> dict[str, float]:
        """Return a row of the history: after this number of samples, at this size in pixels."""
        return {"samples": samples, "size": size, "loss": self.mean, "rate": self.rate(samples)}

    @property
    def mean(self) -> float:
        """The mean loss of the steps; NaN before the first one."""
        return math.nan if self._total is None else self._total.item() / self.steps

    def rate(self, samples: int) -> float:
        """Return the samples a second since the epoch began."""
        return (samples - self._samples) / (time.monotonic() - self._start)


def write(history: Sequence[Mapping[str, float]], out: Path) -> None:
    """Write `log.csv` and `curves.png` into the folder `out`; `ImageError` where one can't be written."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, history[-1].keys(), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(history)
    write_whole(out / "log.csv", text.getvalue().encode())
    draw(history, out / "curves.png")


def draw(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw the loss, and the validation IoU of all and of each source, over the samples seen; one point an epoch."""
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
