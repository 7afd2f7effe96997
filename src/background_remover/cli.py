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
from threading import Event
from time import perf_counter
from typing import Any, get_args

import click

from background_remover import models
from background_remover.batch import Batch, run
from background_remover.conventions import KNOWN, UNSTATED, Answer, Colour, Layout, convention
from background_remover.errors import Error, NoSubject, OptionError
from background_remover.evaluate import evaluate as score
from background_remover.evaluate import thin
from background_remover.files import make
from background_remover.heap import keep_freed
from background_remover.image import load, write_whole
from background_remover.interrupt import noted_interrupt
from background_remover.options import Matting, Options
from background_remover.outcome import Outcome
from background_remover.pairs import Part, find_pairs
from background_remover.processor import cores
from background_remover.remover import Remover
from background_remover.saving import Saving, check_target, kind_of
from background_remover.service import Service
from background_remover.sources import read_list
from background_remover.tiff import hush

PROGRAM = "background-remover"
STREAM = "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line (by default this process's own) and gives the exit status.

    0: done. 1: a picture, a model or a file is at fault. 2: the command line is. 3: there is no subject to keep.
    130: interrupted.
    """
    keep_freed()
    hush()
    logging.basicConfig(format=f"{PROGRAM}: %(message)s")
    # What Pillow logs of odd files is said by an error, or is no matter.
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
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


def _flags_of(kind: type, handed: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command one flag for each field of a dataclass, and hands it their values as one of these."""
    fields = dataclasses.fields(kind)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_flags(**values: Any) -> None:
            value = kind(**{field.name: values.pop(field.name) for field in fields})
            command(**values, **{handed: value})

        for field in reversed(fields):
            switch = field.type is bool
            with_flags = click.option(
                f"--{field.name.replace('_', '-')}",
                is_flag=switch,
                type=field.type,
                default=field.default,
                show_default=not switch and field.default != "",
                help=field.metadata["help"],
            )(with_flags)
        return with_flags

    return decorate


_choices = _flags_of(Options, "options")
_savings = _flags_of(Saving, "saving")
_settings = _flags_of(Service, "settings")


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
@_savings
@_choices
def remove(source: str, target: str, model: str, as_json: bool, saving: Saving, options: Options) -> None:
    """Cut the subject out of the picture IN and write it to OUT.

    "-" stands for standard input and standard output; the latter gets a PNG, or --format. Otherwise the suffix of OUT
    names the format: .png, .webp, .tif, .tiff, .avif or .gif, and with --only-mask or a background also .jpg, .jpeg or
    .bmp. A moving picture keeps its frames in a .gif, .webp or .png. A file OUT is replaced. Where there is no subject
    nothing is written and the exit status is 3, but for --allow-empty.
    """
    start = perf_counter()
    if as_json and target == STREAM:
        raise OptionError("--json and the picture can't both go to standard output; name a file OUT")
    path = None if target == STREAM else Path(target)
    if path is None:
        kind_of(path, saving, transparent=options.transparent)
    else:
        read = None if source == STREAM else Path(source)
        check_target(path, saving, source=read, transparent=options.transparent)
    name = "standard input" if source == STREAM else source
    given = sys.stdin.buffer.read() if source == STREAM else Path(source)
    file = load(given, name=name, max_megapixels=options.max_megapixels)
    made = make(Remover(model, wait=False), file, path, options, saving)
    if made.empty and not options.allow_empty:
        raise NoSubject(f"{name}: no subject found (confidence {made.confidence:.2f}); --allow-empty writes it even so")
    if path is None:
        sys.stdout.buffer.write(made.data)
        sys.stdout.buffer.flush()
    else:
        write_whole(path, made.data)
    if as_json:
        facts = {"out": target, "width": made.size[1], "height": made.size[0], "frames": made.frames, "model": model}
        facts |= {"confidence": round(made.confidence, 4), "empty": made.empty}
        click.echo(json.dumps(facts | {"seconds": round(perf_counter() - start, 3)}))


