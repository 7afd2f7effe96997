"""The commands that write model files: `export`, `average`, `calibrate` and, for Core ML, `coreml`."""

from pathlib import Path
from typing import get_args

import click

from background_remover.evaluation.datasets import find_pairs, find_pictures
from background_remover.imaging.atomic import check_name, check_place
from background_remover.models import SUFFIX, locate
from background_remover.segmentation.network import Network
from background_remover.segmentation.preprocessing import check_side
from background_remover.train import average, calibrate, coreml, export
from background_remover.train.commands.sources import BEHIND_ONLY, FILE, FOLDER, WITHOUT, names
from background_remover.train.initial_weights import rebuild
from background_remover.train.networks.unet import MULTIPLE

_KIND = "a model file"
_STORAGE = click.option(
    "--storage",
    type=click.Choice(get_args(export.Storage)),
    default="fp32",
    show_default=True,
    help="How the weights lie in the file; the arithmetic stays fp32.",
)


@click.command(name="export", short_help="Make a model file of a checkpoint or of a model file.")
@click.argument("source", metavar="CHECKPOINT", type=FILE)
@click.argument("out", metavar="FILE.onnx", type=FILE)
@click.option("--name", required=True, help="What the model is called.")
@click.option("--version", required=True, help="Of the weights.")
@click.option("--license", "licence", required=True, help="Of the weights.")
@click.option("--data", required=True, help="What it was trained on.")
@_STORAGE
@click.option("--mirror", is_flag=True, help="Answer with the mean over the picture and its mirror image.")
@click.option(
    "--size",
    type=click.IntRange(min=32),
    help="The longer side of the pictures it sees.  [default: the last stage's, or the model file's]",
)
@click.option("--crop-size", type=click.IntRange(min=32), help="The same in second passes.  [default: --size]")
def export_command(
    source: Path,
    out: Path,
    name: str,
    version: str,
    licence: str,
    data: str,
    storage: export.Storage,
    mirror: bool,
    size: int | None,
    crop_size: int | None,
) -> None:
    """Make a model file of a checkpoint, or another one of a model file's network; refused where the two disagree."""
    check_name(out, _KIND, [SUFFIX], source)
    for flag, side in {"--size": size, "--crop-size": crop_size}.items():
        if side is not None:
            check_side(flag, side, MULTIPLE)
    about = export.About(name, version, licence, data)
    if source.suffix.lower() == SUFFIX:
        module, size = rebuild(source).module, size or Network(source).card.longest_side
        card = export.export_module(module, out, about, storage, mirror=mirror, size=size, crop_size=crop_size or 0)
    else:
        card = export.export(source, out, about, storage, mirror=mirror, size=size, crop_size=crop_size or 0)
    click.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {card.parameters:,} parameters")


@click.command(name="average", short_help="Make the mean of several models.")
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@click.option("--out", type=FILE, required=True, help="The model file to write.")
@_STORAGE
def average_command(models: tuple[str, ...], out: Path, storage: export.Storage) -> None:
    """Make the mean of models that began from the same weights: shipped models or model files.

    A model that was trained on from another is often at its best half-way between the two. The file gets the first
    one's card except for the confidence, which calibrate measures again.
    """
    files = [locate(model) for model in models]
    check_name(out, _KIND, [SUFFIX], *files)
    card = average.average(files, out, storage)
    click.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {card.parameters:,} parameters")


@click.command(name="calibrate", short_help="Measure how sure a model file is, and write it into the file.")
@click.argument("file", metavar="FILE.onnx", type=FILE)
@click.option("--data", multiple=True, type=FOLDER, help="Pictures with masks; repeat for several.")
@click.option(
    "--least-seen", multiple=True, type=FOLDER, help="Pictures with masks of the sources it learnt from least."
)
@click.option("--backgrounds", multiple=True, type=FOLDER, help="Pictures without a subject; repeat for several.")
@WITHOUT
@BEHIND_ONLY
@click.option("--plot", type=FILE, help="Draw the reliability plot there, a PNG or SVG.")
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
    left_out = {*names(without), *names(behind_only)}
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


@click.command(name="coreml", short_help="Make a Core ML package of a model file.")
@click.argument("file", metavar="FILE.onnx", type=FILE)
@click.argument("out", metavar="OUT.mlpackage", type=click.Path(path_type=Path))
@click.option(
    "--size", type=click.IntRange(min=32), nargs=2, metavar="HEIGHT WIDTH", required=True, help="Of pictures."
)
def coreml_command(file: Path, out: Path, size: tuple[int, int]) -> None:
    """Make a Core ML package of a model file; `background-remover models export` does so by this command."""
    coreml.write(file, out, size)
