"""The cutouts that somebody should look at: copies of them, their list, and contact sheets."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from background_remover.batch.job import Record
from background_remover.errors import Error, ImageError, OptionError
from background_remover.imaging import atomic
from background_remover.imaging.atomic import write_whole
from background_remover.imaging.paths import is_folder, is_there
from background_remover.imaging.reader import decode
from background_remover.imaging.writer import Result, write

UNSURE = 0.8
LIST = "unsure.txt"
SHEET = "sheet-{:03}.png"
TILE, TEXT, GAP = 240, 16, 8  # pixels: the side of a picture on a sheet, the height of its line, the space around
COLUMNS, ROWS = 3, 5  # pairs on a sheet
_GROUND, _INK, _CHECKS = (255, 255, 255), (30, 30, 30), ((255, 255, 255), (204, 204, 204))


def check_folder(folder: Path) -> None:
    """Raises `OptionError` where a review can't be made: the folder is a file, or holds something already.

    Raises `ImageError` where nothing can be written there.
    """
    if is_there(folder) and not is_folder(folder):
        raise OptionError(f"{folder}: a file, and the review needs a folder; choose another name")
    atomic.check_folder(folder)
    if is_folder(folder) and any(folder.iterdir()):
        raise OptionError(f"{folder}: not empty; choose another folder for the review, or empty it")


def needs_review(record: Record, below: float) -> bool:
    """Whether a picture that was read should be looked at: it is unsure or below a confidence, or has no subject."""
    return record.confidence is not None and (record.status == "empty" or record.unsure or record.confidence < below)


def collect(records: Sequence[Record], out: Path, folder: Path) -> None:
    """Fills a folder with the review of these records, the least sure first; results of theirs lie below `out`.

    There are copies of the results in the same tree, `unsure.txt` with the names of the pictures, which `batch -`
    reads, and contact sheets: each picture beside its cutout. Raises `ImageError` where that can't be written.
    """
    records = sorted(records, key=lambda record: (record.confidence or 0.0, record.source))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for record in records:
            if record.status == "done":
                copy = folder / Path(record.target).relative_to(out)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(record.target, copy)
    except OSError as error:
        raise ImageError(f"{error.filename or folder}: {error.strerror}; choose another review folder") from error
    write_whole(folder / LIST, "".join(f"{record.source}\n" for record in records).encode(errors="surrogateescape"))
    for number, start in enumerate(range(0, len(records), COLUMNS * ROWS), start=1):
        write(Result(np.asarray(contact_sheet(records[start : start + COLUMNS * ROWS]))), folder / SHEET.format(number))


def contact_sheet(records: Sequence[Record]) -> PillowImage.Image:
    """A sheet of pairs, a picture and its cutout before a chequerboard, with name and confidence below; mode "RGB"."""
    width, height = 2 * TILE + 2 * GAP, TILE + TEXT + 2 * GAP
    rows = -(-len(records) // COLUMNS)
    sheet = PillowImage.new("RGB", (COLUMNS * width, rows * height), _GROUND)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)
    for number, record in enumerate(records):
        left, top = number % COLUMNS * width + GAP, number // COLUMNS * height + GAP
        sheet.paste(_tile(record.source), (left, top))
        if record.status == "done":
            sheet.paste(_tile(record.target), (left + TILE, top))
        name = Path(record.source).name.encode("ascii", "replace").decode()  # all that Pillow's own font surely has
        note = "no subject  " if record.status == "empty" else "unsure  " if record.unsure else ""
        words = f"{record.confidence or 0:.2f}  {note}{name}"
        while words and draw.textlength(words, font) > 2 * TILE:
            words = words[:-1]
        draw.text((left, top + TILE + 2), words, _INK, font)
    return sheet


def _tile(file: str) -> PillowImage.Image:
    """A picture of any size on a square, clear parts chequered; a plain square where it can't be read any more."""
    tile = PillowImage.new("RGB", (TILE, TILE), _GROUND)
    try:
        picture = decode(file)
    except Error:
        return tile
    small = PillowImage.fromarray(picture.image)
    small.thumbnail((TILE, TILE))
    place = (TILE - small.width) // 2, (TILE - small.height) // 2
    if picture.opacity is None:
        tile.paste(small, place)
        return tile
    opacity = PillowImage.fromarray((picture.opacity * 255).astype("uint8")).resize(small.size)
    tile.paste(chequerboard(small.size), place)
    tile.paste(small, place, opacity)
    return tile


def chequerboard(size: tuple[int, int], square: int = GAP) -> PillowImage.Image:
    """The customary picture of "nothing here", (width, height), of squares of so many pixels."""
    board = PillowImage.new("RGB", size, _CHECKS[0])
    draw = ImageDraw.Draw(board)
    for top in range(0, size[1], square):
        for left in range(top // square % 2 * square, size[0], 2 * square):
            draw.rectangle((left, top, left + square - 1, top + square - 1), _CHECKS[1])
    return board
