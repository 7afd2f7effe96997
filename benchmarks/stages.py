"""What each stage of a cutout takes, by the picture's size, here and in a second source tree, as Markdown.

    python benchmarks/stages.py
    python benchmarks/stages.py --beside ../before --megapixels 0.25 --megapixels 12 --rounds 20

Network, edges, colours, composition and encoding are called one after another, as the command calls them. The photo is
that of photo.py and its coarse alpha the ellipse at the network's size; `--photo` names another, which is brought to
each size, and the network answers. Milliseconds are medians of the rounds, of the clock or with `--processor` of all
threads together. Memory is the most that the process has held, less what it held when the picture was read.

`--beside` names the root of another source tree, a work tree of an earlier commit, say. In each round both do the same
work, each first in every other one, so that other work on the machine slows both; a ratio is the median of the rounds'
own ratios, that tree's time by this one's.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import click
import numpy as np

from background_remover import models
from background_remover.arrays.resample import resize
from background_remover.errors import Error
from background_remover.evaluation.tables import markdown
from background_remover.imaging.codecs import png
from background_remover.imaging.picture import Picture
from background_remover.options import Options
from background_remover.pipeline.compose import composed, own_colours
from background_remover.pipeline.edges import full_size
from background_remover.pipeline.source import NO_FILES
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.segmentation.network import Network
from background_remover.segmentation.preprocessing import fit_size
from background_remover.types import Alpha, Cutout, Image
from contender import peak_bytes
from files import in_one_line
from peers import machine
from photo import decoded, ellipse, enlarged, read

Clock = Callable[[], float]  # seconds
ROOT = Path(__file__).resolve().parents[1]
NAMES = ("network", "edges", "colours", "composition", "encoding")
MIDDLE = "edges to composition"  # what comes after the network, added up
STAGES = (*NAMES, MIDDLE)
SEEN = (32, 320)  # multiple and longest side, in pixels, of what the ellipse stands for the answer to
SIZES = (0.25, 1.0, 4.0, 12.0, 50.0)


@dataclass(frozen=True)
class Run:
    """What one tree needed for one picture: milliseconds of each round by stage, the memory, and its result."""

    rounds: Sequence[Mapping[str, float]]
    peak: float  # MB
    result: Cutout

    def milliseconds(self, stage: str) -> list[float]:
        """Return those of every round for one of `STAGES`."""
        stages = NAMES[1:4] if stage == MIDDLE else (stage,)
        return [sum(times[name] for name in stages) for times in self.rounds]


# In a process of its own, whose PYTHONPATH names the tree


def work(folder: Path, clock: Clock) -> None:
    """Answer every line of standard input with a round's milliseconds, and the end of them with the memory, in MB.

    The folder holds the picture, image.npy, and maybe its coarse alpha, coarse.npy; cutout.npy is written there.
    """
    keep_freed_memory()
    image = np.load(folder / "image.npy")
    before = peak_bytes()
    cutout: Cutout = np.zeros((0, 0, 4), np.uint8)
    network = Network(models.locate(models.DEFAULT))
    given = folder / "coarse.npy"
    coarse = np.load(given) if given.exists() else network.coarse(image)
    for _ in sys.stdin:
        times, cutout = one_round(network, image, coarse, clock)
        click.echo(json.dumps(times))
    click.echo(json.dumps((peak_bytes() - before) / 1e6))
    np.save(folder / "cutout.npy", cutout)


def one_round(network: Network, image: Image, coarse: Alpha, clock: Clock) -> tuple[dict[str, float], Cutout]:
    """Return the milliseconds of every stage, and the cutout."""
    times: dict[str, float] = {}

    def timed(name: str, stage: Callable[[], Any]) -> Any:
        start = clock()
        result = stage()
        times[name] = (clock() - start) * 1e3
        return result

    timed("network", lambda: network.coarse(image))
    picture, options = Picture(image), Options()
    alpha = timed("edges", lambda: full_size(picture, coarse, None, options))
    colours = timed("colours", lambda: own_colours(picture, alpha, None, options))
    cutout = timed("composition", lambda: composed(picture, colours, alpha, None, options, NO_FILES))
    timed("encoding", lambda: png.encode(cutout))
    return times, cutout


# In the process that is started


def measure(trees: Sequence[Path], photo: Path | None, megapixels: float, rounds: int, processor: bool) -> list[Run]:
    """Return what each tree needs for the picture; a first round, in which memory is allocated, isn't counted."""
    with contextlib.ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in trees]
        for folder in folders:
            prepare(folder, photo, megapixels)
        workers = [
            stack.enter_context(worker(tree, folder, processor)) for tree, folder in zip(trees, folders, strict=True)
        ]
        times: list[list[dict[str, float]]] = [[] for _ in trees]
        for number in range(rounds + 1):
            order = range(len(trees))
            for index in order if number % 2 else reversed(order):
                times[index].append(asked(workers[index]))
        peaks = [json.loads(process.communicate()[0]) for process in workers]
        results = [np.load(folder / "cutout.npy") for folder in folders]
        return [Run(found[1:], peak, result) for found, peak, result in zip(times, peaks, results, strict=True)]


