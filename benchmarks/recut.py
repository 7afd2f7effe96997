"""What becomes of pictures that come with their own transparency: prints a table in Markdown.

    python benchmarks/recut.py FOLDER... --limit 30

Each FOLDER holds pictures with truth, of which held-out ones are used; those in which no subject is found are left out.
Every picture is cut out, and its cutout is cut again: the IoU of the two, and by how many levels colours differ where
both are visible. Then the photograph is cut with rounded corners, an eighth of its shorter side in radius: the IoU
with its own alpha times those corners. Each is done by the network alone (`--ground photo`), and by the default, which
leaves a cutout as it is.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from background_remover import Options, Remover, models
from background_remover.evaluation.datasets import Pair, find_pairs
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.metrics import iou
from background_remover.evaluation.tables import markdown
from background_remover.imaging.reader import decode
from background_remover.types import Alpha, Cutout, Size

WAYS = {
    "the network alone": Options(allow_empty=True, ground="photo"),
    "**`auto`**": Options(allow_empty=True),
}
STAYS = 0.97  # the IoU from which on a cutout counts as the same
ROUNDED = 1 / 8  # of the shorter side: the corners' radius
FINE = 4  # times as many pixels are drawn along each side, for a soft edge


class Score(NamedTuple):
    """What became of one picture: of its cutout, and of the photograph with rounded corners."""

    again: float
    colours: float
    rounded: float


def corners(size: Size) -> Alpha:
    """Return the opacity (H, W) of a picture with rounded corners."""
    height, width = size
    canvas = PillowImage.new("L", (width * FINE, height * FINE), 0)
    box = (0, 0, width * FINE - 1, height * FINE - 1)
    ImageDraw.Draw(canvas).rounded_rectangle(box, ROUNDED * min(size) * FINE, fill=255)
    levels = np.asarray(canvas.resize((width, height), PillowImage.Resampling.BOX))
    alpha: Alpha = np.divide(levels, 255, dtype=np.float32)
    return alpha


def score(remover: Remover, cutout: Cutout, rounded: Cutout, options: Options) -> Score:
    """Return what becomes of a cutout (H, W, 4), and of its photograph with rounded corners, by the options."""
    again = np.asarray(remover.cut(PillowImage.fromarray(cutout), options).image)
    alpha, opacity = (_alpha(one) for one in (cutout, rounded))
    visible = (cutout[..., 3] > 0) & (again[..., 3] > 0)
    levels = np.abs(cutout[visible][:, :3].astype(int) - again[visible][:, :3])
    found = remover.cut(PillowImage.fromarray(rounded), options).alpha
    return Score(iou(_alpha(again), alpha), float(levels.mean()) if visible.any() else 0.0, iou(found, alpha * opacity))


def scores(remover: Remover, pairs: Sequence[Pair]) -> Iterator[dict[str, Score]]:
    """Yield the scores of each picture in which a subject is found, by the way it was cut."""
    for pair in pairs:
        photo = decode(pair.image).image
        cut = remover.cut(photo, Options(allow_empty=True))
        if not cut.empty:
            levels = np.rint(corners((photo.shape[0], photo.shape[1])) * 255).astype(np.uint8)
            rounded = np.dstack([photo, levels])
            yield {way: score(remover, np.asarray(cut.image), rounded, options) for way, options in WAYS.items()}


def row(name: str, way: str, values: Sequence[Score]) -> list[str]:
    """Return a row of the table: the least IoU, the pictures that stay the same, and colours; then rounded corners."""
    again, colours, rounded = np.array(values).T
    same = [f"{again.min():.3f}", f"{np.sum(again >= STAYS)} of {len(again)}", f"{colours.mean():.2f}"]
    return [name, way, *same, f"{rounded.mean():.4f}", f"{rounded.min():.3f}"]


def _alpha(cutout: Cutout) -> Alpha:
    return np.divide(cutout[..., 3], 255, dtype=np.float32)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", default=models.DEFAULT, show_default=True, help="A shipped model's name, or a model file.")
@click.option("--limit", type=click.IntRange(min=1), default=30, show_default=True, help="Pictures of each folder.")
def main(folders: tuple[Path, ...], model: str, limit: int) -> None:
    """Measure what becomes of cutouts that are cut again, and of photographs with rounded corners."""
    remover = Remover(model)
    lines = []
    for folder in folders:
        found = list(scores(remover, thin(find_pairs(folder, "validation"), limit)))
        name = f"{len(found)} of {folder.name}"
        lines += [row(name, way, [each[way] for each in found]) for way in WAYS if found]
    header = ["pictures", "", "cut again: least IoU", f"at least {STAYS}", "colours, levels"]
    click.echo(markdown([*header, "rounded: mean IoU", "least"], lines))


if __name__ == "__main__":
    main()
