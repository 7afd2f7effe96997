"""The command `background-remover`. An error is one line on standard error and an exit status, never a traceback."""

import dataclasses
import functools
import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, get_args

import click

from background_remover import models
from background_remover.conventions import KNOWN, UNSTATED, Answer, Colour, Layout, convention
from background_remover.errors import Error, NoSubject, OptionError
from background_remover.evaluate import evaluate as score
from background_remover.evaluate import thin
from background_remover.image import check_target, decode, encode, write
from background_remover.options import Options
from background_remover.pairs import Part, find_pairs
from background_remover.remover import Remover

PROGRAM = "background-remover"
STREAM = "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line (by default this process's own) and gives the exit status.

    0: done. 1: a picture, a model or a file is at fault. 2: the command line is. 3: there is no subject to keep.
    130: interrupted.
    """
    logging.basicConfig(format=f"{PROGRAM}: %(message)s")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="PIL")  # remarks on odd files that are read all the same
            status = cli.main(arguments, prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context is not None else PROGRAM
        return _complain(f"{error.format_message()} Try: {where} --help", error.exit_code)
    except click.Abort:
        return _complain("interrupted", 130)
    except OptionError as error:
        return _complain(str(error), 2)
    except NoSubject as error:
        return _complain(str(error), 3)
    except Error as error:
        return _complain(str(error), 1)
    except OSError as error:  # the system refuses a file name, or standard output
        if error.filename is None:
            _discard_output()
        return _complain(f"{error.filename or 'standard output'}: {error.strerror}", 1)
    except MemoryError:
        return _complain("not enough memory for this picture; shrink it first", 1)
    return status if isinstance(status, int) else 0


def _complain(message: str, status: int) -> int:
    click.echo(f"{PROGRAM}: {' '.join(message.split())}", err=True)
    return status


def _discard_output() -> None:
    """Sends standard output nowhere, or Python would try what is left of it once more at the end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def _model_option(command: Callable[..., None]) -> Callable[..., None]:
    text = f"A shipped model ({', '.join(models.MODELS)}) or a model file that ends in .onnx."
    return click.option("--model", metavar="NAME|FILE", default=models.DEFAULT, show_default=True, help=text)(command)