@cli.command()
@click.argument("inputs", metavar="IN...", nargs=-1, required=True)
@click.argument("out", metavar="OUT", type=click.Path())
@_model_option
@click.option("--resume", is_flag=True, help="Leave what an earlier run did, where picture and options are the same.")
@click.option("--overwrite", is_flag=True, help="Replace files in OUT that no run is known to have made.")
@click.option("--jobs", type=click.IntRange(1), help="Pictures worked on at once.  [default: one for each core]")
@click.option("--report", metavar="FILE", type=click.Path(), help="Write a line of JSON for each.")
@click.option("--review", metavar="DIR", type=click.Path(path_type=Path), help="Collect what should be looked at.")
@click.option(
    "--unsure",
    type=click.FloatRange(0, 1),
    default=Batch.unsure,
    show_default=True,
    help="Review what has less confidence than this.",
)
@click.option("--watch", is_flag=True, help="Go on with files that appear, until Ctrl-C.")
@click.option(
    "--still",
    type=click.FloatRange(0),
    default=Batch.still,
    show_default=True,
    help="Seconds for which a file must be the same before --watch takes it.",
)
@click.option(
    "--engine",
    type=click.Choice(["threads", "ray"]),
    default="threads",
    show_default=True,
    help="Who works: this process, or a cluster.",
)
@click.option("--address", help="Where the cluster of --engine ray is.  [default: RAY_ADDRESS, or this machine alone]")
@click.option(
    "--gpus", type=click.FloatRange(0, 1), help="The share of a GPU for each of its networks.  [default: all]"
)
@_savings
@_choices
def batch(
    inputs: tuple[str, ...],
    out: str,
    model: str,
    resume: bool,
    overwrite: bool,
    jobs: int | None,
    report: str | None,
    review: Path | None,
    unsure: float,
    watch: bool,
    still: float,
    engine: str,
    address: str | None,
    gpus: float | None,
    saving: Saving,
    options: Options,
) -> None:
    """Cut out the pictures of whole folders; the same tree appears in OUT.

    IN is a folder, a file, a glob in quotes, or "-" for a list of these on standard input. Results are PNG files, but
    for --format. The exit status is 1 where a picture failed, or else 3 where one has no subject, or else 0; and 130
    after Ctrl-C. Pictures are never changed.

    With --engine ray a cluster works: IN, OUT and a report that ends in .parquet may be addresses such as
    s3://bucket/photos. Needs Ray: pip install 'background-remover[cluster]'.
    """
    if STREAM in inputs:
        if watch:
            raise OptionError("a list on standard input can't be watched; name the folder")
        listed = read_list(sys.stdin.buffer.read())
        inputs = tuple(name for given in inputs for name in (listed if given == STREAM else [given]))
    choices: dict[str, Any] = {"resume": resume, "overwrite": overwrite, "unsure": unsure}
    work: Callable[[Event], Outcome]
    if engine == "ray":
        for flag, given in (("--watch", watch), ("--review", review is not None), ("--still", still != Batch.still)):
            if given:
                raise OptionError(f"{flag} is not for a cluster; leave it out, or --engine ray")
        # Here, for they need an extra, and load slowly.
        from background_remover import cluster
        from background_remover.spread import Spread

        spread = Spread(
            inputs, out, model, options, saving, jobs=jobs, report=report, cluster=address, gpus=gpus, **choices
        )
        work = functools.partial(cluster.run, spread)
    else:
        if address is not None or gpus is not None:
            raise OptionError("--address and --gpus are for a cluster; leave them out, or add --engine ray")
        for name in (*inputs, out, report or ""):
            if "://" in name and not os.path.lexists(name):
                raise OptionError(f"{name}: the address of a file elsewhere, which only --engine ray reads; add that")
        file = None if report is None else Path(report)
        threads = jobs or cores()
        work = functools.partial(
            run,
            Batch(
                inputs,
                Path(out),
                model,
                options,
                saving,
                threads=threads,
                report=file,
                review=review,
                watch=watch,
                still=still,
                **choices,
            ),
        )
    with noted_interrupt() as stop:
        outcome = work(stop)
    click.echo("\n".join(outcome.lines()), err=True)
    if outcome.stopped is not None:
        raise outcome.stopped
    raise click.exceptions.Exit(130 if outcome.interrupted else 1 if outcome.failed else 3 if outcome.empty else 0)


@cli.command(name="serve")
@_settings
def run_server(settings: Service) -> None:
    """Answer over HTTP, and show a page to drop photos on, until Ctrl-C.

    POST a picture to /remove and its cutout comes back. Needs FastAPI: pip install 'background-remover[serve]'.
    """
    try:
        # Here, for it needs an extra, and loads slowly.
        from background_remover.listener import serve
    except ImportError as error:
        raise Error(f"serve needs FastAPI ({error}): pip install 'background-remover[serve]'") from error
    logging.getLogger("background_remover").setLevel(logging.INFO)
    serve(settings)


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_model_option
@click.option("--part", type=click.Choice(get_args(Part)), default="all", show_default=True, help="Which pairs count.")
@click.option("--matting", default=Options.matting, show_default=True, help=f"One of: {', '.join(get_args(Matting))}.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Take N pairs, evenly spread over the part.")
@click.option(
    "--csv", "table", metavar="FILE", type=click.Path(path_type=Path), help="Write the scores of each picture as well."
)
def evaluate(folder: Path, model: str, part: Part, matting: str, limit: int | None, table: Path | None) -> None:
    """Score a model on the pictures of a folder whose truth is known.

    DIR has the layout of Oxford-IIIT Pet, or holds image/ beside mask/.
    """
    options = Options(matting=matting)
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
