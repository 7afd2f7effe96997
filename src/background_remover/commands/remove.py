"""`remove`: one picture."""

import json
import sys
from pathlib import Path
from time import perf_counter

import click

from background_remover.atomic import write_whole
from background_remover.errors import NoSubject, OptionError
from background_remover.files import make
from background_remover.flags import STREAM, choices, model_option, savings
from background_remover.image import load
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.saving import Saving, check_target, kind_of


@click.command()
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@model_option
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON: OUT, size, confidence, doubt, seconds.")
@savings
@choices
def remove(source: str, target: str, model: str, as_json: bool, saving: Saving, options: Options) -> None:
    """Cut the subject out of the picture IN and write it to OUT.

    "-" stands for standard input and standard output; the latter gets a PNG, or --format. Otherwise the suffix of OUT
    names the format: .png, .webp, .tif, .tiff, .avif or .gif, and with --only-mask or a background also .jpg, .jpeg or
    .bmp. A moving picture keeps its frames in a .gif, .webp or .png. A file OUT is replaced. Where there is no subject
    nothing is written and the exit status is 3, but for --allow-empty. An unsure cutout is written, and a line on
    standard error says so.
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
    if made.unsure:
        said = f"{name}: unsure of the subject (confidence {made.confidence:.2f}); look at the result, or give --mask"
        click.echo(f"{click.get_current_context().find_root().info_name}: {said}", err=True)
    if as_json:
        facts = {"out": target, "width": made.size[1], "height": made.size[0], "frames": made.frames, "model": model}
        facts |= {"confidence": round(made.confidence, 4), "empty": made.empty, "unsure": made.unsure}
        click.echo(json.dumps(facts | {"seconds": round(perf_counter() - start, 3)}))
