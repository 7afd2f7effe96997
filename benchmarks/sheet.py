"""Edges at their own size, before and after: makes the contact sheets that docs/edges.md speaks of.

    python benchmarks/sheet.py OUT.png FILE[:MASK][@X,Y]...

Each row is one place of a picture, 160x160 pixels without scaling: the picture, then the network's answer only
stretched, with the colours as they are, over magenta and over white; then both again, refined and with the subject's
own colours. X,Y is the place's centre; without it, the place is the one with the most half-transparent pixels. With a
MASK that, reduced to 128 pixels, stands for the network's answer.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from PIL import Image as PillowImage

from background_remover import Options, Remover
from background_remover.arrays.box_filter import box_sum
from background_remover.arrays.resample import within
from background_remover.evaluation.contact_sheet import sheet
from background_remover.types import Alpha

SIDE, GAP = 160, 4
BACKGROUNDS = ("#ff00ff", "white")


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("places", metavar="FILE[:MASK][@X,Y]...", nargs=-1, required=True)
@click.option("--model", default=None, help="The model to use in place of the default one.")
@click.option("--zoom", default=1, show_default=True, help="Show each pixel as so many squared.")
def main(out: Path, places: tuple[str, ...], model: str | None, zoom: int) -> None:
    """Draw the sheet."""
    remover = Remover() if model is None else Remover(model)
    rows = [row(remover, place) for place in places]
    page = sheet([cell for cells in rows for cell in cells], len(rows[0]), "grey", GAP)
    page.resize((page.width * zoom, page.height * zoom), PillowImage.Resampling.NEAREST).save(out)


def row(remover: Remover, place: str) -> list[PillowImage.Image]:
    """Draw one place, in every version: cells of 160x160 pixels."""
    names, _, centre = place.partition("@")
    name, _, given = names.partition(":")
    with PillowImage.open(name) as file:
        image = file.convert("RGB")
    with tempfile.TemporaryDirectory() as folder:
        mask = ""
        if given:
            mask = f"{folder}/mask.png"
            with PillowImage.open(given) as file:
                small = file.convert("L")
            small.resize(within(small.size, 128), PillowImage.Resampling.BOX).save(mask)
        cells = [image]
        for after in (False, True):
            for colour in BACKGROUNDS:
                options = Options(allow_empty=True, mask=mask, background=colour)
                if not after:
                    options = replace(options, matting="none", second_look="off", keep_colours=True)
                cells.append(remover.remove(image, options).image)
        left, top = corner(remover.alpha(image, Options(mask=mask)), centre)
    return [cell.crop((left, top, left + SIDE, top + SIDE)) for cell in cells]


def corner(alpha: Alpha, centre: str) -> tuple[int, int]:
    """Return the left and the upper side of the place to show."""
    if centre:
        across, down = (int(number) for number in centre.split(","))
    else:
        half_transparent = box_sum(((alpha > 0.05) & (alpha < 0.95)).astype(np.float32), SIDE // 4)
        down, across = map(int, np.unravel_index(np.argmax(half_transparent), alpha.shape))
    height, width = alpha.shape
    return max(0, min(across - SIDE // 2, width - SIDE)), max(0, min(down - SIDE // 2, height - SIDE))


if __name__ == "__main__":
    main()
