"""Segments of a video on a cluster: the tasks that make them, and where they lie until they are joined.

They lie in a hidden folder beside the result, `.NAME.segments`, so that a run which is ended leaves those that are done
to the next one:

    RUN-000003.webm    the frames of the fourth segment, where it has any
    RUN-000003.json    its `SpanSummary`, which says that it is done

RUN is a digest of all that frames depend on: segments of two runs belong together where it is the same.
"""

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from background_remover.batch.journal import Provenance
from background_remover.batch.ray.address import Address
from background_remover.batch.ray.job import RemoteJob
from background_remover.batch.record import Stamp
from background_remover.errors import ImageError
from background_remover.version import __version__
from background_remover.video.formats import FORMATS

SECONDS = Fraction(20)  # of a segment
_NOTE = ".json"


@dataclass(frozen=True)
class ClipTask:
    """What a worker is to do with a video whose file has this stamp.

    Where `count` is 1 that is the whole of it. Else the video has so many segments, of so many `seconds` each, with
    names that begin with `run`: it cuts out the one with this `number`, or joins them where that is None; `parts` are
    then the fields of their `SpanSummary`s.
    """

    stamp: Stamp | None
    seconds: str
    run: str = ""
    count: int = 1
    number: int | None = None
    parts: tuple[dict[str, Any], ...] = ()

    @classmethod
    def from_json(cls, text: str) -> "ClipTask":
        """Return the task whose `to_json` this is."""
        fields = json.loads(text)
        stamp = fields["stamp"]
        return cls(**{**fields, "stamp": stamp and tuple(stamp), "parts": tuple(fields["parts"])})

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(dataclasses.asdict(self))

    @property
    def bounds(self) -> tuple[Fraction, Fraction | None]:
        """Where its segment begins and ends, in seconds; the last one ends with the video."""
        number, seconds = self.number or 0, Fraction(self.seconds)
        return number * seconds, (number + 1) * seconds if number + 1 < self.count else None

    def name(self, number: int, suffix: str) -> str:
        """Return the name of the file of one of its segments."""
        return f"{self.run}-{number:06}{suffix}"


def segments(job: RemoteJob, provenance: Provenance) -> list[ClipTask]:
    """Return the tasks for a video whose result is made so: one for each of its segments.

    It is a single one, for the whole, where the video is short or its format has none.
    """
    whole = ClipTask(job.stamp(), str(SECONDS))
    count = ceil(Fraction(_length(job)) / SECONDS) if job.target.suffix.lower() in FORMATS else 1
    if count <= 1:
        return [whole]
    facts = [__version__, provenance, job.prompts.given(), whole.stamp, whole.seconds, str(job.source), count]
    run = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
    return [dataclasses.replace(whole, run=run, count=count, number=number) for number in range(count)]


def segment(job: RemoteJob, task: ClipTask, number: int) -> Address:
    """Return the place of a segment's frames."""
    return _folder(job) / task.name(number, job.target.suffix)


def note_done(job: RemoteJob, task: ClipTask, part: Mapping[str, Any]) -> None:
    """Note that a task's segment is done, with the fields of its `SpanSummary`; raises `ImageError`."""
    (_folder(job) / task.name(task.number or 0, _NOTE)).put(json.dumps(part).encode())


def done(job: RemoteJob, tasks: list[ClipTask]) -> dict[int, dict[str, Any]]:
    """Return what an earlier run noted of the segments that these tasks make, by their numbers."""
    if len(tasks) == 1:
        return {}
    folder, found = _folder(job), dict[int, dict[str, Any]]()
    with contextlib.suppress(ImageError):
        there = {name for name, _ in folder.files()}
        for number, task in enumerate(tasks):
            note, frames = (task.name(number, suffix) for suffix in (_NOTE, job.target.suffix))
            if note in there:
                part = json.loads((folder / note).read())
                if frames in there or not part["frames"]:
                    found[number] = part
    return found


def remove_segments(job: RemoteJob) -> None:
    """Remove all segments of a video, of earlier runs too, if that can be done."""
    _folder(job).delete_folder()


def _folder(job: RemoteJob) -> Address:
    return job.file(f".{job.name}.segments")


def _length(job: RemoteJob) -> float:
    try:
        # Here, as it needs an extra, which the workers miss as well.
        from background_remover.video.duration import seconds_of
    except ImportError:
        return 0.0
    with contextlib.suppress(ImageError), job.source.opened() as file:
        return seconds_of(file)
    return 0.0