def _choices(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command one flag for each field of `Options`, and hands it their values as `options`."""
    names = [field.name for field in dataclasses.fields(Options)]

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        options = Options(**{name: values.pop(name) for name in names})
        command(**values, options=options)

    for field in reversed(dataclasses.fields(Options)):
        switch = field.type is bool
        with_options = click.option(
            f"--{field.name.replace('_', '-')}",
            is_flag=switch,
            type=field.type,
            default=field.default,
            show_default=not switch and field.default != "",
            help=field.metadata["help"],
        )(with_options)
    return with_options


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=PROGRAM)
@click.pass_context
def cli(context: click.Context) -> None:
    """Remove the background of a photo, offline."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@_model_option
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON: OUT, size, model, confidence, seconds.")
@_choices
def remove(source: str, target: str, model: str, as_json: bool, options: Options) -> None:
    """Cut the subject out of the picture IN and write it to OUT.

    "-" stands for standard input and standard output; the latter gets a PNG. Otherwise the suffix of OUT names the
    format: .png, .webp, .tif or .tiff, and with --only-mask or a background also .jpg, .jpeg or .bmp. A file OUT is
    replaced. Where there is no subject nothing is written and the exit status is 3, but for --allow-empty.
    """
    start = perf_counter()
    if as_json and target == STREAM:
        raise OptionError("--json and the picture can't both go to standard output; name a file OUT")
    if target != STREAM:
        read = None if source == STREAM else Path(source)
        check_target(Path(target), source=read, transparent=options.transparent)
    if source == STREAM:
        data = sys.stdin.buffer.read()
        picture = decode(data, name="standard input", max_megapixels=options.max_megapixels)
    else:
        picture = decode(Path(source), max_megapixels=options.max_megapixels)
    cut = Remover(model).cut(picture, options)
    if cut.empty and not options.allow_empty:
        name = "standard input" if source == STREAM else source
        raise NoSubject(f"{name}: no subject found (confidence {cut.confidence:.2f}); --allow-empty writes it even so")
    if target == STREAM:
        sys.stdout.buffer.write(encode(cut.image))
        sys.stdout.buffer.flush()
    else:
        write(cut.image, Path(target))
    if as_json:
        facts = {"out": target, "width": cut.image.width, "height": cut.image.height, "model": model}
        facts |= {"confidence": round(cut.confidence, 4), "empty": cut.empty}
        click.echo(json.dumps(facts | {"seconds": round(perf_counter() - start, 3)}))


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_model_option
@click.option("--part", type=click.Choice(get_args(Part)), default="all", show_default=True, help="Which pairs count.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Take N pairs, evenly spread over the part.")
@click.option(
    "--csv", "table", metavar="FILE", type=click.Path(path_type=Path), help="Write the scores of each picture as well."
)
def evaluate(folder: Path, model: str, part: Part, limit: int | None, table: Path | None) -> None:
    """Score a model on the pictures of a folder whose truth is known.

    DIR has the layout of Oxford-IIIT Pet, or holds image/ beside mask/.
    """
    pairs = find_pairs(folder, part)
    if limit is not None:
        pairs = thin(pairs, limit)
    report = score(Remover(model).alpha, pairs, progress=_show_progress)
    click.echo(report.table())
    if table is not None:
        report.write_csv(table)


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {total:,} pictures", nl=done == total, err=True)


@cli.group(name="models", invoke_without_command=True)
@click.pass_context
def models_group(context: click.Context) -> None:
    """List the shipped models, or make a model file of another network."""
    if context.invoked_subcommand is not None:
        return
    header = ("name", "size", "parameters", "licence", "data", "scores")
    rows = [header, *(_row(model) for model in models.MODELS.values())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(model: models.Model) -> tuple[str, ...]:
    size = f"{model.path.stat().st_size / 1e6:.1f} MB" if model.path.is_file() else "missing"
    return model.name, size, f"{model.parameters:,}", model.license, model.data, model.scores


@models_group.command(name="import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--name", required=True, help=f"What it is; these fill in the rest: {', '.join(KNOWN)}.")
@click.option("--size", type=int, help="The longest side of the pictures it sees, in pixels.")
@click.option("--multiple", type=int, help="What their sides are multiples of.  [default: the size, which is a square]")
@click.option("--mean", type=float, nargs=3, metavar="R G B", help="Taken from the levels, which lie in [0, 1].")
@click.option("--std", type=float, nargs=3, metavar="R G B", help="Divides what is left.")
@click.option("--answer", type=click.Choice(get_args(Answer)), help="What it answers.")
@click.option("--output", metavar="OUTPUT", help="Which of its outputs is the answer.  [default: the first]")
@click.option("--layout", type=click.Choice(get_args(Layout)), help="The order of its axes.  [default: nchw]")
@click.option("--licence", default=UNSTATED, show_default=True, help="The licence of its weights.")
@click.option("--out", type=click.Path(path_type=Path), help="The file to make.  [default: FILE with .wrapped.onnx]")
def import_model(
    file: Path,
    name: str,
    size: int | None,
    multiple: int | None,
    mean: Colour | None,
    std: Colour | None,
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
    # Here, for it needs an extra, and loads slowly.
    from background_remover.foreign import wrap

    wanted = convention(
        name, size=size, mean=mean, std=std, answer=answer, multiple=multiple, layout=layout, output=output
    )
    out = file.with_suffix(".wrapped.onnx") if out is None else out
    card = wrap(file, out, name, wanted, licence=licence)
    click.echo(f"{out}: {card.parameters:,} parameters; use it with --model {out}")
