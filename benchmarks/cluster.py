"""What one worker of `batch --engine ray` does in a second, and what a run costs the machine that leads it.

    python benchmarks/cluster.py FOLDER
    python benchmarks/cluster.py FOLDER --limit 40 --megapixels 12 --networks 1 --networks 2

FOLDER holds photos. `--limit` of them, spread evenly over their names, are cut out by a cluster that is this machine
alone, once with each number of networks. With `--megapixels` each photo is stretched to that size beforehand and saved
as JPEG of quality 90. The clock runs from the first record to the last: Ray's start, some 10 seconds, is left out.

Then a run over `--names` pictures that nobody reads is planned and noted down, which shows what each costs.
"""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from threading import Event
from time import perf_counter
from typing import Any

import click
from PIL import Image as PillowImage

from background_remover import models
from background_remover.batch import run
from background_remover.batch.discovery import Source, find
from background_remover.batch.plan import plan
from background_remover.batch.ray import executor
from background_remover.batch.ray.address import address
from background_remover.batch.ray.store import shared_store
from background_remover.batch.record import Record
from background_remover.batch.settings import BatchSettings
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.tables import markdown
from background_remover.runtime.parallel import cores
from contender import peak_bytes

HEADER = ["photos", "megapixels", "networks", "pictures a second", "seconds for one", "MB read", "MB written"]
Numbers = dict[str, float]


def photos(folder: Path, limit: int, megapixels: float, place: Path) -> None:
    """Put photos into a new folder, stretched to so many megapixels, or as they are where that is 0."""
    place.mkdir()
    for number, photo in enumerate(thin([source.path for source in find([str(folder)]).sources], limit)):
        if not megapixels:
            (place / f"{number:06}{photo.suffix}").write_bytes(photo.read_bytes())
            continue
        with PillowImage.open(photo) as image:
            ratio = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
            size = round(image.width * ratio), round(image.height * ratio)
            large = image.convert("RGB").resize(size, PillowImage.Resampling.BICUBIC)
        large.save(place / f"{number:06}.jpg", quality=90)


def measure(folder: Path, out: Path, model: str, networks: int) -> Numbers:
    """Run it in this process: the rate after the first picture of each network, and the means of what it moved."""
    arrived: list[float] = []
    records: list[Record] = []
    take = executor.records

    def noted(*given: Any) -> Iterator[Record | None]:
        for record in take(*given):
            if record is not None:
                arrived.append(perf_counter())
                records.append(record)
            yield record

    setattr(executor, "records", noted)  # noqa: B010 - mypy refuses an assignment
    settings = BatchSettings((str(folder),), str(out), model, jobs=networks, address="local")
    outcome = run.run(settings, shared_store(settings), executor.work_on_cluster, Event())
    if outcome.failed or outcome.stopped:
        raise click.ClickException(str(outcome.stopped or next(iter(outcome.failed.values())).error))
    # The first to arrive is the end of the first task: those that came with it were not done in the time that counts.
    first = sum(moment - arrived[0] < 0.05 for moment in arrived)
    facts: Numbers = {"pictures": len(records), "networks": networks}
    return facts | {
        "rate": (len(arrived) - first) / (arrived[-1] - arrived[0]),
        "seconds": sorted(record.seconds for record in records)[len(records) // 2],
        "megapixels": sum((record.width or 0) * (record.height or 0) for record in records) / len(records) / 1e6,
        "in": sum(record.source_bytes or 0 for record in records) / len(records) / 1e6,
        "out": sum(record.target_bytes or 0 for record in records) / len(records) / 1e6,
    }


def lead(names: int) -> Numbers:
    """Return what planning and noting down so many pictures takes: microseconds and bytes of memory for each."""
    before, start = peak_bytes(), perf_counter()
    with tempfile.TemporaryDirectory() as place:
        source, store = address("memory://photos"), shared_store(BatchSettings((), place))
        places = (f"{number // 1000:05}/{number:09}.jpg" for number in range(names))
        given = [Source(source / name, PurePosixPath(name), str(source / name)) for name in places]
        tasks = plan(given, store, {"suffix": ".png"}, {}, allow_empty=False, overwrite=False).tasks
        journal = store.begin_journal({})
        waiting = {}
        for task in tasks:
            journal.begin(task.name, task.place)
            waiting[str(task.job.source)] = task
        journal.flush()
        record = Record("", "", "done", "model", 0.5, 4000, 3000, 0.95, source_bytes=1, source_changed_ns=1)
        for name, task in waiting.items():
            journal.end(dataclasses.replace(record, source=name, target=str(task.job.target)), task.place)
        journal.close()
        seconds, memory = perf_counter() - start, peak_bytes() - before
        size = sum(store.lengths([]).values())
        again = perf_counter()
        store.read_journal()
        read_again = perf_counter() - again
    each = {"planned": seconds, "read": read_again}
    return {name: value / names * 1e6 for name, value in each.items()} | {
        "memory": memory / names,
        "notes": size / names,
    }


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.option("--limit", type=click.IntRange(4), default=100, show_default=True)
@click.option("--megapixels", type=click.FloatRange(0), default=0.0, help="Stretch photos to this size.")
@click.option("--networks", type=click.IntRange(1), multiple=True, default=(1,), show_default=True)
@click.option("--names", type=click.IntRange(0), default=200_000, show_default=True)
@click.option("--model", default=models.DEFAULT, show_default=True)
@click.option("--measure", "order", hidden=True, help="What one process is to do, as JSON.")
def main(
    folder: Path, limit: int, megapixels: float, networks: tuple[int, ...], names: int, model: str, order: str | None
) -> None:
    """Print the tables for the photos in FOLDER."""
    if order is not None:
        given = json.loads(order)
        done = measure(folder, Path(given["out"]), model, given["networks"]) if "out" in given else lead(given["names"])
        click.echo(json.dumps(done))
        return

    def apart(order: dict[str, object], source: Path) -> Numbers:
        command = [sys.executable, __file__, str(source), "--model", model, "--measure", json.dumps(order)]
        environment = os.environ | {"RAY_worker_niceness": "0"}  # 15 would measure what else the machine does
        ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603 - this file
        numbers: Numbers = json.loads(ran.stdout.splitlines()[-1])
        return numbers

    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "photos"
        photos(folder, limit, megapixels, source)
        rows = []
        for count in networks:
            row = apart({"out": str(Path(place) / str(count)), "networks": count}, source)
            cells = [f"{row['pictures']:,}", f"{row['megapixels']:.2f}", f"{count}", f"{row['rate']:.2f}"]
            cells += [f"{row['seconds']:.2f}", f"{row['in']:.3f}", f"{row['out']:.3f}"]
            rows.append(cells)
        click.echo(f"{model}, {cores()} cores\n\n{markdown(HEADER, rows)}")
        if names:
            row = apart({"names": names}, source)
            click.echo(
                f"\n{names:,} names: each {row['planned']:.0f} microseconds and {row['memory']:.0f} bytes of memory"
            )
            click.echo(f"to plan and note; {row['notes']:.0f} bytes of notes, read in {row['read']:.0f} microseconds")


if __name__ == "__main__":
    main()
