"""How well clicks and a box choose a subject: prints a table in Markdown.

    python benchmarks/clicks.py FOLDER... --subjects CUTOUTS --subjects OBJECTS --backgrounds BACKGROUNDS --limit 100
    python benchmarks/clicks.py FOLDER... --click-network FILE

Each FOLDER holds pictures with truth; SUBJECTS and BACKGROUNDS make scenes of two subjects, one of which is meant (see
`scenes`). Only held-out pictures are used. Clicks are simulated (Sofiiuk et al. 2021, arXiv 2102.06583): the next one
is in the middle of the largest error, of what is missing or of what is too much, by the distance to its edge. Scored is
the alpha at the picture's own size, after matting. The box is the smallest one around the truth. Beside that stand
GrabCut (OpenCV, the same box) and what the network says without a prompt. Milliseconds are the median for a click; the
whole picture has been seen before the first one, and crops are seen once. With --click-network a model file that takes
prompts chooses the subject in place of what the product does without one.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import click
import cv2
import numpy as np
from scipy.ndimage import distance_transform_edt

from background_remover import models
from background_remover.arrays.box import Box, subject_box
from background_remover.evaluation import metrics
from background_remover.evaluation.datasets import find_pairs, read_pair
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.tables import markdown
from background_remover.matting.guided_filter import refine
from background_remover.matting.sharpen import sharpen_uncertain
from background_remover.runtime.parallel import cores
from background_remover.segmentation.crop_cache import LONGEST, Crops
from background_remover.segmentation.network import Network
from background_remover.segmentation.prompts import Point, Prompts, choose
from background_remover.types import Alpha, Image, Mask
from click_network import ClickNetwork
from scenes import Case, scenes

MOST = 20  # clicks on a picture; a goal that isn't reached counts as so many
SHOWN = 1, 3, 5
GOALS = 0.85, 0.90


class Row(NamedTuple):
    """What one picture gives: the IoU without a prompt and by box, after every click, and each click's milliseconds."""

    plain: float
    grabcut: float
    box: float
    clicks: list[float]
    milliseconds: list[float]

    def after(self, clicks: int) -> float:
        """Return the IoU after so many clicks, or after the last one where fewer were enough."""
        return self.clicks[min(clicks, len(self.clicks)) - 1]

    def to(self, goal: float) -> int:
        """Return the number of clicks that the IoU takes to reach the goal; `MOST` where it doesn't."""
        return next((number for number, iou in enumerate(self.clicks, 1) if iou >= goal), MOST)


def labelled(folder: Path, limit: int) -> Iterable[Case]:
    """Held-out pictures of a folder with their truth."""
    for pair in thin(find_pairs(folder, "validation"), limit):
        yield Case(pair.name, *read_pair(pair))


def next_click(alpha: Alpha, truth: Alpha, known: Mask, clicked: Sequence[Point] = ()) -> tuple[Point, bool] | None:
    """Return the pixel in the middle of the largest error, and whether it is missing; None where nothing is wrong.

    No pixel is clicked twice.
    """
    found, wanted = alpha > metrics.THRESHOLD, truth > metrics.THRESHOLD
    missing, surplus = (_depth(error & known) for error in (wanted & ~found, found & ~wanted))
    for point in clicked:
        missing[point] = surplus[point] = 0
    if max(missing.max(), surplus.max()) == 0:
        return None
    lacks = bool(missing.max() >= surplus.max())
    row, column = np.unravel_index((missing if lacks else surplus).argmax(), truth.shape)
    return (int(row), int(column)), lacks


def _depth(error: Mask) -> Alpha:
    """Return the distance of each pixel of an error from its edge, of which the picture's border is one."""
    return np.asarray(distance_transform_edt(np.pad(error, 1))[1:-1, 1:-1], dtype=np.float32)


def by_clicks(case: Case, choice: Callable[[Prompts], Alpha]) -> tuple[list[float], list[float]]:
    """Return the IoU and the milliseconds of each click, until all goals are reached or nothing is wrong."""
    points: tuple[list[Point], list[Point]] = ([], [])
    alpha, ious, times = np.zeros_like(case.truth), list[float](), list[float]()
    while len(ious) < MOST and (len(ious) < max(SHOWN) or max(ious) < max(GOALS)):
        found = next_click(alpha, case.truth, case.known, [*points[0], *points[1]])
        if found is None:
            break
        point, lacks = found
        points[0 if lacks else 1].append(point)
        start = perf_counter()
        coarse = choice(Prompts(tuple(points[0]), tuple(points[1])))
        times.append((perf_counter() - start) * 1e3)
        alpha = matted(case.image, coarse)
        ious.append(metrics.iou(alpha, case.truth, case.known))
    return ious, times


