"""Many pictures: folders in, the same tree of cutouts out, several at once and resumable."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic

from background_remover import models
from background_remover.batch.discovery import Found, Source, find, whole_path
from background_remover.batch.job import Job, Record, do, refused
from background_remover.batch.journal import Entry, Journal, Settings, read, remove_left_overs
from background_remover.batch.naming import FORMAT, folds_case
from background_remover.batch.plan import Plan, plan, settings_of
from background_remover.batch.process_pool import ProcessPool
from background_remover.batch.report import Report, check_report
from background_remover.batch.review import UNSURE, check_folder, collect
from background_remover.batch.summary import NAMED, Summary
from background_remover.batch.thread_pool import run_in_threads
from background_remover.batch.watch import STILL, appearing
from background_remover.errors import ImageError, OptionError
from background_remover.imaging import atomic
from background_remover.imaging.formats import SUFFIXES, WRITABLE
from background_remover.imaging.output_options import OutputOptions, kind_of
from background_remover.imaging.paths import is_folder, is_there
from background_remover.options import Options
from background_remover.pipeline.memory_estimate import memory
from background_remover.remover import Remover
from background_remover.runtime.parallel import cores
from background_remover.runtime.progress import Progress

WORTH = 50  # pictures for each process from which on it is worth its start, which takes as long as some of them


@dataclass(frozen=True)
class Batch:
    """What is to be done with many pictures.

    `inputs` are read by `discovery.find`. With `resume`, what an earlier run did is left as it is, see `plan.plan`;
    without `overwrite` nothing is replaced that a run didn't make. `watch` goes on with files that appear, each once it
    has been the same for `still` seconds. `report` and `review` say where to write those; `unsure` is the confidence
    below which a picture is reviewed.
    """

    inputs: tuple[str, ...]
    out: Path
    model: str = models.DEFAULT
    options: Options = field(default_factory=Options)
    saving: OutputOptions = field(default_factory=OutputOptions)
    resume: bool = False
    overwrite: bool = False
    threads: int = field(default_factory=cores)
    report: Path | None = None
    review: Path | None = None
    unsure: float = UNSURE
    watch: bool = False
    still: float = STILL

    @property
    def suffix(self) -> str:
        """What the results' names end in."""
        return f".{self.saving.format or FORMAT}"


def run(batch: Batch, stop: Event) -> Summary:
    """Does a batch, says on standard error how far it is, and gives the outcome; `stop` ends it soon and in order.

    What concerns one picture is told in the outcome. Raises `OptionError` before any work where there is no picture, or
    a result must not be written; `ModelError` and `ImageError` where the model, or a file that `batch` names, is at
    fault. What ends the run in its midst, as a full disk does, is `Summary.stopped`.
    """
    start = monotonic()
    _check(batch)
    settings = settings_of(batch.model, batch.options, batch.saving, batch.suffix)
    entries = read(batch.out) if batch.resume else {}
    found = _find(batch)
    if not (found.sources or found.unreadable or batch.watch):
        raise OptionError(f"no pictures in {', '.join(batch.inputs)}; their names end in {', '.join(SUFFIXES)}")
    planned = _plan(batch, settings, entries, found.sources)
    if planned.refused:
        many = f"{len(planned.refused):,} results can't be written, the first is " * (len(planned.refused) > 1)
        raise OptionError(f"{many}{planned.refused[0][1]}")
    with ExitStack() as stack:
        work = _work(batch, len(planned.jobs), stack)
        manifest = stack.enter_context(closing(Journal(batch.out, settings)))
        report = None if batch.report is None else stack.enter_context(closing(Report(batch.report)))
        remove_left_overs(batch.out, [*(_place(batch, job.target) for job in planned.jobs), *entries])
        running = _Run(batch, settings, entries, manifest, report, len(planned.jobs))
        running.begin(found, planned)
        jobs = running.appearing(planned, stop) if batch.watch else running.jobs(planned.jobs)
        for record in run_in_threads(jobs, work, partial(_need, batch), threads=batch.threads, stop=stop):
            running.take(record)
        running.progress.clear()
    outcome = running.outcome
    outcome.interrupted = stop.is_set() and not batch.watch
    if batch.review is not None and outcome.stopped is None and not outcome.interrupted:
        collect(list(outcome.review.values()), batch.out, batch.review)
    outcome.seconds = monotonic() - start
    return outcome