def prepare(folder: Path, photo: Path | None, megapixels: float) -> None:
    """Write the picture, and the coarse alpha of the photo that is made, where `work` reads them."""
    image = decoded(read(None, megapixels) if photo is None else enlarged(photo, megapixels))
    np.save(folder / "image.npy", image)
    if photo is None:
        size = fit_size((image.shape[0], image.shape[1]), *SEEN)
        np.save(folder / "coarse.npy", resize(ellipse((4 * size[0], 4 * size[1])), size, "box"))


@contextlib.contextmanager
def worker(tree: Path, folder: Path, processor: bool) -> Iterator[subprocess.Popen[str]]:
    """Start a process that works with a tree's package on what is in the folder."""
    home = os.environ | {"PYTHONPATH": str(tree / "src")}
    line = [sys.executable, __file__, "--worker", str(folder), *["--processor"][:processor]]
    with subprocess.Popen(line, env=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - no shell
        try:
            yield process
        finally:
            process.kill()


def asked(process: subprocess.Popen[str]) -> dict[str, float]:
    """Return the milliseconds of one more round."""
    asking, answers = process.stdin, process.stdout
    assert asking is not None and answers is not None  # noqa: S101, PT018 - `worker` opens both
    with contextlib.suppress(BrokenPipeError):
        asking.write("\n")
        asking.flush()
    answer = answers.readline()
    if not answer:
        raise Error(f"a stage failed, and the process ended with {process.wait()}; its own message is above")
    times: dict[str, float] = json.loads(answer)
    return times


def own_table(runs: Mapping[float, Sequence[Run]]) -> str:
    """Return the milliseconds and the memory of this tree, by megapixels, as Markdown."""
    rows = []
    for megapixels, (run, *_) in runs.items():
        cells = [f"{median(run.milliseconds(stage)):.1f}" for stage in STAGES]
        rows.append([f"{megapixels:g}", *cells, f"{run.peak:.0f}"])
    return markdown(["megapixels", *(f"{stage}, ms" for stage in STAGES), "MB"], rows)


def ratio_table(runs: Mapping[float, Sequence[Run]]) -> str:
    """Return how often this tree's time and memory the other's are, and how far apart their pixels, as Markdown."""
    rows = []
    for megapixels, (own, other) in runs.items():
        cells = []
        for stage in STAGES:
            pairs = zip(other.milliseconds(stage), own.milliseconds(stage), strict=True)
            cells.append(f"{median(theirs / ours for theirs, ours in pairs):.2f}")
        rows.append([f"{megapixels:g}", *cells, f"{other.peak / own.peak:.2f}", str(apart(own.result, other.result))])
    return markdown(["megapixels", *STAGES, "memory", "levels apart, at most"], rows)


def apart(one: Cutout, other: Cutout) -> int:
    """Return the largest difference of two cutouts, in levels; that of colours counts where both are visible."""
    difference = np.abs(one.astype(np.int16) - other)
    difference[..., :3][(one[..., 3] == 0) | (other[..., 3] == 0)] = 0
    return int(difference.max())


@click.command()
@click.option("--megapixels", "sizes", multiple=True, type=float, default=SIZES, show_default=True)
@click.option("--photo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Enlarge this photo.")
@click.option("--beside", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Another source tree.")
@click.option("--rounds", type=click.IntRange(1), default=9, show_default=True, help="Their medians count.")
@click.option("--processor", is_flag=True, help="Milliseconds of the processor, not of the clock.")
@click.option("--worker", "folder", type=click.Path(path_type=Path), hidden=True)
def main(
    sizes: tuple[float, ...],
    photo: Path | None,
    beside: Path | None,
    rounds: int,
    processor: bool,
    folder: Path | None,
) -> None:
    """Print what each stage of a cutout takes, by size."""
    if folder is not None:
        work(folder, process_time if processor else perf_counter)
        return
    trees = [ROOT] if beside is None else [ROOT, beside]
    with in_one_line():
        runs = {megapixels: measure(trees, photo, megapixels, rounds, processor) for megapixels in sizes}
    clock = "time of the processor" if processor else "time of the clock"
    click.echo(f"{date.today()}, {machine()}; medians of {rounds}, {clock}.\n\n{own_table(runs)}")
    if beside is not None:
        click.echo(f"\nThe other tree's by this one's:\n\n{ratio_table(runs)}")


if __name__ == "__main__":
    main()
