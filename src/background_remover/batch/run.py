"""`run`: many pictures, whichever engine works on them; folders in, the same tree of cutouts out, resumable."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path, PurePath
from threading import Event
from time import monotonic
from typing import Generic

from background_remover.batch.clips.options import check_clip
from background_remover.batch.discovery import Found, Location, Source, with_prompts
from background_remover.batch.engine import Executor, Job, Journal, Records, Report, Store
from background_remover.batch.job import Work
from background_remover.batch.journal import Entry, Provenance
from background_remover.batch.plan import Plan, Task, plan, provenance_of
from background_remover.batch.record import Record, refused
from background_remover.batch.review import collect
from background_remover.batch.settings import BatchSettings
from background_remover.batch.summary import NAMED, Summary
from background_remover.batch.watch import appearing
from background_remover.errors import Error, ImageError, OptionError, flag_of
from background_remover.imaging.output_options import Named
from background_remover.runtime.progress import Progress


def run(settings: BatchSettings, store: Store[Location, Job], executor: Executor[Job], stop: Event) -> Summary:
    """Do a batch, say on standard error how far it is, and return the outcome; `stop` ends it soon and in order.

    What concerns one picture is in the outcome. Raises `OptionError` before any work where there is no picture, or
    a result must not be written; `ModelError` and `ImageError` where the model, or a file that the settings name, is at
    fault; `Error` where no cluster answers. What ends the run in its midst, as a full disk does, is `Summary.stopped`.
    """
    start = monotonic()
    settings.check()
    store.check(settings)
    choices = settings.model, settings.options, settings.saving, settings.suffix, settings.clips
    provenance = provenance_of(*choices, each=settings.each)
    known = store.read_journal() if settings.resume or (settings.each and settings.overwrite) else {}
    found = store.find(settings.inputs)
    found.sources = with_prompts(found.sources, [(store.name(name), prompts) for name, prompts in settings.prompts])
    if not (found.sources or found.unreadable or settings.watch):
        raise OptionError(
            f"no {settings.kinds} in {', '.join(settings.inputs)}; their names end in {', '.join(settings.suffixes)}"
        )
    running = _Run(settings, store, provenance, known)
    planned = running.plan(found.sources)
    if planned.refused:
        many = f"{len(planned.refused):,} results can't be written, the first is " * (len(planned.refused) > 1)
        raise OptionError(f"{many}{planned.refused[0][1]}")
    for job in [task.job for task in planned.tasks if settings.is_clip(task.job.source)][:1]:
        check_clip(job.source, job.target, settings.options, settings.clips, each=settings.each)
    with ExitStack() as stack:
        records = stack.enter_context(executor(settings, len(planned.tasks)))
        running.open(stack, planned.tasks)
        store.remove_left_overs(chain((task.place for task in planned.tasks), known if settings.resume else ()))
        running.begin(found, planned)
        running.work(records, running.appearing(planned, stop) if settings.watch else running.jobs(planned.tasks), stop)
    outcome = running.outcome
    outcome.interrupted = stop.is_set() and not settings.watch
    if settings.review is not None and outcome.stopped is None and not outcome.interrupted:
        collect(list(outcome.review.values()), Path(settings.out), settings.review)
    outcome.seconds = monotonic() - start
    return outcome


class _Run(Generic[Location, Job]):
    """A run that is going on: what it writes, and its outcome so far."""

    _journal: Journal
    _report: Report | None = None
    _progress: Progress

    def __init__(
        self,
        settings: BatchSettings,
        store: Store[Location, Job],
        provenance: Provenance,
        known: dict[str, Entry],
    ) -> None:
        self.outcome = Summary(settings.unsure)
        self._settings, self._store, self._provenance = settings, store, provenance
        self._entries = known if settings.resume else dict[str, Entry]()
        self._known = known  # by earlier runs, of which one without resume takes into account only what they made
        self._in_hand: dict[str, Task[Job]] = {}  # by source

    def plan(self, sources: Sequence[Source[Location]]) -> Plan[Job]:
        """Return the plan for these pictures; raises as `plan.plan` does."""
        choices = {"allow_empty": self._settings.options.allow_empty, "overwrite": self._settings.overwrite}
        return plan(sources, self._store, self._provenance, self._entries, **choices)

    def open(self, stack: ExitStack, tasks: Sequence[Task[Job]]) -> None:
        """Open journal, report and the display of progress, until the end of the stack. Raises as the store does."""
        clips = any(self._settings.is_clip(task.job.source) for task in tasks)
        self._journal = self._store.begin_journal(self._provenance)
        stack.callback(self._close, self._journal)
        if self._settings.report is not None:
            self._report = self._store.begin_report(self._settings.report)
            stack.callback(self._close, self._report)
        self._progress = Progress(None if self._settings.watch else len(tasks), "files" if clips else "pictures")
        stack.callback(self._progress.clear)

    def begin(self, found: Found[Location], planned: Plan[Job]) -> None:
        """Say what is to be known beforehand, and note the pictures that need no work."""
        if found.others:
            self._progress.say(f"left out, for their names aren't those of {self._settings.kinds}: {found.others:,}")
        full = [name for task in planned.tasks if (name := _full_name_kept(task.job))]
        if full:
            more = f" and {len(full) - NAMED:,} more" * (len(full) > NAMED)
            self._progress.say(f"full old names are kept where two would be one: {', '.join(full[:NAMED])}{more}")
        for record in planned.earlier:
            self.outcome.add(record, earlier=True)
            self._write_report(record)
        for location, code, reason in found.unreadable:
            self._refuse(location, code, f"{location}: {reason}")

    def work(self, records: Records[Job], jobs: Iterable[Job | None], stop: Event) -> None:
        """Has the jobs worked on, until each has its record or something ends the run."""

        def ended() -> bool:
            return stop.is_set() or self.outcome.stopped is not None

        try:
            for record in records(jobs, ended, self._progress.say):
                self._take(record)
            if self._in_hand and not ended():
                raise Error(f"the cluster lost {len(self._in_hand):,} pictures; --resume goes on")  # noqa: TRY301
        except Error as error:
            self._end(error)

    def jobs(self, tasks: Iterable[Task[Job]]) -> Iterator[Job]:
        """Yield the jobs, each noted in the journal, for as long as nothing ends the run."""
        try:
            for task in tasks:
                self._journal.begin(task.name, task.place)
                if self.outcome.stopped is not None:
                    return
                self._in_hand[str(task.job.source)] = task
                yield task.job
            self._journal.flush()
        except ImageError as error:
            self._end(error)

    def appearing(self, planned: Plan[Job], stop: Event) -> Iterator[Job | None]:
        """Yield the jobs of files as they appear; first of those that were planned, once they are known to be still."""
        known = {Path(record.source): record.stamp for record in planned.earlier if record.stamp is not None}
        for task in planned.tasks:  # so that their places aren't given to others meanwhile
            self._entries.setdefault(task.place, Entry(task.name, self._provenance, None))

        def scan() -> Sequence[Source[Location]]:
            try:
                return self._store.find(self._settings.inputs).sources
            except OptionError:  # a glob that matched once, and matches nothing now
                return []

        for sources in appearing(scan, known, self._settings.still, stop):
            now: Plan[Job] = Plan()
            try:
                now = self.plan(sources)
            except OptionError as error:
                for source in sources:
                    self._refuse(source.path, "exists", error.spelled(flag_of))
            for job, reason in now.refused:
                self._refuse(job.source, "exists", reason, job.target)
            again = {str(task.job.source) for task in now.tasks} & self._in_hand.keys()
            for name in again:  # its older content, whose result might come last
                del known[Path(name)]
            yield from self.jobs(task for task in now.tasks if str(task.job.source) not in again)
            if self.outcome.stopped is not None:
                return
            yield None

    def _take(self, record: Record | None) -> None:
        """Take note of a picture that has been worked on, once; None is for the progress alone."""
        task = None if record is None else self._in_hand.pop(record.source, None)
        if record is not None and task is not None:
            record = dataclasses.replace(record, **task.job.prompts.given())
            self.outcome.add(record)
            for note in record.notes:
                self._progress.say(note)
            if record.status == "done":
                self._remove_older(task.place, record)
            if record.code == "disk-full":
                self._end(ImageError(f"{self._store.out}: no room is left; make some, and run again with --resume"))
            try:
                self._journal.end(record, task.place)
            except ImageError as error:
                self._end(error)
            self._write_report(record)
            if self._settings.watch:
                self._entries[task.place] = Entry(task.name, self._provenance, record)
        self._progress.update(self.outcome.worked, len(self.outcome.failed))

    def _remove_older(self, place: str, record: Record) -> None:
        """Remove the files that were made for a place before, and that its new result didn't replace."""
        entries = self._entries.get(place), self._known.get(place)
        older = frozenset[str]().union(*(entry.made(place) for entry in entries if entry is not None))
        self._store.remove(older.difference(record.lengths(place)))

    def _refuse(self, source: Named, code: str, reason: str, target: Named | None = None) -> None:
        record = refused(source, target or self._store.out, self._settings.model, code, reason)
        self.outcome.add(record)
        self._write_report(record)

    def _write_report(self, record: Record) -> None:
        try:
            if self._report is not None:
                self._report.write(record)
        except ImageError as error:
            self._end(error)

    def _end(self, error: Error) -> None:
        """End the run before its time; of several errors the first is the reason."""
        self.outcome.stopped = self.outcome.stopped or error

    def _close(self, file: Journal | Report) -> None:
        try:
            file.close()
        except ImageError as error:
            self._end(error)


def _full_name_kept(job: Work[Named]) -> str:
    """Return the name of a result that is its picture's, suffix and all, with another behind it, or else nothing."""
    source, target = PurePath(str(job.source)), PurePath(str(job.target))
    return target.name if source.suffix and target.name == source.name + target.suffix else ""
