"""The cutouts to review: copies of them, their list, and contact sheets."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from background_remover.batch.record import Record
from background_remover.compositing.chequerboard import chequerboard
from background_remover.errors import Error, ImageError, OptionError
from background_remover.evaluation.contact_sheet import sheet as contact_sheet
from background_remover.evaluation.contact_sheet import tile
from background_remover.imaging import atomic
from background_remover.imaging.atomic import write_whole
from background_remover.imaging.paths import is_folder, is_there
from background_remover.imaging.picture import of_array
from background_remover.imaging.reader import decode
from background_remover.imaging.writer import Result, write
from background_remover.parameters.picture_list import write_list
from background_remover.video.formats import SUFFIXES
from background_remover.video.removal import first_frame

UNSURE = 0.8
LIST = "unsure.txt"
SHEET = "sheet-{:03}.png"
TILE, TEXT, GAP = 240, 16, 8  # pixels: the side of a picture on a sheet, the height of its line, the space around
COLUMNS, ROWS = 3, 5  # pairs on a sheet
_GROUND, _INK = (255, 255, 255), (30, 30, 30)


def check_folder(folder: Path) -> None:
    """Raise `OptionError` where a review can't be made: the folder is a file, or holds something already.

    Raises `ImageError` where nothing can be written there.
    """
    if is_there(folder) and not is_folder(folder):
        raise OptionError(f"{folder}: a file, and the review needs a folder; choose another name")
    atomic.check_folder(folder)
    if is_folder(folder) and any(folder.iterdir()):
        raise OptionError(f"{folder}: not empty; choose another folder for the review, or empty it")


def needs_review(record: Record, below: float) -> bool:
    """Return whether a picture that was read is to be reviewed: unsure, below a confidence, or without a subject."""
    return record.confidence is not None and (record.status == "empty" or record.unsure or record.confidence < below)


def collect(records: Sequence[Record], out: Path, folder: Path) -> None:
    """Fill a folder with the review of these records, the least sure first; results of theirs lie below `out`.

    There are copies of the results in the same tree, `unsure.txt` with the names of the pictures and their own prompts,
    which `batch -` reads, and contact sheets: each picture beside its cutout. Raises `ImageError` where that can't be
    written.
    """
    records = sorted(records, key=lambda record: (record.confidence or 0.0, record.source))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for record in records:
            for file in _files(record):
                copy = folder / file.relative_to(out)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
    except OSError as error:
        raise ImageError(f"{error.filename or folder}: {error.strerror}; choose another review folder") from error
    write_whole(folder / LIST, write_list([(record.source, record.prompts) for record in records]))
    for number, sheet in enumerate(review_sheets(records), start=1):
        write(Result(np.asarray(sheet)), folder / SHEET.format(number))


def review_sheets(records: Sequence[Record]) -> Iterator[PillowImage.Image]:
    """Draw pairs of a picture and its cutout over a chequerboard, with name and confidence below; mode "RGB".

    A picture whose subjects have a file each is beside each of them.
    """
    pairs = [(record, file) for record in records for file in _files(record) or (None,)]
    for start in range(0, len(pairs), COLUMNS * ROWS):
        yield contact_sheet([_pair(*pair) for pair in pairs[start : start + COLUMNS * ROWS]], COLUMNS, _GROUND)


def _files(record: Record) -> Sequence[Path]:
    """Return the files of a result, none where there is none."""
    if record.status != "done":
        return ()
    target = Path(record.target)
    return [target.with_name(file.name) for file in record.files] or [target]


def _pair(record: Record, file: Path | None) -> PillowImage.Image:
    pair = PillowImage.new("RGB", (2 * TILE + 2 * GAP, TILE + TEXT + 2 * GAP), _GROUND)
    pair.paste(_tile(record.source), (GAP, GAP))
    if file is not None:
        pair.paste(_tile(str(file)), (GAP + TILE, GAP))
    draw, font = ImageDraw.Draw(pair), ImageFont.load_default(12)
    named = file if file is not None and record.files else Path(record.source)
    name = named.name.encode("ascii", "replace").decode()  # all that Pillow's own font surely has
    note = "no subject  " if record.status == "empty" else "unsure  " if record.unsure else ""
    words = f"{record.confidence or 0:.2f}  {note}{name}"
    while words and draw.textlength(words, font) > 2 * TILE:
        words = words[:-1]
    draw.text((GAP, GAP + TILE + 2), words, _INK, font)
    return pair


def _tile(file: str) -> PillowImage.Image:
    """Return a picture on a square, or a video's first frame, transparency chequered; white where none can be read."""
    try:
        is_clip = Path(file).suffix.lower() in SUFFIXES
        picture = of_array(first_frame(Path(file))) if is_clip else decode(file)
    except Error:
        return PillowImage.new("RGB", (TILE, TILE), _GROUND)
    small = PillowImage.fromarray(picture.image)
    small.thumbnail((TILE, TILE))
    if picture.opacity is None:
        return tile(small, TILE, _GROUND)
    opacity = PillowImage.fromarray((picture.opacity * 255).astype("uint8")).resize(small.size)
    board = chequerboard(small.size)
    board.paste(small, (0, 0), opacity)
    return tile(board, TILE, _GROUND)
