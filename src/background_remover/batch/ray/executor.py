"""`work_on_cluster`: the executor of a cluster, a pool of Ray's actors; pictures in, their records out."""

import contextlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import ray
import ray.data
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from background_remover import models
from background_remover.batch.engine import Records
from background_remover.batch.job import do
from background_remover.batch.plan import of_kind, provenance_of
from background_remover.batch.ray.actors import Order, Tally, Worker, row_of
from background_remover.batch.ray.clips import clip_records
from background_remover.batch.ray.connection import connected, reason_of
from background_remover.batch.ray.job import RemoteJob
from background_remover.batch.record import Record
from background_remover.batch.settings import BatchSettings
from background_remover.errors import Error, ImageError
from background_remover.imaging.file import check_length
from background_remover.options import Options
from background_remover.parameters.background import read_background
from background_remover.remover import Remover
from background_remover.version import __version__

TASK = 16  # pictures that are given to a worker at a time: what is done again when it dies
TICK = 0.2  # seconds after which the one who waits checks whether the run is to end


@contextlib.contextmanager
def work_on_cluster(settings: BatchSettings, count: int) -> Iterator[Records[RemoteJob]]:
    """Return an `engine.Executor`: a connection to the cluster, where there is work."""
    Remover(settings.model, threads=1)  # which finds a model at fault here, and not on every machine
    files = carried(settings.model, settings.options)
    with connected(settings) if count else contextlib.nullcontext():
        yield partial(records, settings, files)


