"""`subjects`: the separate subjects of one picture, as JSON, a contact sheet or cutouts."""

import json
import math
from pathlib import Path

import click
from PIL import Image as PillowImage
from PIL import ImageDraw

from background_remover.batch.naming import numbered
from background_remover.cli.flags import GroupedCommand, device_option, files, flag, flags_of, model_option, savings
from background_remover.evaluation.contact_sheet import sheet as contact_sheet
from background_remover.evaluation.contact_sheet import tile as cell
from background_remover.imaging.file import load
from background_remover.imaging.output_options import OutputOptions, check_target
from background_remover.options import Options, check
from background_remover.parameters.groups import FILES
from background_remover.pipeline.cut import Cut
from background_remover.remover import Remover
from background_remover.segmentation.subjects import Subject, facts_of

TILE = 240  # the side of a contact sheet's squares, in pixels
_WITHOUT_EFFECT = ("allow_empty", "keep_shadow")  # nothing is written without a subject; the network finds no shadow
_GREY = (128, 128, 128)  # shows light subjects as well as dark ones


@click.command(cls=GroupedCommand)
@click.argument("source", metavar="IN", shell_complete=files)
@model_option
@device_option
@flag(
    "--sheet", group=FILES, metavar="FILE", shell_complete=files, help="Draw all subjects, numbered, into this picture."
)
@flag(
    "--each", group=FILES, metavar="OUT", shell_complete=files, help="Write each one's cutout: OUT-1.png for OUT.png."
)
@savings
@flags_of(Options, "options", without=_WITHOUT_EFFECT)
def subjects(
    source: str, model: str, device: str, sheet: str | None, each: str | None, saving: OutputOptions, options: Options
) -> None:
    """List the separate subjects of the picture IN.

    Prints a line of JSON: the picture's size and its subjects, the largest first, each with its number, its box (left,
    top, width, height in pixels), its share of the picture's area and its confidence. Without a subject the list is
    empty, and nothing is written.
    """
    check(options)
    for target in (sheet, each):
        if target:
            check_target(Path(target), saving, source=Path(source), transparent=options.transparent)
    file = load(Path(source), name=source, max_megapixels=options.max_megapixels)
    listed, tiles, size = [], [], (0, 0)
    for number, (subject, cut) in enumerate(Remover(model, device=device).cut_each(file, options), 1):
        size = cut.alpha.shape
        listed.append(facts_of(number, subject))
        if sheet:
            tiles.append(_tile(number, subject, cut))
        if each:
            cut.save(numbered(Path(each), number), saving)
    if sheet and tiles:
        contact_sheet(tiles, math.ceil(math.sqrt(len(tiles))), _GREY).save(sheet)
    click.echo(json.dumps({"image": source, "width": size[1], "height": size[0], "subjects": listed}))


def _tile(number: int, subject: Subject, cut: Cut) -> PillowImage.Image:
    """Return the subject's box as a tile, with its number in a corner."""
    box = subject.box
    part = cut.image.convert("RGBA").crop((box.left, box.top, box.right, box.bottom))
    tile = cell(part, TILE, _GREY)
    ImageDraw.Draw(tile).text((6, 4), str(number), fill="white", stroke_width=1, stroke_fill="black", font_size=20)
    return tile
