"""What the size at which a network sees a picture costs and gives: prints a table in Markdown, and draws it.

    python benchmarks/sizes.py FOLDER... --part validation --limit 200
    python benchmarks/sizes.py FOLDER... --model unet-lite2 --model trial.onnx --size 192 --size 256 --plot sizes.png

Each FOLDER holds pictures with truth. Of every one the network sees the whole, at its own size and at others, and its
answer is stretched to the picture's size. IoU is the mean over a folder's pictures, undecided borders left out.
Milliseconds are the median for a picture's answer, everything else left out.
"""

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, get_args

import click
import numpy as np
from matplotlib.figure import Figure

from background_remover import models
from background_remover.arrays.resample import resize
from background_remover.evaluation import metrics
from background_remover.evaluation.datasets import Pair, Part, find_pairs, read_pair
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.tables import markdown
from background_remover.runtime.parallel import cores
from background_remover.segmentation.network import Network


class Row(NamedTuple):
    """What one network gives at one size."""

    model: str
    size: int  # of the longer side, in pixels
    own: bool  # whether the model's file asks for this size
    scores: dict[str, float]  # the mean IoU of each folder
    milliseconds: float

    @property
    def mean(self) -> float:
        """The mean of the folders' scores."""
        return float(np.mean(list(self.scores.values())))


def measure(model: str, size: int | None, folders: dict[str, list[Pair]]) -> Row:
    """Measure one model at one size, by default its own, on all pictures."""
    network = Network(models.locate(model))
    own = network.card.longest_side
    network.card = replace(network.card, longest_side=size or own)
    scores, times = {}, []
    for name, pairs in folders.items():
        ious = []
        for pair in pairs:
            image, truth, known = read_pair(pair)
            start = perf_counter()
            coarse = network.coarse(image)
            times.append(perf_counter() - start)
            alpha = np.clip(resize(coarse, image.shape[:2], "bicubic"), 0, 1)
            ious.append(metrics.iou(alpha, truth, known))
        scores[name] = float(np.mean(ious))
    return Row(Path(model).stem, size or own, size in (None, own), scores, float(np.median(times)) * 1e3)


def table(rows: list[Row]) -> str:
    """Return the rows as Markdown; a size in bold is the model's own."""
    folders = list(rows[0].scores)
    lines = []
    for row in rows:
        size = f"**{row.size}**" if row.own else str(row.size)
        scores = (f"{row.scores[name]:.3f}" for name in folders)
        lines.append([row.model, size, *scores, f"{row.milliseconds:.0f}"])
    return markdown(["model", "size", *(f"IoU, {name}" for name in folders), "ms"], lines)


def draw(rows: list[Row], path: Path) -> None:
    """IoU, the mean of the folders', over milliseconds: a line for each model, a point for each size."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for model in dict.fromkeys(row.model for row in rows):
        points = sorted((row for row in rows if row.model == model), key=lambda row: row.size)
        axes.plot([p.milliseconds for p in points], [p.mean for p in points], "o-", label=model)
        for point in points:
            weight = "bold" if point.own else "normal"
            place = (point.milliseconds, point.mean)
            axes.annotate(str(point.size), place, (4, -11), textcoords="offset points", fontsize=8, weight=weight)
    axes.set(xlabel="milliseconds for a picture, the network alone", ylabel="mean IoU")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, format=path.suffix.removeprefix(".") or "png", dpi=100)


@click.command()
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--part", type=click.Choice(get_args(Part)), default="validation", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Pictures of each folder.")
@click.option("--model", "names", multiple=True, default=tuple(models.MODELS), show_default=True)
@click.option("--size", "sizes", multiple=True, type=click.IntRange(32), help="Beside a model's own; repeat for more.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the table there, a PNG or SVG.")
def main(
    folders: tuple[Path, ...], part: Part, limit: int, names: tuple[str, ...], sizes: tuple[int, ...], plot: Path | None
) -> None:
    """Print the table for the pictures of the FOLDERs."""
    chosen = {folder.name: thin(find_pairs(folder, part), limit) for folder in folders}
    rows = []
    for name in names:
        own = measure(name, None, chosen)
        rows += [own, *(measure(name, size, chosen) for size in sizes if size != own.size)]
    rows.sort(key=lambda row: (names.index(row.model) if row.model in names else -1, row.size))
    click.echo(f"{sum(map(len, chosen.values())):,} pictures, {cores()} cores\n\n{table(rows)}")
    if plot is not None:
        draw(rows, plot)


if __name__ == "__main__":
    main()
