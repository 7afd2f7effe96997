"""What it gives to ask an unsure network at a larger size too (`pipeline.larger_size`): prints a table in Markdown.

    python benchmarks/larger_size.py FOLDER... --limit 500

Each FOLDER holds pictures with truth, of which the held-out ones are used. The size and the confidence were chosen on
every other one of them; the rows "rest" are the pictures that no choice has seen.
"""

from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from background_remover import Options, models
from background_remover.evaluation import metrics
from background_remover.evaluation.datasets import Pair, find_pairs, read_pair
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.tables import markdown
from background_remover.imaging.picture import of_array
from background_remover.pipeline.passes import keyed, run_passes
from background_remover.pipeline.session import Session

OPTIONS = Options(ground="photo")


class Score(NamedTuple):
    """Of one picture: whether it was asked for twice, and IoU and mean absolute error of both answers."""

    again: bool
    own: float
    own_error: float
    mean: float
    mean_error: float


def score(session: Session, pair: Pair) -> Score:
    """Return what a picture gives by the network's own size alone, and by the mean."""
    image, truth, known = read_pair(pair)
    picture = of_array(image)
    found = []
    for averages in (False, True):
        passes = run_passes(picture, session, OPTIONS, averages=averages)
        alpha = keyed(picture, passes, session, OPTIONS).alpha
        found += [metrics.iou(alpha, truth, known), float(np.abs(alpha - truth)[known].mean())]
    return Score(passes is not None and passes.larger is not None, *found)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--model", default=models.DEFAULT, show_default=True)
@click.option("--limit", default=500, show_default=True, help="Pictures of each folder.")
def main(folders: tuple[Path, ...], model: str, limit: int) -> None:
    """Print a row for each folder and half."""
    session = Session(models.locate(model), threads=None, device="cpu")
    rows = []
    for folder in folders:
        scores = [score(session, pair) for pair in thin(find_pairs(folder, "validation"), limit)]
        for half, chosen in (("choice", scores[::2]), ("rest", scores[1::2])):
            again, own, own_error, mean, mean_error = np.mean(chosen, axis=0)
            numbers = [f"{number:.4f}" for number in (own, mean, own_error, mean_error)]
            rows.append([f"{folder.name}, {half}", str(len(chosen)), f"{again:.0%}", *numbers])
    header = ["pictures", "number", "asked again", "IoU, own size", "IoU, mean", "MAE, own size", "MAE, mean"]
    click.echo(markdown(header, rows))


if __name__ == "__main__":
    main()
