"""A pool of Ray's actors with one network each, on one machine or many: pictures in, their records out."""

import contextlib
import dataclasses
import json
import logging
import math
import os
import re
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any

from background_remover import models
from background_remover.batch.job import Record, do, refused
from background_remover.batch.ray.plan import ClusterSettings
from background_remover.batch.ray.store import Address, RemoteJob, Store
from background_remover.errors import Error, ModelError
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.parameters.background import read_background
from background_remover.remover import Remover
from background_remover.runtime.parallel import at_most, cores
from background_remover.runtime.progress import Progress
from background_remover.version import __version__

for name in ("RAY_USAGE_STATS_ENABLED", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"):  # tell nobody; change no variables
    os.environ.setdefault(name, "0")
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what goes wrong is told by the records, and by our errors
try:
    import ray
    import ray.data
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
except ImportError as error:
    raise Error(f"--engine ray needs Ray ({error}): pip install 'background-remover[cluster]'") from error

TASK = 16  # pictures that are given to a worker at a time: what is done again when it dies
TRIES = 3  # how often work on a picture begins, where its worker dies each time
PATIENCE = 10.0  # seconds that the cluster has to answer at all
TICK = 0.2  # seconds after which the one who waits looks whether somebody wants the end
_RAISED = re.compile(r"(?!ray\.)[\w.]*\w+: (.+)")  # the line of a traceback that says what was raised
_OBJECTS = 256 * 2**20  # bytes that Ray may hold of a run on this machine alone: only names and records travel


@contextlib.contextmanager
def connected(spread: ClusterSettings) -> Iterator[None]:
    """Holds a connection to the cluster, or to a small one made for the purpose; raises `Error` where none answers."""
    where = spread.cluster or os.environ.get("RAY_ADDRESS") or "local"
    own: dict[str, Any] = {"num_cpus": spread.jobs or cores(), "object_store_memory": _OBJECTS}
    own = own | {"include_dashboard": False} if where == "local" else {}
    try:
        host, _, port = where.rpartition(":")
        if port.isdecimal() and "/" not in host:  # where nobody listens Ray would try again for minutes
            socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
        with _silence():
            ray.init(where, log_to_driver=False, logging_level=logging.CRITICAL, **own)
    except Exception as error:  # of many kinds
        reason = _reason(error)
        raise Error(f"{where}: no cluster answers there ({reason}); check --address and RAY_AUTH_MODE") from error
    heard = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # of all loggers: Ray Data sets the levels of its own anew when it begins to work
    try:
        # Ray prints others' tracebacks, and logs them
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            try:
                yield
            finally:
                ray.shutdown()
    finally:
        logging.disable(heard)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keeps from standard error what Ray's library of C++ says there when it begins, whatever it is told."""
    with contextlib.ExitStack() as stack:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        stack.callback(os.close, kept)
        stack.callback(os.close, nowhere)
        stack.callback(os.dup2, kept, 2)
        os.dup2(nowhere, 2)
        yield


@dataclass(frozen=True)
class _Order:
    """What every worker is told; `carried` is Ray's reference to what `_carried` read, and `tally` to a `_Tally`."""

    reading: Store
    writing: Store
    model: str
    options: Options
    saving: OutputOptions
    carried: Any
    tally: Any
    gpu: bool
    version: str
    work: Callable[..., Record]


class _Tally:
    """An actor: of each picture of the tasks in hand, how often work on it has begun, or what came of it.

    A task that a worker dies of is given out anew as a whole; what was done of it is not done again.
    """

    def __init__(self) -> None:
        self._begun: Counter[str] = Counter()
        self._done: dict[str, str] = {}

    def begin(self, key: str) -> int | str:
        """Which time this is, from 1 on, or the record as JSON."""
        if key in self._done:
            return self._done[key]
        self._begun[key] += 1
        return self._begun[key]

    def end(self, key: str, record: str) -> None:
        """Notes what came of a picture, until somebody has it."""
        self._done[key] = record

    def forget(self, keys: Sequence[str]) -> None:
        """Forgets pictures whose records have arrived."""
        for key in keys:
            self._begun.pop(key, None)
            self._done.pop(key, None)


class _Worker:
    """An actor: one network, on one core or on a share of a graphics processor."""

    def __init__(self, order: _Order) -> None:
        """Opens the network from the file that the command was given, wherever that was; mask and background as well.

        Raises `ModelError` where this machine has another version of this package.
        """
        if __version__ != order.version:
            raise ModelError(f"a machine of the cluster has background-remover {__version__}, and not {order.version}")
        self._order = order
        self._folder = tempfile.TemporaryDirectory(prefix="background-remover-", ignore_cleanup_errors=True)
        files: dict[str, Any] = {}
        for field, (suffix, data) in ray.get(order.carried).items():
            path = Path(self._folder.name) / f"{field}{suffix}"
            path.write_bytes(data)
            files[field] = str(path)
        self._remover = Remover(files.pop("model"), threads=1, gpu=order.gpu)
        self._options = dataclasses.replace(order.options, **files)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Does a picture: `source` and `target`, the keys of its addresses, in; with `record` and `provider` out."""
        order, key = self._order, row["target"]
        job = RemoteJob(Address(order.reading, row["source"]), Address(order.writing, key))
        known = ray.get(order.tally.begin.remote(key))
        if isinstance(known, int):
            if known > TRIES:
                message = f"{job.source}: {TRIES} workers died of it; give them more memory, or shrink the picture"
                record = refused(job, order.model, "worker", message)
            else:
                with at_most(1):
                    record = order.work(job, self._remover, order.model, self._options, order.saving)
            known = json.dumps(dataclasses.asdict(record))
            order.tally.end.remote(key, known)
        return row | {"record": known, "provider": self._remover.provider}


def records(
    jobs: Sequence[RemoteJob], spread: ClusterSettings, stop: Event, progress: Progress
) -> Iterator[Record | None]:
    """The records of jobs, in any order, and None now and then; ends early after `stop`.

    Raises `Error` where the cluster fails, or no worker can begin. A worker that dies is begun again by Ray, and so is
    the work on the task that it had.
    """
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    share = _share(nodes) if spread.gpus is None else spread.gpus
    slots = int(sum(node.get("GPU", 0) / share if share else node.get("CPU", 0) for node in nodes))
    size = min(spread.jobs or max(1, slots), len(jobs))
    progress.say(f"machines: {len(nodes):,}, networks: {size:,}{' on graphics processors' if share else ''}")
    order = _Order(
        *(jobs[0].source.store, jobs[0].target.store, spread.model, spread.options, spread.saving),
        *(ray.put(_carried(spread)), _begun_tally(), share > 0, __version__, do),
    )
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    task = max(1, min(TASK, len(jobs) // (4 * size)))
    rows = [{"source": job.source.key, "target": job.target.key} for job in jobs]
    worker: Any = _Worker  # Ray's annotations know functions alone
    done = ray.data.from_items(rows, override_num_blocks=-(-len(jobs) // task)).map(
        worker,
        fn_constructor_args=(order,),
        compute=ray.data.ActorPoolStrategy(
            min_size=1, max_size=spread.jobs, initial_size=size, max_tasks_in_flight_per_actor=2
        ),
        num_gpus=share or None,
        num_cpus=None if share else 1,
    )
    warned = not share
    for table in _tables(done, stop):
        rows = [] if table is None else table.to_pylist()
        if rows:
            order.tally.forget.remote([row["target"] for row in rows])
        for row in rows:
            if not warned and row["provider"] == "CPUExecutionProvider":
                progress.say("a network found no graphics processor: put onnxruntime-gpu on the machines, or --gpus 0")
                warned = True
            yield Record(**json.loads(row["record"]))
        yield None


def _begun_tally() -> Any:
    """A tally on this machine: if that is lost, so is the run."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    return (
        ray.remote(_Tally).options(num_cpus=0, scheduling_strategy=here, max_restarts=-1, max_task_retries=-1).remote()
    )


