"""Exported files beside the model file that they were made of: prints a table in Markdown.

    python benchmarks/exports.py FOLDER... --part validation --limit 25

Each FOLDER holds pictures with truth. Formats whose libraries aren't installed are left out with a line that says so.
onnx-int8 is calibrated on as many pictures of the training part. The ratio of times is the median over pairs, one
picture by both after the other, each on all cores.
"""

import tempfile
from pathlib import Path
from time import perf_counter
from typing import get_args

import click
import numpy as np

from background_remover import models
from background_remover.errors import Error
from background_remover.evaluation.datasets import Part, find_pairs, read_pair
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.tables import markdown
from background_remover.export.conversion import FORMATS, compare
from background_remover.export.source import Source, prepare
from background_remover.segmentation.network import Network
from background_remover.types import Image

HEADER = (
    "format",
    "MB",
    "ms",
    "ms of the model file",
    "times as fast",
    "mean difference",
    "of the worst picture",
    "largest",
)
WARM = 3  # pictures that aren't counted


def row(to: str, model: str, images: list[Image], calibrating: list[Image]) -> tuple[str, ...]:
    """Return what an exported file takes and how far it is from its model file, as cells; raises `Error` as it does."""
    known, network = FORMATS[to], Network(models.locate(model))
    size = (network.card.longest_side,) * 2 if known.has_fixed_size else None
    pictures = prepare(images, network.card, size)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"model{known.ending}"
        source = Source(models.locate(model), network.card, size, prepare(calibrating, network.card, size))
        known.write(source, out)
        megabytes = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()) / 1e6
        answer = known.load(out)
        if answer is None:
            return to, f"{megabytes:.1f}", *["-"] * 6
        times = []
        for picture in (*pictures[:WARM], *pictures):
            marks = [perf_counter()]
            for run in (network.predict, answer):
                run(picture)
                marks.append(perf_counter())
            times.append(np.diff(marks) * 1e3)
        counted = np.array(times[WARM:])
        before, after = np.median(counted, axis=0)
        ratio = np.median(counted[:, 0] / counted[:, 1])
        found = compare(network, answer, pictures)
    differences = (f"{value:.1e}" for value in (found.mean, found.worst, found.most))
    return to, f"{megabytes:.1f}", f"{after:.1f}", f"{before:.1f}", f"{ratio:.2f}", *differences


def row_or_none(to: str, model: str, images: list[Image], calibrating: list[Image]) -> tuple[str, ...] | None:
    """Return the row of a format, or None, after a line that says why, where its library isn't installed."""
    try:
        return row(to, model, images, calibrating)
    except Error as error:
        click.echo(f"{to}: {error}", err=True)
        return None


@click.command()
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--model", default=models.DEFAULT, show_default=True, help="The model to export.")
@click.option(
    "--part", type=click.Choice(get_args(Part)), default="validation", show_default=True, help="To compare on."
)
@click.option("--limit", type=click.IntRange(1), default=25, show_default=True, help="The most of each folder.")
def main(folders: tuple[Path, ...], model: str, part: Part, limit: int) -> None:
    """Print a row for every format whose library is installed."""
    images, calibrating = (
        [read_pair(pair)[0] for folder in folders for pair in thin(find_pairs(folder, of), limit)]
        for of in (part, "train")
    )
    rows = [row_or_none(to, model, images, calibrating) for to in FORMATS]
    click.echo(markdown(HEADER, [cells for cells in rows if cells]))
    click.echo(f"\n{model}, {len(images)} pictures")


if __name__ == "__main__":
    main()
