"""`models`: the list of shipped models, importing third parties' networks, exporting to other runtimes."""

from pathlib import Path
from typing import get_args

import click

from background_remover.export.conversion import FORMATS, export
from background_remover.export.source import read_pictures
from background_remover.models import MODELS, Model, locate
from background_remover.segmentation.device import DEVICES, available_providers
from background_remover.segmentation.preprocessing import KNOWN, UNSTATED, Answer, Layout, PerChannel, convention

_PATH = click.Path(path_type=Path)


@click.group(name="models", invoke_without_command=True, short_help="List, import and export models.")
@click.option("--devices", is_flag=True, help="List the devices that networks can run on instead.")
@click.pass_context
def models(context: click.Context, devices: bool) -> None:
    """List the shipped models, make a model file of another network, or export one to another runtime."""
    if context.invoked_subcommand is not None:
        return
    if devices:
        _list_devices()
        return
    header = ("name", "size", "parameters", "licence", "data", "scores")
    rows = [header, *(_row(model) for model in MODELS.values())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _list_devices() -> None:
    available = available_providers()
    for name, device in DEVICES.items():
        there = any(provider in available for provider in device.providers)
        click.echo(f"{name.ljust(10)}{'there' if there else f'needs {device.needs}'}")


def _row(model: Model) -> tuple[str, ...]:
    size = f"{model.path.stat().st_size / 1e6:.1f} MB" if model.path.is_file() else "missing"
    return model.name, size, f"{model.parameters:,}", model.license, model.data, model.scores


@models.command(name="import", short_help="Make a model file of a network that others made.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--name", required=True, help=f"The network's name; for these the rest is known: {', '.join(KNOWN)}.")
@click.option("--size", type=int, help="The longer side of its input, in pixels.")
@click.option("--multiple", type=int, help="Both sides are multiples of this.  [default: the size, for a square input]")
@click.option("--mean", type=float, nargs=3, metavar="R G B", help="Subtracted from the levels, which lie in [0, 1].")
@click.option("--std", type=float, nargs=3, metavar="R G B", help="Divides the difference.")
@click.option("--answer", type=click.Choice(get_args(Answer)), help="The kind of its answers.")
@click.option("--output", metavar="OUTPUT", help="Which of its outputs is the answer.  [default: the first]")
@click.option("--layout", type=click.Choice(get_args(Layout)), help="The order of its axes.  [default: nchw]")
@click.option("--licence", default=UNSTATED, show_default=True, help="The licence of its weights.")
@click.option("--out", type=click.Path(path_type=Path), help="The file to make.  [default: FILE with .wrapped.onnx]")
def import_model(
    file: Path,
    name: str,
    size: int | None,
    multiple: int | None,
    mean: PerChannel | None,
    std: PerChannel | None,
    answer: Answer | None,
    output: str | None,
    layout: Layout | None,
    licence: str,
    out: Path | None,
) -> None:
    """Make a model file for --model of a segmentation network, an ONNX file, that others made.

    The network takes one picture of floats and gives one channel. Its answers are used as they are, where rembg
    stretches them by their own minimum and maximum. Needs onnx: pip install 'background-remover[import]'.
    """
    # Here, as it needs an extra, and loads slowly.
    from background_remover.segmentation.import_onnx import wrap

    wanted = convention(
        name, size=size, mean=mean, std=std, answer=answer, multiple=multiple, layout=layout, output=output
    )
    out = file.with_suffix(".wrapped.onnx") if out is None else out
    card = wrap(file, out, name, wanted, licence=licence)
    click.echo(f"{out}: {card.parameters:,} parameters; use it with --model {out}")


@models.command(name="export", short_help="Write a model in the format of another runtime.")
@click.argument("model", metavar="NAME|FILE")
@click.option("--to", type=click.Choice(list(FORMATS)), required=True, help="The format.")
@click.option("--output", "out", metavar="FILE", type=_PATH, help="The file to make.  [default: NAME.tflite, say]")
@click.option(
    "--size",
    type=int,
    nargs=2,
    metavar="HEIGHT WIDTH",
    help="Of the pictures that tflite and coreml take.  [default: a square of the network's longest side]",
)
@click.option("--pictures", metavar="DIR", type=_PATH, help="Photographs, of which 100 at most are used.")
def export_model(model: str, to: str, out: Path | None, size: tuple[int, int] | None, pictures: Path | None) -> None:
    """Write a model in the format of another runtime: a shipped model by its name, or a model file.

    Its alphas are compared with the model file's, on the photographs of --pictures or on drawn pictures, and nothing is
    written where they differ by more than 0.01. onnx-int8 needs photographs: every other one calibrates it. Each format
    needs an extra, which the error names.
    """
    path = locate(model)
    out = Path(f"{path.stem}{FORMATS[to].ending}") if out is None else out
    images = None if pictures is None else read_pictures(pictures)
    click.echo(f"{out}: {export(path, to, out, size=size, images=images)}")