def records(
    settings: BatchSettings,
    files: dict[str, tuple[str, bytes]],
    jobs: Iterable[RemoteJob | None],
    ended: Callable[[], bool],
    say: Callable[[str], None],
) -> Iterator[Record | None]:
    """Yield the records of jobs, see `engine.Records`, in any order, by workers with these `files`, see `carried`.

    Raises `Error` where the cluster fails, or no worker can begin. A worker that dies is begun again by Ray, and so is
    the work on the task that it had.
    """
    given = [job for job in jobs if job is not None]
    if not given or ended():
        return
    clips = [job for job in given if settings.is_clip(job.source)]
    pictures = [job for job in given if not settings.is_clip(job.source)]
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    share = _share(nodes) if settings.gpus is None else settings.gpus
    slots = int(sum(node.get("GPU", 0) / share if share else node.get("CPU", 0) for node in nodes))
    size = settings.jobs or max(1, slots)
    networks = size if clips else min(size, len(pictures))
    say(f"machines: {len(nodes):,}, networks: {networks:,}{' on graphics processors' if share else ''}")
    pool = _Pool(_order(settings, files, given[0], gpu=share > 0), settings.jobs, size, share)
    if pictures:
        task = max(1, min(TASK, len(pictures) // (4 * min(size, len(pictures)))))
        for row in pool.work([row_of(job) for job in pictures], task, ended, say):
            yield None if row is None else Record.from_fields(json.loads(row["record"]))
    if clips:
        choices = settings.model, settings.options, settings.saving, settings.suffix, settings.clips
        made_so = of_kind(provenance_of(*choices, each=settings.each), clip=True)
        yield from clip_records(clips, made_so, lambda tasks: pool.work([row_of(*one) for one in tasks], 1, ended, say))


def _order(settings: BatchSettings, files: dict[str, tuple[str, bytes]], first: RemoteJob, *, gpu: bool) -> Order:
    """Return what every worker is given, for jobs on the file systems of the first one."""
    return Order(
        reading=first.source.filesystem,
        writing=first.target.filesystem,
        model=settings.model,
        options=settings.options,
        saving=settings.saving,
        each=settings.each,
        clips=settings.clips,
        carried=ray.put(files),
        tally=_begun_tally(),
        gpu=gpu,
        version=__version__,
        work=do,
    )


@dataclass
class _Pool:
    """Workers: `size` of them at first, and `most` at most, each with a `share` of a graphics processor or a core."""

    order: Order
    most: int | None
    size: int
    share: float
    warned: bool = False

    def work(
        self, rows: list[dict[str, str]], task: int, ended: Callable[[], bool], say: Callable[[str], None]
    ) -> Iterator[dict[str, Any] | None]:
        """Yield rows as workers give them back, None now and then; a worker has `task` of them at a time."""
        if ended():
            return
        for table in _tables(self._dataset(rows, task), ended):
            found: list[dict[str, Any]] = [] if table is None else table.to_pylist()
            if found:
                self.order.tally.forget.remote([row["key"] for row in found])
            on_cpu = any(row["provider"] == "CPUExecutionProvider" for row in found)
            if self.share and on_cpu and not self.warned:
                say("a network found no graphics processor: put onnxruntime-gpu on the machines, or --gpus 0")
                self.warned = True
            yield from found
            yield None

    def _dataset(self, rows: list[dict[str, str]], task: int) -> Any:
        """Return Ray's dataset of the rows that workers give back: computed once it is read."""
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = False
        worker: Any = Worker  # Ray's annotations know functions alone
        return ray.data.from_items(rows, override_num_blocks=-(-len(rows) // task)).map(
            worker,
            fn_constructor_args=(self.order,),
            compute=ray.data.ActorPoolStrategy(
                min_size=1,
                max_size=self.most,
                initial_size=min(self.size, len(rows)),
                max_tasks_in_flight_per_actor=2,
            ),
            num_gpus=self.share or None,
            num_cpus=None if self.share else 1,
        )


def carried(model: str, options: Options) -> dict[str, tuple[str, bytes]]:
    """Return the files that workers need: what they are -> the suffix and the bytes.

    Raises `ImageError` where one can't be read, or a picture's is longer than one may be.
    """
    pictures = {"mask": options.mask, "background": read_background(options.background).file}
    files = {"model": models.locate(model)} | {name: Path(file) for name, file in pictures.items() if file}
    return {name: (path.suffix, _read(path, name in pictures, options)) for name, path in files.items()}


def _read(path: Path, is_picture: bool, options: Options) -> bytes:
    try:
        if is_picture:
            check_length(path.stat().st_size, str(path), options.max_megapixels)
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: can't be read ({error.strerror}); check its permissions") from error


def _begun_tally() -> Any:
    """Begin a tally on this machine: if that is lost, so is the run."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    return (
        ray.remote(Tally).options(num_cpus=0, scheduling_strategy=here, max_restarts=-1, max_task_retries=-1).remote()
    )


def _tables(dataset: Any, ended: Callable[[], bool]) -> Iterator[Any]:
    """Yield the tables of a dataset as they are done, None now and then, until the end or `ended()`; raises `Error`.

    Another thread waits for Ray, which hears of no Ctrl-C. Once `ended()` is true it is left to the end of the
    connection, which ends it.
    """
    arrived: Queue[Any] = Queue(maxsize=64)
    last = object()

    def wait() -> None:
        try:
            for table in dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
                arrived.put(table)
            arrived.put(last)
        except Exception as error:  # of many kinds
            arrived.put(error)

    Thread(target=wait, daemon=True).start()
    while not ended():
        try:
            table = arrived.get(timeout=TICK)
        except Empty:
            yield None
            continue
        if table is last:
            return
        if isinstance(table, Exception):
            raise Error(f"the cluster failed ({reason_of(table)}); --resume goes on") from table
        yield table


def _share(nodes: Sequence[dict[str, float]]) -> float:
    """Return the share of a GPU with which all cores of the machines that have one find work; 0 without any."""
    having = [node for node in nodes if node.get("GPU", 0) > 0]
    wanted = sum(node.get("CPU", 0) for node in having)
    return math.floor(1e4 * min(1.0, sum(node["GPU"] for node in having) / max(1, wanted))) / 1e4 if having else 0.0