def _work(batch: Batch, count: int, stack: ExitStack) -> Callable[[Job], Record]:
    """What works on a picture: this process, or where there are many, one of several that end with the stack."""
    threads = max(1, cores() // batch.threads)
    frozen = getattr(sys, "frozen", False)  # then there is no Python for another process, but this program itself
    if batch.threads > 1 and count >= WORTH * batch.threads and not frozen:
        workers = ProcessPool(batch.threads, batch.model, batch.options, batch.saving, threads=threads)
        return stack.enter_context(closing(workers)).do
    remover = Remover(batch.model, threads=threads)
    return partial(do, remover=remover, model=batch.model, options=batch.options, saving=batch.saving)


def _need(batch: Batch, job: Job) -> int:
    """The bytes that a picture takes at most; raises `ImageError` where it isn't one."""
    return memory(job.source, batch.options, WRITABLE.get(job.target.suffix.lower()))


def _check(batch: Batch) -> None:
    """Raises `OptionError` where the batch can't be what somebody wants; nothing has been read or made yet."""
    if batch.threads < 1:
        raise OptionError(f"{batch.threads} jobs; give 1 or more")
    kind_of(None, batch.saving, transparent=batch.options.transparent)
    if is_there(batch.out) and not is_folder(batch.out):
        raise OptionError(f"{batch.out}: a file, and results need a folder; choose another OUT")
    atomic.check_folder(batch.out)
    if batch.report is not None:
        check_report(batch.report)
    if batch.review is not None:
        check_folder(batch.review)


def _find(batch: Batch) -> Found:
    return find(batch.inputs, [batch.out] if batch.review is None else [batch.out, batch.review])


def _plan(batch: Batch, settings: Settings, entries: dict[str, Entry], sources: Sequence[Source]) -> Plan:
    return plan(
        sources,
        batch.out,
        settings,
        entries,
        allow_empty=batch.options.allow_empty,
        overwrite=batch.overwrite,
        folds_case=folds_case(batch.out),
    )


def _place(batch: Batch, target: Path) -> str:
    """Where a result is, below the folder of results: a key of the manifest."""
    return target.relative_to(batch.out).as_posix()


class _Run:
    """A run that is going on: what it writes, and its outcome so far."""

    def __init__(
        self,
        batch: Batch,
        settings: Settings,
        entries: dict[str, Entry],
        manifest: Journal,
        report: Report | None,
        total: int,
    ) -> None:
        self.outcome = Summary(batch.unsure)
        self.progress = Progress(None if batch.watch else total)
        self._batch, self._settings, self._entries = batch, settings, entries
        self._manifest, self._report = manifest, report
        self._in_hand: set[str] = set()  # sources

    def begin(self, found: Found, planned: Plan) -> None:
        """Says what is to be known beforehand, and takes note of the pictures that need no work."""
        if found.others:
            self.progress.say(f"left out, for their names aren't those of pictures: {found.others:,}")
        full = [job.target.name for job in planned.jobs if job.target.name == job.source.name + self._batch.suffix]
        if full:
            more = f" and {len(full) - NAMED:,} more" * (len(full) > NAMED)
            self.progress.say(f"full old names are kept where two would be one: {', '.join(full[:NAMED])}{more}")
        for record in planned.earlier:
            self.outcome.add(record, earlier=True)
            self._write_report(record)
        for folder, reason in found.unreadable:
            message = f"{folder}: can't be read ({reason}); check its permissions"
            self._refuse(Job(folder, self._batch.out), "folder", message)

    def jobs(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """The jobs, each noted in the manifest, for as long as nothing ends the run."""
        for job in jobs:
            try:
                self._manifest.begin(job)
            except ImageError as error:
                self.outcome.stopped = error
            if self.outcome.stopped is not None:
                return
            self._in_hand.add(str(job.source))
            yield job

    def appearing(self, planned: Plan, stop: Event) -> Iterator[Job | None]:
        """The jobs of files as they appear; first of those that were planned, once they are known to be still."""
        batch = self._batch
        known = {Path(record.source): record.stamp for record in planned.earlier if record.stamp is not None}
        for job in planned.jobs:  # so that their places aren't given to others meanwhile
            self._entries.setdefault(_place(batch, job.target), Entry(whole_path(job.source), self._settings, None))

        def look() -> list[Source]:
            try:
                return _find(batch).sources
            except OptionError:  # a glob that matched once, and matches nothing now
                return []

        for sources in appearing(look, known, batch.still, stop):
            try:
                now = _plan(batch, self._settings, self._entries, sources)
            except OptionError as error:
                now = Plan(refused=[(Job(source.path, batch.out), str(error)) for source in sources])
            for job, reason in now.refused:
                self._refuse(job, "exists", reason)
            for job in now.jobs:
                if str(job.source) in self._in_hand:  # its older content, whose result might come last
                    del known[job.source]
            yield from self.jobs(job for job in now.jobs if job.source in known)
            if self.outcome.stopped is not None:
                return
            yield None

    def take(self, record: Record | None) -> None:
        """Takes note of a picture that has been worked on; None is for the progress alone."""
        if record is not None:
            self._in_hand.discard(record.source)
            self.outcome.add(record)
            if record.code == "disk-full":
                self.outcome.stopped = ImageError(
                    f"{self._batch.out}: no room is left; make some, and run again with --resume"
                )
            try:
                self._manifest.end(record)
            except ImageError as error:
                self.outcome.stopped = self.outcome.stopped or error
            self._write_report(record)
            if self._batch.watch:
                place = _place(self._batch, Path(record.target))
                self._entries[place] = Entry(whole_path(record.source), self._settings, record)
        self.progress.update(self.outcome.worked, len(self.outcome.failed))

    def _refuse(self, job: Job, code: str, reason: str) -> None:
        record = refused(job, self._batch.model, code, reason)
        self.outcome.add(record)
        self._write_report(record)

    def _write_report(self, record: Record) -> None:
        try:
            if self._report is not None:
                self._report.write(record)
        except ImageError as error:
            self.outcome.stopped = self.outcome.stopped or error
