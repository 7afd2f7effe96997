"""`evaluate`: scores of a model."""

import sys
from pathlib import Path
from typing import get_args

import click

from background_remover.evaluate import evaluate as score
from background_remover.evaluate import thin
from background_remover.flags import model_option
from background_remover.options import Matting, Options, SecondLook
from background_remover.pairs import Part, find_pairs
from background_remover.remover import Remover


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@model_option
@click.option("--part", type=click.Choice(get_args(Part)), default="all", show_default=True, help="Which pairs count.")
@click.option("--matting", default=Options.matting, show_default=True, help=f"One of: {', '.join(get_args(Matting))}.")
@click.option(
    "--second-look", default=Options.second_look, show_default=True, help=f"One of: {', '.join(get_args(SecondLook))}."
)
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Take N pairs, evenly spread over the part.")
@click.option(
    "--csv", "table", metavar="FILE", type=click.Path(path_type=Path), help="Write the scores of each picture as well."
)
def evaluate(
    folder: Path, model: str, part: Part, matting: str, second_look: str, limit: int | None, table: Path | None
) -> None:
    """Score a model on the pictures of a folder whose truth is known.

    DIR has the layout of Oxford-IIIT Pet, or holds image/ beside mask/.
    """
    options = Options(matting=matting, second_look=second_look)
    pairs = find_pairs(folder, part)
    if limit is not None:
        pairs = thin(pairs, limit)
    remover = Remover(model)
    report = score(lambda image: remover.alpha(image, options), pairs, progress=_show_progress)
    click.echo(report.table())
    if table is not None:
        report.write_csv(table)


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {total:,} pictures", nl=done == total, err=True)
