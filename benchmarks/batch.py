"""Pictures a second, cores at work and memory of `batch`, beside one picture at a time: prints a table in Markdown.

    python benchmarks/batch.py FOLDER
    python benchmarks/batch.py FOLDER --limit 200 --model unet-lite2 --megapixels 1

FOLDER holds photos, which `--megapixels` enlarges, with the noise of a camera. `--limit` of them, spread evenly over
their names, are cut out three times, by a process for each: one after the other on one core, one after the other with a
network that uses every core, and several at once. The cores at work are the processor's seconds for each second of the
clock. Memory is the most that the process, and those that it starts, have held up to the 50th picture, and up to the
last: a run of any length is to need no more.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Any

import click

from background_remover import models
from background_remover.batch import run
from background_remover.batch.discovery import find
from background_remover.batch.local import executor, thread_pool
from background_remover.batch.local.store import local_store
from background_remover.batch.record import Record
from background_remover.batch.settings import BatchSettings
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.tables import markdown
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.runtime.parallel import cores
from contender import peak_bytes
from peers import machine
from photo import enlarged

EARLY = 50  # pictures after which memory has settled
Numbers = dict[str, float]


def measure(folder: Path, out: Path, model: str, jobs: int, core: bool) -> Numbers:
    """Run a batch in this process, on one core if `core`: its rate, the cores at work, and its memory in bytes."""
    if core:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    done, early, run_in_threads = 0, 0, thread_pool.run_in_threads

    def noted(*given: Any, **named: Any) -> Iterator[Record | None]:
        nonlocal done, early
        for record in run_in_threads(*given, **named):
            done += record is not None
            if record is not None and done <= EARLY:
                early = held()
            elif done and done % EARLY == 0:
                last.append(held())  # while the processes are there
            yield record

    last: list[int] = []
    setattr(executor, "run_in_threads", noted)  # noqa: B010 - mypy refuses an assignment
    keep_freed_memory()  # as the command does
    start, busy = perf_counter(), sum(os.times()[:4])
    settings = BatchSettings((str(folder),), str(out), model, jobs=jobs)
    outcome = run.run(settings, local_store(settings), executor.work_locally, Event())
    seconds, busy = perf_counter() - start, sum(os.times()[:4]) - busy  # of its processes too, once they have ended
    if outcome.failed:
        raise click.ClickException(next(iter(outcome.failed.values())).error or "")
    return {"rate": outcome.worked / seconds, "cores": busy / seconds, "early": early, "last": max([early, *last])}


def held() -> int:
    """Return the most bytes that this process and those it started have held, each at its own time."""
    own = [peak_bytes()]
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            if int(lines["PPid"]) == os.getpid() and "VmHWM" in lines:
                own.append(int(lines["VmHWM"].split()[0]) * 1024)
    return sum(own)


def table(rows: dict[str, Numbers]) -> str:
    """Return the numbers as Markdown; the first row is what the others are compared with."""
    first = next(iter(rows.values()))
    header = ["", "pictures a second", "of the first", "cores at work"]
    header += [f"MB at picture {EARLY}", "MB at the last", "grown by"]
    lines = []
    for name, row in rows.items():
        cells = [f"{row['rate']:.2f}", f"{row['rate'] / first['rate']:.2f}", f"{row['cores']:.2f}"]
        cells += [f"{row['early'] / 1e6:.0f}", f"{row['last'] / 1e6:.0f}", f"{row['last'] / row['early'] - 1:.1%}"]
        lines.append([name, *cells])
    return markdown(header, lines)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True)
@click.option("--model", default=models.DEFAULT, show_default=True)
@click.option("--megapixels", type=click.FloatRange(0), help="Enlarge each to so many.  [default: take it as it is]")
@click.option("--measure", "order", hidden=True, help="What one of the three processes is to do, as JSON.")
def main(folder: Path, limit: int, model: str, megapixels: float | None, order: str | None) -> None:
    """Print the table for the photos in FOLDER."""
    if order is not None:
        given = json.loads(order)
        click.echo(json.dumps(measure(folder, Path(given["out"]), model, given["jobs"], given["core"])))
        return
    with tempfile.TemporaryDirectory() as place:
        photos = Path(place) / "photos"
        photos.mkdir()
        chosen = thin([source.path for source in find([str(folder)]).sources], limit)
        for number, photo in enumerate(chosen):
            if megapixels:
                (photos / f"{number:06}.jpg").write_bytes(enlarged(photo, megapixels))
            else:
                (photos / f"{number:06}{photo.suffix}").symlink_to(photo.resolve())
        rows = {}
        for name, jobs, core in (
            ("one at a time, on one core", 1, True),
            ("one at a time, on all cores", 1, False),
            (f"{cores()} at once", cores(), False),
        ):
            given = json.dumps({"out": str(Path(place) / name), "jobs": jobs, "core": core})
            command = [sys.executable, __file__, str(photos), "--model", model, "--measure", given]
            ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - this file
            rows[name] = json.loads(ran.stdout)
        size = f" of {megapixels:g} megapixels" if megapixels else ""
        click.echo(f"{date.today()}, {machine()}; {len(chosen):,} photos{size}, {model}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
