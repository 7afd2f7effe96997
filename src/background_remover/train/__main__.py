"""python -m background_remover.train: the commands of training."""

import logging
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click

from background_remover.errors import OptionError
from background_remover.evaluation.datasets import Part, find_pairs, find_pictures, read_names
from background_remover.imaging.atomic import check_folder, check_place
from background_remover.models import DEFAULT, locate
from background_remover.remover import Remover
from background_remover.runtime.exit_status import run
from background_remover.segmentation.network import Network
from background_remover.train import average, calibrate, config, export, report, start
from background_remover.train import fit as loop
from background_remover.train.data import dataset as data_module
from background_remover.train.data import download as download_module
from background_remover.train.data.decode import Kind, Source, Teacher
from background_remover.train.networks import summary as summary_module

PROGRAM = "background_remover.train"
_FOLDER_HELP = "DIR or DIR=WEIGHT; repeat for several"
_KINDS: dict[str, tuple[Kind, str]] = {  # flag -> kind of source, help
    "data": ("pairs", f"Pictures with masks, or a file that pack wrote: {_FOLDER_HELP}."),
    "cutouts": ("cutouts", f"Pictures with an alpha channel: {_FOLDER_HELP}."),
    "backgrounds": ("backgrounds", f"Pictures without a subject: {_FOLDER_HELP}."),
    "unlabelled": ("unlabelled", f"Pictures whose masks the teacher makes: {_FOLDER_HELP}."),
}
_COUNT, _SIDE = click.IntRange(min=1), click.IntRange(min=32)
_POSITIVE = click.FloatRange(min=0, min_open=True)
_FILE = click.Path(path_type=Path, dir_okay=False)
_WITHOUT = click.option("--without", type=_FILE, help="A text file: names of pictures not to use, one a line.")
_BEHIND_ONLY = click.option(
    "--behind-only",
    type=_FILE,
    help="A text file: names of backgrounds to put behind subjects only, never to show as a picture without a subject.",
)
_STORAGE = click.option(
    "--storage",
    type=click.Choice(get_args(export.Storage)),
    default="fp32",
    show_default=True,
    help="How the weights lie in the file; the arithmetic stays fp32.",
)
_FOLDER = click.Path(path_type=Path, file_okay=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line (by default this process's own) and gives the exit status, see `exit_status.run`."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    told = "interrupted; the same command goes on from the last checkpoint"
    return run(cli, arguments, PROGRAM, call="python -m ", interrupted=told)


def _with_sources(command: Callable[..., None]) -> Callable[..., None]:
    command = _BEHIND_ONLY(_WITHOUT(command))
    command = click.option("--teacher", help="The model that labels the unlabelled: a name or a file.")(command)
    for flag, (_, text) in reversed(_KINDS.items()):
        command = click.option(f"--{flag}", multiple=True, help=text)(command)
    return command


def _names(file: Path | None) -> tuple[str, ...]:
    return () if file is None else tuple(sorted(read_names(file)))


def _sources(without: Path | None, behind_only: Path | None, **flags: tuple[str, ...]) -> list[Source | Path]:
    left_out, behind = _names(without), _names(behind_only)
    found: list[Source | Path] = []
    for flag, values in flags.items():
        for value in values:
            folder, _, weight = value.partition("=")
            path = Path(folder)
            if path.is_file() and weight:
                raise OptionError(f"{value!r}: a packed file has the weights it was packed with; give none")
            try:
                source = Source(path, _KINDS[flag][0], float(weight or 1), left_out)
            except ValueError as error:
                raise OptionError(f"{value!r}: the weight after = must be a number") from error
            if not 0 < source.weight < math.inf:
                raise OptionError(f"{value!r}: the weight after = must be above 0")
            if path.is_file():
                found.append(path)
            elif source.kind == "backgrounds" and behind:
                found.append(replace(source, without=(*left_out, *behind)))
                found.append(replace(source, kind="behind", weight=0.0, only=behind))
            else:
                found.append(source)
    if not found:
        raise OptionError("no data; give --data DIR")
    return found


def _teacher(model: str | None) -> Teacher | None:
    return None if model is None else Remover(model, threads=1).alpha


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there: nothing is made before the run begins."""
    return next(place for place in (folder, *folder.absolute().parents) if place.is_dir())


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """Train the networks of background-remover, and make model files of them."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
@click.option("--height", type=_COUNT, default=128, show_default=True, help="Pixels, a multiple of 32.")
@click.option("--width", type=_COUNT, default=128, show_default=True, help="Pixels, a multiple of 32.")
@click.option("--recipe", default="unet", show_default=True, help="Whose network.")
def summary(height: int, width: int, recipe: str) -> None:
    """Print a network's layers: name, kind, output, parameters, inputs."""
    from background_remover.train.checkpoint import build

    click.echo(summary_module.table(build(config.recipe(recipe)), height, width))


@cli.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
def download(folder: Path) -> None:
    """Fetch Oxford-IIIT Pet into DIR (811 MB), or go on with a fetch that broke off."""
    download_module.download(folder)


@cli.command()
@_with_sources
@click.option("--size", type=_COUNT, default=224, show_default=True, help="Side of the squares, in pixels.")
@click.option("--out", type=_FILE, required=True, help="The file to write.")
def pack(size: int, out: Path, teacher: str | None, **folders: Any) -> None:
    """Write data folders as one file of small pictures, to train elsewhere."""
    sources = []
    for source in _sources(**folders):
        if isinstance(source, Path):
            raise OptionError(f"{source}: a file; pack takes folders")
        sources.append(source)
    count = data_module.pack(sources, size, out, _teacher(teacher))
    click.echo(f"{out}: {count} pictures, {out.stat().st_size / 2**20:.1f} MiB")


@cli.command()
@_with_sources
@click.option("--out", type=_FOLDER, required=True, help="The run's folder.")
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
@click.option("--encoder-weights", type=_FILE, help="A VGG-13 state dict to begin the way down with.")
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
    teacher: str | None,
    **folders: Any,
) -> None:
    """Train a network; the same command again goes on where it stopped.

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
    sources = _sources(**folders)
    side = loop.bank_size(chosen)
    label = _teacher(teacher)
    place = _existing(out)
    train, validation = (data_module.load(sources, part, side, label, place) for part in ("train", "validation"))
    click.echo(f"{len(train)} pictures to train on, {len(validation)} held out")
    if init is not None:
        state = start.from_model(chosen, locate(init), train)
    elif encoder_weights is not None:
        state = start.from_vgg13(chosen, encoder_weights, train)
    else:
        state = start.initial(chosen)
    where = loop.Device(accelerator, devices, precision)
    loop.fit(chosen, train, validation, out, state, where, save_every=save_every, begun=begun)


@cli.command(name="export")
@click.argument("checkpoint", metavar="CHECKPOINT", type=_FILE)
@click.argument("out", metavar="FILE.onnx", type=_FILE)
@click.option("--name", required=True, help="What the model is called.")
@click.option("--version", required=True, help="Of the weights.")
@click.option("--license", "licence", required=True, help="Of the weights.")
@click.option("--data", required=True, help="What it was trained on.")
@_STORAGE
@click.option("--mirror", is_flag=True, help="Answer with the mean over the picture and its mirror image.")
@click.option("--size", type=_SIDE, help="The longer side of the pictures it sees.  [default: the last stage's]")
def export_command(
    checkpoint: Path,
    out: Path,
    name: str,
    version: str,
    licence: str,
    data: str,
    storage: Any,
    mirror: bool,
    size: int | None,
) -> None:
    """Make a model file of a checkpoint; refused where the two disagree."""
    card = export.export(checkpoint, out, export.About(name, version, licence, data), storage, mirror=mirror, size=size)
    click.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {card.parameters:,} parameters")


@cli.command(name="average")
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@click.option("--out", type=_FILE, required=True, help="The model file to write.")
@_STORAGE
def average_command(models: tuple[str, ...], out: Path, storage: Any) -> None:
    """Make the mean of models that began from the same weights: shipped models or model files.

    A model that was trained on from another is often at its best half-way between the two. The file gets the first
    one's card but for the confidence, which calibrate measures anew.
    """
    card = average.average([locate(model) for model in models], out, storage)
    click.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {card.parameters:,} parameters")


@cli.command(name="calibrate")
@click.argument("file", metavar="FILE.onnx", type=_FILE)
@click.option("--data", multiple=True, type=_FOLDER, help="Pictures with masks; repeat for several.")
@click.option(
    "--least-seen", multiple=True, type=_FOLDER, help="Pictures with masks of the sources it learnt from least."
)
@click.option("--backgrounds", multiple=True, type=_FOLDER, help="Pictures without a subject; repeat for several.")
@_WITHOUT
@_BEHIND_ONLY
@click.option("--plot", type=_FILE, help="Draw the reliability plot there, a PNG or SVG.")
def calibrate_command(
    file: Path,
    data: tuple[Path, ...],
    least_seen: tuple[Path, ...],
    backgrounds: tuple[Path, ...],
    without: Path | None,
    behind_only: Path | None,
    plot: Path | None,
) -> None:
    """Measure how sure a model file is against how right it is, on the validation parts, and write it into the file.

    The thresholds of "no subject" and "unsure" are fitted on the pictures of --least-seen (without them, on those of
    --data) and on --backgrounds. The first line printed is of a fit on every other picture, measured on the rest of
    --data and --backgrounds; the second of what the file gets, fitted on all of them and measured on the same.
    """
    check_place(file)
    if plot is not None:
        calibrate.check_plot(plot)
    left_out = {*_names(without), *_names(behind_only)}
    pairs, rare = (
        [pair for folder in folders for pair in find_pairs(folder, "validation") if pair.image.name not in left_out]
        for folders in (data, least_seen)
    )
    empties = [path for folder in backgrounds for path in find_pictures(folder, "validation")]
    network = Network(file)
    seen = calibrate.observe(network, pairs, [path for path in empties if path.name not in left_out])
    doubted = calibrate.observe(network, rare, []) if rare else seen
    fitted = calibrate.calibrate(seen.every_other(0), doubted.every_other(0))
    click.echo(calibrate.measure(fitted, seen.every_other(1)))
    whole = calibrate.calibrate(seen, doubted)
    click.echo(calibrate.measure(whole, seen))
    calibrate.write(file, whole)
    if plot is not None:
        calibrate.draw(whole, seen, plot)


@cli.command(name="report")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("out", metavar="FILE.png", type=_FILE)
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


if __name__ == "__main__":
    sys.exit(main())
