"""Ray's actors: workers with one network each, and the tally of what they have in hand."""

import dataclasses
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.ray.address import Address, FileSystem
from background_remover.batch.ray.clips import ClipWork
from background_remover.batch.ray.job import RemoteJob
from background_remover.batch.ray.segments import ClipTask
from background_remover.batch.record import Record, refused
from background_remover.errors import ModelError
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.parameters.prompts import PicturePrompts
from background_remover.remover import Remover
from background_remover.runtime.parallel import at_most
from background_remover.segmentation.device import AUTO, CPU
from background_remover.version import __version__

TRIES = 3  # how often work on a picture begins, where its worker dies each time


@dataclass(frozen=True)
class Order:
    """What every worker is given; `carried` is Ray's reference to what `carried` read, and `tally` to a `Tally`."""

    reading: FileSystem
    writing: FileSystem
    model: str
    options: Options
    saving: OutputOptions
    each: bool
    clips: ClipOptions
    carried: Any
    tally: Any
    gpu: bool
    version: str
    work: Callable[..., Record]


class Tally:
    """An actor: of each picture of the tasks in hand, how often work on it has begun, or what came of it.

    A task that a worker dies of is given out anew as a whole; what was done of it is not done again.
    """

    def __init__(self) -> None:
        self._begun: Counter[str] = Counter()
        self._done: dict[str, str] = {}

    def begin(self, key: str) -> int | str:
        """Return the number of this attempt, from 1, or the record as JSON."""
        if key in self._done:
            return self._done[key]
        self._begun[key] += 1
        return self._begun[key]

    def end(self, key: str, record: str) -> None:
        """Note what came of a picture, until it is forgotten."""
        self._done[key] = record

    def forget(self, keys: Sequence[str]) -> None:
        """Forget pictures whose records have arrived."""
        for key in keys:
            self._begun.pop(key, None)
            self._done.pop(key, None)


def row_of(job: RemoteJob, clip: ClipTask | None = None) -> dict[str, str]:
    """Return the row of a dataset that gives a worker this job: the keys `source` and `target`, `prompts` and `clip`.

    `key` is by what the tally knows it.
    """
    row = {"source": job.source.key, "target": job.target.key, "prompts": json.dumps(job.prompts.given())}
    number = "" if clip is None or clip.number is None else f" {clip.number}"
    return row | {"key": f"{job.target.key}{number}", "clip": "" if clip is None else clip.to_json()}


class Worker:
    """An actor: one network, on one core or on a share of a graphics processor."""

    def __init__(self, order: Order) -> None:
        """Open the network from the file that the command was given, wherever that was; mask and background as well.

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
        self._remover = Remover(files.pop("model"), threads=1, device=AUTO if order.gpu else CPU)
        self._options = dataclasses.replace(order.options, **files)
        self._clips = ClipWork(Path(self._folder.name), self._remover, order.model, self._options, order.clips)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Do a picture, or a task of a video: what `row_of` gives in.

        The same comes out, with `record`, `provider` and, of a segment, `part`: the fields of its `SpanSummary`.
        """
        order, key = self._order, row["key"]
        prompts = PicturePrompts(**json.loads(row["prompts"]))
        target = Address(order.writing, row["target"])
        job = RemoteJob(Address(order.reading, row["source"]), target, prompts, order.each)
        known = ray.get(order.tally.begin.remote(key))
        if isinstance(known, int):
            if known > TRIES:
                message = f"{job.source}: {TRIES} workers died of it; give them more memory, or shrink the picture"
                record, part = refused(job.source, job.target, order.model, "worker", message), None
            else:
                with at_most(1):
                    record, part = self._done(job, row["clip"])
            known = json.dumps([dataclasses.asdict(record), part])
            order.tally.end.remote(key, known)
        record, part = json.loads(known)
        made = {"record": json.dumps(record), "part": json.dumps(part) if part else ""}
        return row | made | {"provider": self._remover.provider}

    def _done(self, job: RemoteJob, clip: str) -> tuple[Record, dict[str, Any] | None]:
        order = self._order
        if clip:
            return self._clips.do(job, ClipTask.from_json(clip))
        return order.work(job, self._remover, order.model, self._options, order.saving), None
