"""What the whole command takes for one photo, from the start of its process to its end, as Markdown.

    python benchmarks/command.py
    python benchmarks/command.py --beside ../before --rounds 15 --megapixels 12

Every row is of whole processes, with a network that answers with the same ellipse at once, or with the default one:
medians of the seconds of the clock and of the processor, and of the most memory held. What each step takes of it is
printed by stages.py, and the same beside rembg's command by `files.py command`.

`--beside` names the root of another source tree, a work tree of an earlier commit, say. In each round both cut the same
photo out, each first in every other one, so that other work on the machine slows both; a ratio is the median of the
rounds' own ratios, that tree's by this one's. Where pixels of their cutouts differ by over a level, a line says so.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import click
import numpy as np
from PIL import Image as PillowImage

from background_remover import models
from background_remover.errors import Error
from background_remover.evaluation.tables import markdown
from files import ONCE, OURS, in_one_line, make_network, photo_option, size_option
from peers import machine
from photo import read

ROOT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Run:
    """What one process took: seconds of the clock and of the processor, and the most memory, in bytes."""

    seconds: float
    processor: float
    memory: float


def run(tree: Path, photo: Path, out: Path, options: Sequence[str]) -> Run:
    """Cut a photo out with a tree's command; raises `Error` where it fails."""
    line = [sys.executable, "-m", "background_remover", "remove", str(photo), str(out), *options]
    home = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start, memory = perf_counter(), 0
    process = subprocess.Popen(line, env=home | {"PYTHONPATH": str(tree / "src")}, stderr=subprocess.DEVNULL)  # noqa: S603 - no shell
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        memory = max(memory, held(process.pid))
        sleep(POLL_SECONDS)
    seconds = perf_counter() - start
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Error(f"{tree}: the command ended with {process.returncode}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, memory)


def held(process: int) -> int:
    """Return the most bytes a process has held so far; the system's own count has those of what started it in it."""
    try:
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    except (OSError, KeyError):  # it has ended, or isn't under Linux
        return 0


def runs(trees: Sequence[Path], photo: Path, options: Sequence[str], rounds: int) -> tuple[list[list[Run]], float]:
    """Return the runs of each tree, in turn, and the share of pixels that differ; a first round isn't counted."""
    found: list[list[Run]] = [[] for _ in trees]
    outs = [photo.with_name(f"out{index}.png") for index in range(len(trees))]
    for number in range(rounds + 1):
        order = range(len(trees))
        for index in order if number % 2 else reversed(order):
            found[index].append(run(trees[index], photo, outs[index], options))
    own, *others = (np.asarray(PillowImage.open(out)).astype(np.int16) for out in outs)
    different = [float((np.abs(own - other).max(axis=2) > 1).mean()) for other in others]
    return [each[1:] for each in found], max(different, default=0.0)


def table(found: Mapping[str, Sequence[Sequence[Run]]]) -> str:
    """Return the medians of each tree, and the ratios of the second to the first, as Markdown."""
    rows = []
    kinds: tuple[tuple[Callable[[Run], float], str, float], ...] = (
        (lambda one: one.seconds, "{:.2f}", 1),
        (lambda one: one.processor, "{:.2f}", 1),
        (lambda one: one.memory, "{:.0f}", 1e-6),
    )
    for name, (own, *others) in found.items():
        rows.append([f"{name}, this tree", *(text.format(median(map(of, own)) * unit) for of, text, unit in kinds)])
        for other in others:
            cells = [text.format(median(map(of, other)) * unit) for of, text, unit in kinds]
            rows.append([f"{name}, the other", *cells])
            ratios = (median(of(b) / of(a) for a, b in zip(own, other, strict=True)) for of, _, _ in kinds)
            rows.append([f"{name}, the other by this", *(f"{ratio:.3f}" for ratio in ratios)])
    return markdown(["network", "clock, s", "processor, s", "memory, MB"], rows)


@click.command()
@photo_option
@size_option
@click.option("--beside", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Another source tree.")
@click.option("--rounds", type=click.IntRange(1), default=15, show_default=True, help="Their medians count.")
def main(photo: Path | None, megapixels: float, beside: Path | None, rounds: int) -> None:
    """Print what the whole command takes."""
    data = read(photo, megapixels)
    trees = [ROOT] if beside is None else [ROOT, beside]
    with tempfile.TemporaryDirectory() as name, in_one_line():
        path, instant = Path(name) / "photo.jpg", Path(name) / "instant.onnx"
        path.write_bytes(data)
        make_network(instant, OURS)
        networks = {"none": ("--model", str(instant), *ONCE), models.DEFAULT: ("--model", models.DEFAULT)}
        found, different = {}, {}
        for label, options in networks.items():
            found[label], different[label] = runs(trees, path, options, rounds)
    click.echo(f"{date.today()}, {machine()}; {megapixels:g} megapixels, medians of {rounds}.\n\n{table(found)}")
    for label, share in different.items():
        if share:
            click.echo(f"\nNetwork {label}: {share:.3%} of the pixels differ by more than a level.")


if __name__ == "__main__":
    main()
