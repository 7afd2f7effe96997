"""The command that trains: `fit`."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from background_remover.errors import OptionError
from background_remover.imaging.atomic import check_folder
from background_remover.models import locate
from background_remover.train import config, initial_weights
from background_remover.train import fit as loop
from background_remover.train.commands.sources import FILE, FOLDER, SourceFlags, teacher_of, with_sources
from background_remover.train.data import dataset

_COUNT, _POSITIVE = click.IntRange(min=1), click.FloatRange(min=0, min_open=True)


@click.command(short_help="Train a network, or go on with training it.")
@with_sources
@click.option("--out", type=FOLDER, required=True, help="The run's folder.")
@click.option("--recipe", default="unet", show_default=True, help=f"One of: {', '.join(config.RECIPES)}.")
@click.option("--samples", type=_COUNT, help="Samples in all, instead of the recipe's.")
@click.option("--minutes", type=_POSITIVE, help="Train for so long in all, reading and validation included.")
@click.option(
    "--save-every", type=_POSITIVE, default=loop.SAVE_EVERY, show_default=True, help="Seconds between two checkpoints."
)
@click.option("--seed", type=int, help="Instead of the recipe's.")
@click.option("--accelerator", default="auto", show_default=True, help="cpu, cuda, mps or auto.")
@click.option("--devices", default="auto", show_default=True, help="How many.")
@click.option("--precision", default="bf16-mixed", show_default=True, help="32-true or bf16-mixed.")
@click.option("--encoder-weights", type=FILE, help="A VGG-13 state dict to begin the way down with.")
@click.option("--init", metavar="NAME|FILE", help="A model to begin with: a shipped one, or a model file.")
def fit(
    out: Path,
    recipe: str,
    samples: int | None,
    minutes: float | None,
    save_every: float,
    seed: int | None,
    accelerator: str,
    devices: str,
    precision: str,
    encoder_weights: Path | None,
    init: str | None,
    given: SourceFlags,
    teacher: str | None,
) -> None:
    """Train a network; the same command again continues where it stopped.

    A checkpoint is written every --save-every seconds, and at Ctrl-C or SIGTERM.
    """
    begun = time.monotonic()
    if samples is not None and minutes is not None:
        raise OptionError("--samples and --minutes both say how long to train; give one")
    changes: dict[str, Any] = {"samples": samples, "minutes": minutes, "seed": seed}
    chosen = replace(config.recipe(recipe), **{name: value for name, value in changes.items() if value is not None})
    if init is not None and encoder_weights is not None:
        raise OptionError("--init and --encoder-weights both say what to begin with; give one")
    check_folder(out)
    sources = given.sources()
    side = loop.bank_size(chosen)
    label = teacher_of(teacher)
    place = _existing(out)
    train, validation = (dataset.load(sources, part, side, label, place) for part in ("train", "validation"))
    click.echo(f"{len(train)} pictures to train on, {len(validation)} held out")
    if init is not None:
        state = initial_weights.from_model(chosen, locate(init), train)
    elif encoder_weights is not None:
        state = initial_weights.from_vgg13(chosen, encoder_weights, train)
    else:
        state = initial_weights.fresh(chosen)
    where = loop.Device(accelerator, devices, precision)
    loop.fit(chosen, train, validation, out, state, where, save_every=save_every, begun=begun)


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there: nothing is made before the run begins."""
    return next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
