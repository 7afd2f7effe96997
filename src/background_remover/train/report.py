"""A contact sheet of a network's results: the worst pictures first, then the median ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from background_remover.arrays.resample import resize
from background_remover.errors import OptionError
from background_remover.evaluation import contact_sheet, metrics
from background_remover.evaluation.datasets import Pair, read_pair
from background_remover.imaging.output_options import check_target
from background_remover.imaging.writer import Result, write
from background_remover.remover import Remover
from background_remover.types import Alpha, Image, Mask

MAGENTA = (255, 0, 255)
_CELL, _CAPTION, _COLUMNS = 176, 14, 2  # pixels; pictures beside each other


@dataclass(frozen=True)
class Sample:
    """One picture of the sheet."""

    name: str
    iou: float
    image: Image
    alpha: Alpha
    truth: Alpha
    known: Mask


def report(remover: Remover, pairs: Sequence[Pair], out: Path, worst: int = 24, median: int = 12) -> float:
    """Write the contact sheet of these pairs to `out` and return the mean IoU, unknown pixels ignored.

    Raises `OptionError` where there are no pairs or the sheet can't be written to such a file, and `ImageError` where
    a picture can't be read.
    """
    if not pairs:
        raise OptionError("no pairs to report on; choose another folder or part")
    check_target(out, transparent=False)
    scores = [_sample(remover, pair).iou for pair in pairs]
    ranked = [pairs[i] for i in np.argsort(scores)]
    middle = max(0, len(ranked) // 2 - median // 2)
    chosen = [*ranked[:worst], *(pair for pair in ranked[middle : middle + median] if pair not in ranked[:worst])]
    write(Result(np.asarray(sheet([_sample(remover, pair) for pair in chosen]))), out)
    return float(np.mean(scores))


def sheet(samples: Sequence[Sample]) -> PillowImage.Image:
    """Return a sheet of rows: picture, alpha, cutout over magenta and truth (unknown pixels blue), name and IoU."""
    return contact_sheet.sheet([_row(sample) for sample in samples], _COLUMNS, "white")


def _row(sample: Sample) -> PillowImage.Image:
    row = PillowImage.new("RGB", (4 * _CELL, _CAPTION + _CELL), "white")
    ImageDraw.Draw(row).text((2, 1), f"{sample.name}  {sample.iou:.3f}", fill="black")
    for column, image in enumerate(_views(sample)):
        row.paste(PillowImage.fromarray(image), (column * _CELL, _CAPTION))
    return row


def _sample(remover: Remover, pair: Pair) -> Sample:
    image, truth, known = read_pair(pair)
    alpha = remover.alpha(image)
    return Sample(pair.name, metrics.iou(alpha, truth, known), image, alpha, truth, known)


def _views(sample: Sample) -> list[Image]:
    """Return the four pictures of a row, none larger than a cell."""
    over = sample.alpha[..., None]
    cutout = np.rint(sample.image * over + np.array(MAGENTA) * (1 - over)).astype(np.uint8)
    truth = _grey(sample.truth)
    truth[~sample.known] = (0, 0, 255)
    height, width = sample.alpha.shape
    scale = _CELL / max(height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return [resize(view, size, "box") for view in (sample.image, _grey(sample.alpha), cutout, truth)]


def _grey(alpha: Alpha) -> Image:
    return np.repeat(np.rint(alpha * 255).astype(np.uint8)[..., None], 3, axis=2)
