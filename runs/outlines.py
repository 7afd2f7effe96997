"""Makes masks for backgrounds that hold a subject: buildings, bridges, furniture, trees.

    python runs/outlines.py DATA OUT

A network that is shown a house as a picture without a subject learns to leave houses out. `outlines.txt` goes round the
subject of such pictures by hand, a picture a line: its name, `drawn` or `refined`, and polygons with `;` between them.
Corners are x,y in per cent of the width and the height; `-` before a polygon makes it a hole. A refined edge moves to
where the colours part (GrabCut, Rother et al. 2004, of OpenCV, which the extra `evaluate` brings); a drawn one stays,
where thin parts, or parts like what lies behind them, would be lost. Only pictures of the training part of
DATA/backgrounds may be outlined. They are copied to OUT/image, and their masks (8-bit grey, 255 for the subject) are
written to OUT/mask: a folder for `--data`.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import click
import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from background_remover.errors import OptionError
from background_remover.evaluation.datasets import find_pictures
from background_remover.imaging.reader import decode
from background_remover.types import Image, Mask, Size

LIST = Path(__file__).with_suffix(".txt")
_BAND = 0.012  # of the longest side: how far from a drawn edge a refined one may lie
_ROUNDS = 3


@dataclass(frozen=True)
class Polygon:
    """Corners (x, y) in per cent of the width and the height, around a part of the subject or a hole in it."""

    corners: tuple[tuple[float, float], ...]
    hole: bool


@dataclass(frozen=True)
class Outline:
    """What goes round the subject of the picture `name`; polygons are filled in order."""

    name: str
    refined: bool
    polygons: tuple[Polygon, ...]


def read_outlines(file: Path) -> list[Outline]:
    """Read the outlines in a file; # starts a comment. Raises `OptionError` with the number of a malformed line."""
    outlines = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if text := line.partition("#")[0].strip():
            try:
                outlines.append(_outline(text))
            except ValueError as error:
                raise OptionError(
                    f"{file}, line {number}: {error}; wanted NAME drawn|refined x,y x,y x,y; ..."
                ) from error
    return outlines


def _outline(text: str) -> Outline:
    name, edge, polygons = text.split(maxsplit=2)
    if edge not in ("drawn", "refined"):
        raise ValueError(f"an edge that is {edge!r}")
    return Outline(name, edge == "refined", tuple(map(_polygon, polygons.split(";"))))


def _polygon(text: str) -> Polygon:
    hole = text.lstrip().startswith("-")
    pairs = [corner.split(",") for corner in text.lstrip(" -").split()]
    corners = tuple((float(x), float(y)) for x, y in pairs)
    if len(corners) < 3 or not all(0 <= value <= 100 for corner in corners for value in corner):
        raise ValueError(f"a polygon {text.strip()!r} of fewer than three corners or beyond the picture")
    return Polygon(corners, hole)


def filled(outline: Outline, size: Size) -> Mask:
    """Return what lies within an outline: a mask (H, W)."""
    height, width = size
    mask = PillowImage.new("1", (width, height))
    draw = ImageDraw.Draw(mask)
    for polygon in outline.polygons:
        draw.polygon([(x * width / 100, y * height / 100) for x, y in polygon.corners], fill=not polygon.hole)
    return np.array(mask)


def refined(image: Image, mask: Mask) -> Mask:
    """Return the mask (H, W) with its edge moved to where the colours of the image part, in a narrow band around it."""
    drawn = mask.astype(np.uint8)
    reach = max(2, round(max(mask.shape) * _BAND))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    labels = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[cv2.erode(drawn, disc) > 0] = cv2.GC_FGD
    labels[cv2.dilate(drawn, disc) == 0] = cv2.GC_BGD
    cv2.setRNGSeed(0)  # its clusters begin at random
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(image[..., ::-1]), labels, (0, 0, 0, 0), *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))


def write(outlines: list[Outline], backgrounds: Path, out: Path) -> None:
    """Write the pictures and their masks; raises `OptionError` at one outside the training part of `backgrounds`."""
    pictures = {path.name: path for path in find_pictures(backgrounds, "train")}
    for outline in outlines:
        if outline.name not in pictures:
            raise OptionError(
                f"{outline.name}: not in the training part of {backgrounds}; take its line out of the list"
            )
    for folder in ("image", "mask"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for outline in outlines:
        path = pictures[outline.name]
        image = decode(path).image
        mask = filled(outline, image.shape[:2])
        if outline.refined:
            mask = refined(image, mask)
        shutil.copyfile(path, out / "image" / path.name)
        PillowImage.fromarray(mask.astype(np.uint8) * 255).save(out / "mask" / f"{path.stem}.png")


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
def main(data: Path, out: Path) -> None:
    """Write the outlined pictures of DATA/backgrounds and their masks to OUT."""
    try:
        outlines = read_outlines(LIST)
        write(outlines, data / "backgrounds", out)
    except OptionError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(outlines)} pictures with masks in {out}")


if __name__ == "__main__":
    main()
