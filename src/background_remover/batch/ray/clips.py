"""Videos on a cluster: long ones are cut out by segments on any of its machines, and joined by one of them."""

import contextlib
import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.clips.work import check_extra, note
from background_remover.batch.job import Changed, Outcome, recorded
from background_remover.batch.ray.address import Address
from background_remover.batch.ray.job import RemoteJob
from background_remover.batch.record import Record, Stamp, hint_of
from background_remover.errors import ImageError
from background_remover.imaging.atomic import temporary_name
from background_remover.imaging.paths import is_there
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.video.formats import FORMATS

if TYPE_CHECKING:
    from background_remover.video.conversion import VideoSummary

SECONDS = Fraction(20)  # of a segment


@dataclass(frozen=True)
class ClipTask:
    """What a worker is to do with a video whose file has this stamp.

    Without `files` that is the whole of it. Else they are the names of its segments beside the result, of so many
    `seconds` each: it cuts out the one with this `number`, or joins them where that is None; `parts` are then the
    fields of their `SpanSummary`s.
    """

    stamp: Stamp | None
    seconds: str
    files: tuple[str, ...] = ()
    number: int | None = None
    parts: tuple[dict[str, Any], ...] = ()

    @classmethod
    def from_json(cls, text: str) -> "ClipTask":
        """Return the task whose `to_json` this is."""
        fields = json.loads(text)
        stamp = fields["stamp"]
        lists = {"stamp": stamp and tuple(stamp), "files": tuple(fields["files"]), "parts": tuple(fields["parts"])}
        return cls(**{**fields, **lists})

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(dataclasses.asdict(self))

    @property
    def bounds(self) -> tuple[Fraction, Fraction | None]:
        """Where its segment begins and ends, in seconds; the last one ends with the video."""
        number, seconds = self.number or 0, Fraction(self.seconds)
        return number * seconds, (number + 1) * seconds if number + 1 < len(self.files) else None


def segments(job: RemoteJob) -> list[ClipTask]:
    """Return the tasks for a video: one for each of its segments, or a single one where it is short or none can be."""
    whole = ClipTask(job.stamp(), str(SECONDS))
    count = ceil(Fraction(_length(job)) / SECONDS) if job.target.suffix.lower() in FORMATS else 1
    if count <= 1:
        return [whole]
    files = tuple(temporary_name() for _ in range(count))  # which --resume removes where a run is killed
    return [dataclasses.replace(whole, files=files, number=number) for number in range(count)]


def _length(job: RemoteJob) -> float:
    try:
        # Here, as it needs an extra, which the workers miss as well.
        from background_remover.video.duration import seconds_of
    except ImportError:
        return 0.0
    with contextlib.suppress(ImageError), job.source.opened() as file:
        return seconds_of(file)
    return 0.0


def clip_records(
    jobs: Sequence[RemoteJob],
    work: Callable[[list[tuple[RemoteJob, ClipTask]]], Iterator[Mapping[str, Any] | None]],
) -> Iterator[Record | None]:
    """Yield the records of videos, and None now and then; `work` has tasks worked on, and gives what `row_of` says.

    A video of which a segment fails fails as that does.
    """
    tasks = {job.target.key: (job, segments(job)) for job in jobs}
    parts: dict[str, dict[int, dict[str, Any]]] = {}
    failed: dict[str, Record] = {}
    for row in work([(job, task) for job, its in tasks.values() for task in its]):
        if row is None:
            yield None
            continue
        record, task = Record.from_fields(json.loads(row["record"])), ClipTask.from_json(row["clip"])
        if not task.files:
            yield record
        elif row["part"]:
            parts.setdefault(row["target"], {})[task.number or 0] = json.loads(row["part"])
        else:
            failed.setdefault(row["target"], record)
    joins = [
        (job, dataclasses.replace(its[0], number=None, parts=tuple(parts[key][number] for number in range(len(its)))))
        for key, (job, its) in tasks.items()
        if len(parts.get(key, ())) == len(its)
    ]
    for row in work(joins) if joins else ():
        yield None if row is None else Record.from_fields(json.loads(row["record"]))
    for job, its in tasks.values():
        for name in its[0].files:
            job.file(name).delete()
    yield from failed.values()


