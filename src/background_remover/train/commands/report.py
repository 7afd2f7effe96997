"""The commands that show a network: `summary` and `report`."""

from pathlib import Path
from typing import get_args

import click

from background_remover.evaluation.datasets import Part, find_pairs
from background_remover.models import DEFAULT
from background_remover.remover import Remover
from background_remover.train import config, report
from background_remover.train.checkpoint import build
from background_remover.train.commands.sources import FILE, FOLDER
from background_remover.train.networks.summary import table

_COUNT = click.IntRange(min=1)


@click.command(short_help="Print a network's layers and parameters.")
@click.option("--height", type=_COUNT, default=128, show_default=True, help="Pixels, a multiple of 32.")
@click.option("--width", type=_COUNT, default=128, show_default=True, help="Pixels, a multiple of 32.")
@click.option("--recipe", default="unet", show_default=True, help="Whose network.")
def summary(height: int, width: int, recipe: str) -> None:
    """Print a network's layers: name, kind, output, parameters, inputs."""
    click.echo(table(build(config.recipe(recipe)), height, width))


@click.command(name="report", short_help="Draw a contact sheet of the worst and median pictures.")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("out", metavar="FILE.png", type=FILE)
@click.option("--model", default=DEFAULT, show_default=True, help="A shipped model or a model file.")
@click.option(
    "--part", type=click.Choice(get_args(Part)), default="validation", show_default=True, help="Which pictures of DIR."
)
@click.option("--worst", type=_COUNT, default=24, show_default=True, help="How many of the worst pictures.")
@click.option("--median", type=_COUNT, default=12, show_default=True, help="How many of the middle ones.")
def report_command(folder: Path, out: Path, model: str, part: Part, worst: int, median: int) -> None:
    """Draw a contact sheet of the worst and the median pictures of DIR."""
    mean = report.report(Remover(model), find_pairs(folder, part), out, worst, median)
    click.echo(f"{out}: mean IoU {mean:.3f}")
