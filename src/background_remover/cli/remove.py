"""`remove`: one picture, from file to file."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from background_remover.cli.flags import STREAM, choices, device_option, files, flag, model_option, savings
from background_remover.cli.json_failure import STAGE, JsonCommand, facts_of
from background_remover.errors import ImageError, OptionError
from background_remover.imaging.atomic import write_whole
from background_remover.imaging.file import File, begin, load
from background_remover.imaging.output_options import OutputOptions, check_target, kind_of
from background_remover.imaging.paths import is_folder
from background_remover.options import Options, check
from background_remover.parameters.groups import RUNNING
from background_remover.runtime import startup, streams

if TYPE_CHECKING:
    from background_remover.pipeline.file_step import CutoutFile


@click.command(cls=JsonCommand, context_settings={"allow_extra_args": True})
@click.argument("source", metavar="IN", shell_complete=files)
@click.argument("target", metavar="OUT", shell_complete=files)
@model_option
@device_option
@flag(
    "--json",
    "as_json",
    group=RUNNING,
    is_flag=True,
    help="Print a line of JSON: OUT, size, confidence, ground, seconds.",
)
@savings
@choices
@click.pass_context
def remove(
    context: click.Context,
    source: str,
    target: str,
    model: str,
    device: str,
    as_json: bool,
    saving: OutputOptions,
    options: Options,
) -> None:
    """Cut the subject out of the picture IN and write it to OUT.

    "-" stands for standard input and standard output; the latter gets a PNG, or --format. Otherwise the suffix of OUT
    names the format: .png, .webp, .tif, .tiff, .avif or .gif, and with --only-mask or a background also .jpg, .jpeg
    or .bmp. An animation keeps its frames in a .gif, .webp or .png. A file OUT is replaced. Where there is no subject
    nothing is written and the exit status is 3, but for --allow-empty. An unsure cutout is written, and a line on
    standard error says so. With --json a failure is a line of JSON as well: its code, error and hint.
    """
    start = perf_counter()
    facts = facts_of(context)
    facts |= {"out": target, "model": model, STAGE: "write"}
    if as_json and target == STREAM:
        raise OptionError("--json and the picture can't both go to standard output; name a file OUT")
    _check_names(source, target, context.args)
    check(options)
    path = _checked_target(source, target, saving, options)
    facts[STAGE] = "image"
    name = "standard input" if source == STREAM else source
    file = begin(_load(source, name, options), frame=options.frame, longest=options.longest)
    # Here, as the picture is decoded meanwhile: these need most of the package, and NumPy.
    from background_remover.pipeline.file_step import make
    from background_remover.pipeline.subject_check import no_subject
    from background_remover.remover import Remover

    startup.resume_garbage_collection()
    made = make(Remover(model, device=device, wait=False), file, path, options, saving)
    facts |= {"width": made.size[1], "height": made.size[0], "frames": made.frames}
    facts |= {"confidence": round(made.confidence, 4), "empty": made.empty, "unsure": made.unsure}
    facts |= {"ground": made.ground, STAGE: "write"}
    if made.empty and not options.allow_empty:
        raise no_subject(made.confidence, options, name=name, allow="--allow-empty")
    _write(made, path)
    if made.unsure:
        warning = (
            f"{name}: unsure of the subject (confidence {made.confidence:.2f}); look at the result, or give --mask"
        )
        click.echo(f"{context.find_root().info_name}: {warning}", err=True)
    if as_json:
        del facts[STAGE]
        click.echo(json.dumps(facts | {"seconds": round(perf_counter() - start, 3)}))


def _check_names(source: str, target: str, more: Sequence[str]) -> None:
    """Raise `OptionError` or `ImageError` at folders, addresses and surplus names."""
    if more:
        raise OptionError(
            f"{2 + len(more)} names, and remove takes two, IN and OUT; for several pictures use "
            f"background-remover batch {shlex.join([source, target, *more[:-1]])} {shlex.quote(more[-1])}"
        )
    for name in (source, target):
        if "://" in name:
            raise OptionError(f"{name}: an address, and pictures are files here; download it first, and name the file")
    if is_folder(Path(source)):
        raise ImageError(
            f"{source}: a folder, not a picture; name a file in it, or for all of them use "
            f"background-remover batch {shlex.quote(source)} OUT"
        )
    if is_folder(Path(target)):
        inside = Path(target) / ("cutout.png" if source == STREAM else f"{Path(source).stem}.png")
        raise ImageError(f"{target}: a folder, and OUT is a file; name one in it, as in {inside}")


def _checked_target(source: str, target: str, saving: OutputOptions, options: Options) -> Path | None:
    """Return the path of the result, or None for standard output; raises the errors of writing there."""
    if target == STREAM:
        streams.standard_output()
        kind_of(None, saving, transparent=options.transparent)
        return None
    read = None if source == STREAM else Path(source)
    check_target(Path(target), saving, source=read, transparent=options.transparent)
    return Path(target)


def _load(source: str, name: str, options: Options) -> File:
    given = streams.read_all(streams.standard_input(), name) if source == STREAM else Path(source)
    return load(given, name=name, max_megapixels=options.max_megapixels)


def _write(made: "CutoutFile", path: Path | None) -> None:
    if path is not None:
        write_whole(path, made.data)
        return
    output = streams.standard_output()
    output.write(made.data)
    output.flush()