class ClipWork:
    """What a worker does with videos; those at addresses elsewhere are copied into a `folder`, the last one is kept."""

    def __init__(self, folder: Path, remover: Remover, model: str, options: Options, clips: ClipOptions) -> None:
        """Hold what all tasks have in common."""
        self._folder, self._remover, self._model = folder, remover, model
        self._options, self._clips = options, clips

    def do(self, job: RemoteJob, task: ClipTask) -> tuple[Record, dict[str, Any] | None]:
        """Do a task; return the record, as `job.do` does, and the fields of a segment's `SpanSummary`."""
        part: dict[str, Any] | None = None
        names = {}

        def work(stamp: Stamp | None, outcome: Outcome) -> None:
            nonlocal part
            if stamp != task.stamp:
                raise Changed(job.source)
            source = self._copy(job.source, stamp)
            with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                target = Path(folder) / job.name
                names.update({str(source): str(job.source), str(target): str(job.target)})
                options = dataclasses.replace(self._options, **job.prompts.given())
                if task.number is not None:
                    part = self._cut(job, task, source, target, options)
                else:
                    note(outcome, self._result(job, task, source, target, options))

        record = recorded(job, self._model, work)
        error = record.error and _renamed(record.error, names)
        part = part and part | {"notes": [_renamed(note, names) for note in part["notes"]]}
        notes = tuple(_renamed(note, names) for note in record.notes)
        return dataclasses.replace(record, error=error, hint=error and hint_of(error), notes=notes), part

    def _cut(self, job: RemoteJob, task: ClipTask, source: Path, target: Path, options: Options) -> dict[str, Any]:
        """Cut out a segment and put it beside the result."""
        check_extra()
        from background_remover.video.conversion import write_span
        from background_remover.video.reader import Span

        segment = target.with_name(f"segment{target.suffix}")
        span, video = Span(*task.bounds), self._clips.video
        part = write_span(self._remover, source, segment, span, target, options, video, lambda *_: None)
        if part.frames:
            job.file(task.files[task.number or 0]).upload(segment)
        return dataclasses.asdict(part)

    def _result(self, job: RemoteJob, task: ClipTask, source: Path, target: Path, options: Options) -> "VideoSummary":
        """Put the result in its place: joined of its segments, or cut out at one stretch where it has none."""
        check_extra()
        from background_remover.video.conversion import write_video

        if task.files:
            summary = self._joined(job, task, source, target, options)
        else:
            video = self._clips.video
            summary = write_video(self._remover, source, target, options, video, lambda *_: None)
        job.target.upload(target)
        return summary

    def _joined(self, job: RemoteJob, task: ClipTask, source: Path, target: Path, options: Options) -> "VideoSummary":
        from background_remover.video.conversion import check_subject, summed
        from background_remover.video.segments.journal import summary_of
        from background_remover.video.segments.resumption import each_once, joined

        parts = [summary_of(fields) for fields in task.parts]
        check_subject(source, parts, options)
        files = []
        for number, part in enumerate(parts):
            if part.frames:
                files.append(target.with_name(f"{number:06}{target.suffix}.segment"))
                job.file(task.files[number]).download(files[-1])
        return summed(source, parts, each_once(joined(files, source, target, options, self._clips.video), parts))

    def _copy(self, source: Address, stamp: Stamp | None) -> Path:
        """Return a file of this machine with what is at an address."""
        if source.filesystem.is_local:
            return Path(source.key)
        digest = hashlib.sha256(f"{source} {stamp}".encode()).hexdigest()
        copy = self._folder / f"clip-{digest}{source.suffix}"
        if not is_there(copy):
            for other in self._folder.glob("clip-*"):
                other.unlink()
            partial = copy.with_name(temporary_name())
            source.download(partial)
            partial.replace(copy)
        return copy


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the names of copies replaced by those of what they are of."""
    for name, other in names.items():
        text = text.replace(name, other)
    return text