def matted(image: Image, coarse: Alpha) -> Alpha:
    """Return the alpha at the picture's own size, as the product makes it."""
    return refine(image, sharpen_uncertain(coarse))


def grabcut(image: Image, box: Box) -> Alpha:
    """Return what GrabCut (Rother et al., SIGGRAPH 2004) takes for the subject in a box, in five steps."""
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    edges = (box.left, box.top, box.right - box.left, box.bottom - box.top)
    models_of_colour = np.zeros((1, 65)), np.zeros((1, 65))
    if box.size == image.shape[:2]:  # it needs a background outside
        return np.ones(box.size, dtype=np.float32)
    cv2.setRNGSeed(0)
    cv2.grabCut(np.ascontiguousarray(image[..., ::-1]), mask, edges, *models_of_colour, 5, cv2.GC_INIT_WITH_RECT)
    return np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)


def measure(case: Case, network: Network, clicked: Network | None = None) -> Row:
    """Measure all ways on one picture; with `clicked`, clicks and box are for that click network."""

    def score(alpha: Alpha) -> float:
        return metrics.iou(alpha, case.truth, case.known)

    box = subject_box(case.truth, metrics.THRESHOLD)
    crops = Crops(case.image, network)

    def choices() -> Callable[[Prompts], Alpha]:
        return partial(choose, crops) if clicked is None else ClickNetwork(crops, clicked).choose

    plain = matted(case.image, crops.answer(crops.whole, LONGEST))
    boxed = matted(case.image, choices()(Prompts(box=box)))
    return Row(score(plain), score(grabcut(case.image, box)), score(boxed), *by_clicks(case, choices()))


def table(rows: dict[str, list[Row]]) -> str:
    """Return the rows of each set of pictures as Markdown."""
    goals = [f"clicks to {goal:.2f}" for goal in GOALS]
    shown = [f"{number} click{'s' * (number > 1)}" for number in SHOWN]
    heads = ["pictures", "no prompt", "GrabCut, box", "box", *shown, *goals, "ms"]
    lines = []
    for name, found in rows.items():
        ious = [[row.plain, row.grabcut, row.box, *map(row.after, SHOWN)] for row in found]
        needed = [[row.to(goal) for goal in GOALS] for row in found]
        cells = [f"{mean:.3f}" for mean in np.mean(ious, axis=0)] + [f"{mean:.2f}" for mean in np.mean(needed, axis=0)]
        milliseconds = np.median([time for row in found for time in row.milliseconds])
        lines.append([f"{len(found)} of {name}", *cells, f"{milliseconds:.0f}"])
    return markdown(heads, lines)


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--subjects", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--backgrounds", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", default=models.DEFAULT, show_default=True, help="A shipped model's name, or a model file.")
@click.option("--click-network", type=click.Path(exists=True, path_type=Path), help="A model file that takes prompts.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Pictures of each source.")
def main(
    folders: tuple[Path, ...],
    subjects: tuple[Path, ...],
    backgrounds: Path | None,
    model: str,
    click_network: Path | None,
    limit: int,
) -> None:
    """Measure how well clicks and a box choose a subject."""
    sources: dict[str, Iterable[Case]] = {}
    if subjects:
        if backgrounds is None:
            raise click.UsageError("--subjects stand before something: give --backgrounds as well")
        sources["scenes of two"] = scenes(subjects, backgrounds, limit)
    sources |= {folder.name: labelled(folder, limit) for folder in folders}
    if not sources:
        raise click.UsageError("nothing to measure: give a FOLDER of pictures with truth, or --subjects")
    network = Network(models.locate(model))
    clicked = None if click_network is None else Network(click_network)
    rows = {name: [measure(case, network, clicked) for case in cases] for name, cases in sources.items()}
    click.echo(f"{cores()} cores\n\n{table(rows)}")


if __name__ == "__main__":
    main()