def _tables(dataset: Any, stop: Event) -> Iterator[Any]:
    """The tables of a dataset as they are done, and None now and then, until the end or `stop`; raises `Error`.

    Another thread waits for Ray, for nobody can be told of Ctrl-C there. After `stop` it is left to the end of the
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
    while not stop.is_set():
        try:
            table = arrived.get(timeout=TICK)
        except Empty:
            yield None
            continue
        if table is last:
            return
        if isinstance(table, Exception):
            raise Error(f"the cluster failed ({_reason(table)}); --resume goes on") from table
        yield table


def _carried(spread: ClusterSettings) -> dict[str, tuple[str, bytes]]:
    """The files that workers need: what they are -> the suffix and the bytes."""
    files = {"mask": spread.options.mask, "background": read_background(spread.options.background).file}
    named = {"model": models.locate(spread.model)} | {name: Path(file) for name, file in files.items() if file}
    return {name: (path.suffix, path.read_bytes()) for name, path in named.items()}


def _share(nodes: Sequence[dict[str, float]]) -> float:
    """The share of a graphics processor with which all cores of the machines that have one find work; 0 without any."""
    having = [node for node in nodes if node.get("GPU", 0) > 0]
    wanted = sum(node.get("CPU", 0) for node in having)
    return math.floor(1e4 * min(1.0, sum(node["GPU"] for node in having) / max(1, wanted))) / 1e4 if having else 0.0


def _reason(error: Exception) -> str:
    """What is wrong, of an error that also shows where it happened, in this process and in others."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = (found[1] for line in str(error).splitlines() if (found := _RAISED.fullmatch(line)))
    return next(first, lines[-1] if lines else type(error).__name__)
