"""What it costs that a result is on the disk before it gets its name: prints a table in Markdown.

    python benchmarks/disk.py FOLDER

Files of several sizes are written into FOLDER as results are, and once more without the wait for the disk; the two take
turns. All are removed again.
"""

import os
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from unittest import mock

import click

from background_remover.evaluation.tables import markdown
from background_remover.imaging.atomic import write_whole

SIZES = (10**5, 10**6, 10**7)  # bytes


def measure(folder: Path, size: int, repeat: int) -> tuple[float, float]:
    """Return the median seconds in which a file of `size` bytes is written: with the wait for the disk, and without."""
    fsync, data = os.fsync, os.urandom(size)
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(repeat):
        for waits, found in zip((True, False), seconds, strict=True):
            path = folder / f"{number}-{waits}"
            with mock.patch("os.fsync", fsync if waits else mock.Mock()):
                start = perf_counter()
                write_whole(path, data)
                found.append(perf_counter() - start)
    return median(seconds[0]), median(seconds[1])


def table(rows: Sequence[tuple[int, float, float]]) -> str:
    """Return sizes and seconds as Markdown."""
    return markdown(
        ["MB", "with the wait, ms", "without, ms", "it costs, ms"],
        (
            [f"{size / 1e6:g}", *(f"{seconds * 1e3:.1f}" for seconds in (waited, unwaited, waited - unwaited))]
            for size, waited, unwaited in rows
        ),
    )


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--repeat", type=click.IntRange(1), default=30, show_default=True, help="Files of each size.")
def main(folder: Path, repeat: int) -> None:
    """Print the table for the disk that FOLDER is on."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        rows = [(size, *measure(Path(place), size, repeat)) for size in SIZES]
    click.echo(f"{date.today()}, medians of {repeat}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
