"""What it costs and gives to decide a network's doubt (`sharpen.sharpen_uncertain`): prints a table in Markdown.

    python benchmarks/doubt.py FOLDER... --cutouts CUTOUTS --backgrounds BACKGROUNDS --limit 40

Each FOLDER holds pictures with truth, whose edges are hard. CUTOUTS are pictures with a true alpha, each put before one
of the BACKGROUNDS, so that the share of a pixel is known as well: the band is where that is between 0.02 and 0.98. Only
held-out pictures are used. The network sees a whole picture once; its answer is stretched, or refined with its doubt
decided or not.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from background_remover import models
from background_remover.arrays.resample import resize
from background_remover.compositing.composite import cutout, fitted, over
from background_remover.evaluation import metrics
from background_remover.evaluation.datasets import find_pairs, find_pictures, read_pair
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.tables import markdown
from background_remover.imaging.reader import decode
from background_remover.matting.guided_filter import refine
from background_remover.matting.sharpen import sharpen_uncertain
from background_remover.segmentation.network import Network
from background_remover.types import Alpha, Image, Mask

WAYS: dict[str, Callable[[Image, Alpha], Alpha]] = {
    "stretched": lambda image, coarse: np.clip(resize(coarse, (image.shape[0], image.shape[1]), "bicubic"), 0, 1),
    "refined, doubt as it is": refine,
    "**refined**": lambda image, coarse: refine(image, sharpen_uncertain(coarse)),
}


class Known(NamedTuple):
    """A picture, its true alpha, where that is known, and whether its alpha is soft."""

    image: Image
    truth: Alpha
    known: Mask
    soft: bool


def labelled(folder: Path, limit: int) -> Iterator[Known]:
    """Held-out pictures with a hard truth."""
    for pair in thin(find_pairs(folder, "validation"), limit):
        yield Known(*read_pair(pair), soft=False)


def composites(cutouts: Path, backgrounds: Path, limit: int) -> Iterator[Known]:
    """Held-out cutouts, each before a held-out background of the same size."""
    grounds = find_pictures(backgrounds, "validation")
    for number, path in enumerate(thin(find_pictures(cutouts, "validation"), limit)):
        subject = decode(path)
        if subject.opacity is None:
            continue
        size = subject.image.shape[0], subject.image.shape[1]
        behind = fitted(decode(grounds[number % len(grounds)]).image, size, "stretch")
        image = over(cutout(subject.image, subject.opacity), behind)[..., :3]
        yield Known(np.ascontiguousarray(image), subject.opacity, np.ones(size, dtype=bool), soft=True)


def scores(alpha: Alpha, of: Known) -> list[float]:
    """IoU and MAE; where the share is known the mean error in the band and the error of the gradient as well."""
    both = [metrics.iou(alpha, of.truth, of.known), metrics.mae(alpha, of.truth, of.known)]
    if not of.soft:
        return both
    band = (of.truth > 0.02) & (of.truth < 0.98)
    return [*both, metrics.mae(alpha, of.truth, band), metrics.gradient_error(alpha, of.truth)]


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--cutouts", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--backgrounds", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", default=models.DEFAULT, show_default=True, help="A shipped model's name, or a model file.")
@click.option("--limit", type=click.IntRange(min=1), default=40, show_default=True, help="Pictures of each source.")
def main(
    folders: tuple[Path, ...], cutouts: tuple[Path, ...], backgrounds: Path | None, model: str, limit: int
) -> None:
    """Measure what deciding a network's doubt costs and gives."""
    sources = {folder.name: labelled(folder, limit) for folder in folders}
    for folder in cutouts:
        if backgrounds is None:
            raise click.UsageError("--cutouts are put before something: give --backgrounds as well")
        sources[f"cutouts of {folder.name}"] = composites(folder, backgrounds, limit)
    network = Network(models.locate(model))
    lines = []
    for name, pictures in sources.items():
        rows: dict[str, list[list[float]]] = {way: [] for way in WAYS}
        for picture in pictures:
            coarse = network.coarse(picture.image)
            for way, make in WAYS.items():
                rows[way].append(scores(make(picture.image, coarse), picture))
        for way, values in rows.items():
            means = [f"{mean:.4f}" for mean in np.mean(values, axis=0)]
            lines.append([f"{len(values)} of {name}", way, *means, *[""] * (4 - len(means))])
    click.echo(markdown(["pictures", "", "IoU", "MAE", "MAE, band", "gradient"], lines))


if __name__ == "__main__":
    main()
