"""Videos on a cluster: long ones are cut out by segments on any of its machines, and joined by one of them."""

import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from background_remover.batch.clips.options import ClipOptions
from background_remover.batch.clips.work import check_extra, note
from background_remover.batch.job import Changed, Outcome, recorded
from background_remover.batch.journal import Provenance
from background_remover.batch.ray.address import Address
from background_remover.batch.ray.job import RemoteJob
from background_remover.batch.ray.segments import ClipTask, done, note_done, remove_segments, segment, segments
from background_remover.batch.record import Record, Stamp, hint_of
from background_remover.imaging.atomic import temporary_name
from background_remover.imaging.paths import is_there
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.video.settings import VideoOptions

if TYPE_CHECKING:
    from background_remover.video.conversion import VideoSummary


def clip_records(
    jobs: Sequence[RemoteJob],
    provenance: Provenance,
    work: Callable[[list[tuple[RemoteJob, ClipTask]]], Iterator[Mapping[str, Any] | None]],
) -> Iterator[Record | None]:
    """Yield the records of videos that are made so, and None now and then.

    `work` has tasks worked on, and gives what `row_of` says. Segments that an earlier run finished are not made again.
    A video of which a segment fails fails as that does, and its other segments are kept for the next run.
    """
    tasks = {job.target.key: (job, segments(job, provenance)) for job in jobs}
    parts = {key: done(job, its) for key, (job, its) in tasks.items()}
    failed: dict[str, Record] = {}
    left = [(job, task) for key, (job, its) in tasks.items() for task in its if task.number not in parts[key]]
    for row in work(left) if left else ():
        if row is None:
            yield None
            continue
        record, task = Record.from_fields(json.loads(row["record"])), ClipTask.from_json(row["clip"])
        if task.count == 1:
            yield record
        elif row["part"]:
            parts[row["target"]][task.number or 0] = json.loads(row["part"])
        else:
            failed.setdefault(row["target"], record)
    joins = [
        (job, dataclasses.replace(its[0], number=None, parts=tuple(parts[key][number] for number in range(len(its)))))
        for key, (job, its) in tasks.items()
        if len(parts[key]) == len(its)
    ]
    for row in work(joins) if joins else ():
        if row is None:
            yield None
            continue
        record = Record.from_fields(json.loads(row["record"]))
        if record.status != "failed":
            remove_segments(tasks[row["target"]][0])
        yield record
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
                options = dataclasses.replace(self._options, **job.prompts.of_video())
                how = source, target, options, self._clips.video_of(job.prompts)
                if task.number is not None:
                    made = self._cut(job, task, *how)
                    made |= {"notes": [_renamed(note, names) for note in made["notes"]]}
                    note_done(job, task, made)
                    part = made
                else:
                    note(outcome, self._result(job, task, *how))

        record = recorded(job, self._model, work)
        error = record.error and _renamed(record.error, names)
        notes = tuple(_renamed(note, names) for note in record.notes)
        return dataclasses.replace(record, error=error, hint=error and hint_of(error), notes=notes), part

    def _cut(
        self, job: RemoteJob, task: ClipTask, source: Path, target: Path, options: Options, video: VideoOptions
    ) -> dict[str, Any]:
        """Cut out a segment and put it beside the result."""
        check_extra()
        from background_remover.video.conversion import write_span
        from background_remover.video.reader import Span

        file, span = target.with_name(f"segment{target.suffix}"), Span(*task.bounds)
        part = write_span(self._remover, source, file, span, target, options, video, lambda *_: None)
        if part.frames:
            segment(job, task, task.number or 0).upload(file)
        return dataclasses.asdict(part)

    def _result(
        self, job: RemoteJob, task: ClipTask, source: Path, target: Path, options: Options, video: VideoOptions
    ) -> "VideoSummary":
        """Put the result in its place: joined of its segments, or cut out at one stretch where it has none."""
        check_extra()
        from background_remover.video.conversion import write_video

        if task.count > 1:
            summary = self._joined(job, task, source, target, options, video)
        else:
            summary = write_video(self._remover, source, target, options, video, lambda *_: None)
        job.target.upload(target)
        return summary

    def _joined(
        self, job: RemoteJob, task: ClipTask, source: Path, target: Path, options: Options, video: VideoOptions
    ) -> "VideoSummary":
        from background_remover.video.conversion import check_subject, summed
        from background_remover.video.segments.journal import summary_of
        from background_remover.video.segments.resumption import each_once, joined

        parts = [summary_of(fields) for fields in task.parts]
        check_subject(source, parts, options)
        files = []
        for number, part in enumerate(parts):
            if part.frames:
                files.append(target.with_name(f"{number:06}{target.suffix}.segment"))
                segment(job, task, number).download(files[-1])
        return summed(source, parts, each_once(joined(files, source, target, options, video), parts))

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
