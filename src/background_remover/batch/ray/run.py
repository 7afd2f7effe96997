"""Many pictures on many machines: what `batch` does, with a cluster."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from time import monotonic

from background_remover.batch.job import Record, refused
from background_remover.batch.plan import settings_of
from background_remover.batch.ray import journal
from background_remover.batch.ray.actors import connected, records
from background_remover.batch.ray.journal import ParquetReport, SharedJournal, check_report
from background_remover.batch.ray.plan import ClusterSettings, Pictures, Plan, find, plan
from background_remover.batch.ray.store import Address, RemoteJob, address
from background_remover.batch.summary import Summary
from background_remover.errors import Error, ImageError, OptionError
from background_remover.imaging.atomic import check_folder
from background_remover.imaging.formats import SUFFIXES
from background_remover.imaging.output_options import kind_of
from background_remover.remover import Remover
from background_remover.runtime.progress import Progress


def run(spread: ClusterSettings, stop: Event) -> Summary:
    """Does with a cluster what `local.run` does, and raises as it does; also `Error` where no cluster answers.

    After `stop` nothing more is taken note of: what is in hand is given up, and `resume` does it again. What a worker
    that dies has in hand is done by others; a picture at which `TRIES` of them died has failed.
    """
    start = monotonic()
    out = _check(spread)
    settings = settings_of(spread.model, spread.options, spread.saving, spread.suffix)
    entries = journal.read(out) if spread.resume else {}
    found = find(spread.inputs, out)
    if not (found.all or found.unreadable):
        raise OptionError(f"no pictures in {', '.join(spread.inputs)}; their names end in {', '.join(SUFFIXES)}")
    choices = {"allow_empty": spread.options.allow_empty, "overwrite": spread.overwrite}
    planned = plan(found.all, out, spread.suffix, settings, entries, **choices)
    if planned.refused:
        many = f"{len(planned.refused):,} results can't be written, the first is " * (len(planned.refused) > 1)
        raise OptionError(f"{many}{planned.refused[0]}")
    Remover(spread.model, threads=1)  # which finds a model at fault here, and not on every machine
    with ExitStack() as stack:
        if planned.jobs:
            stack.enter_context(connected(spread))
        report = None if spread.report is None else ParquetReport(address(spread.report))
        running = _Run(spread, out, SharedJournal(out, settings), report)
        running.begin(found, planned)
        running.work(planned.jobs, stop)
        running.end()
    running.outcome.interrupted = stop.is_set()
    running.outcome.seconds = monotonic() - start
    return running.outcome


def _check(spread: ClusterSettings) -> Address:
    """Where the results go; raises `OptionError` where that can't be what somebody wants.

    Raises `ImageError` where the disk takes no results there, or no report.
    """
    if spread.jobs is not None and spread.jobs < 1:
        raise OptionError(f"{spread.jobs} jobs; give 1 or more")
    kind_of(None, spread.saving, transparent=spread.options.transparent)
    out = address(spread.out)
    if out.stamp() is not None:
        raise OptionError(f"{out}: a file, and results need a folder; choose another OUT")
    if out.store.is_local:
        check_folder(Path(out.key))
    if spread.report is not None:
        check_report(address(spread.report))
    return out


class _Run:
    """A run that is going on: what it writes, and its outcome so far."""

    def __init__(
        self, spread: ClusterSettings, out: Address, notes: SharedJournal, report: ParquetReport | None
    ) -> None:
        self.outcome = Summary(spread.unsure)
        self._spread, self._out, self._notes, self._report = spread, out, notes, report

    def begin(self, found: Pictures, planned: Plan) -> None:
        """Says and notes what is to be known beforehand, and takes away what a killed run left half done."""
        self._progress = Progress(len(planned.jobs))
        if found.others:
            self._progress.say(f"left out, for their names aren't those of pictures: {found.others:,}")
        for record in planned.earlier:
            self.outcome.add(record, earlier=True)
            self._write_report(record)
        for place, code, reason in found.unreadable:
            self._take(refused(RemoteJob(place, self._out), self._spread.model, code, f"{place}: {reason}"))
        for name in planned.left_overs:
            (self._out / name).delete()
        self._notes.begin((str(job.source), self._place(job.target)) for job in planned.jobs)

    def work(self, jobs: Sequence[RemoteJob], stop: Event) -> None:
        """Has pictures worked on, until each has a record or something ends the run."""
        waiting = {str(job.target): job for job in jobs}
        try:
            for record in records(jobs, self._spread, stop, self._progress) if jobs else ():
                job = None if record is None else waiting.pop(record.target, None)
                if record is not None and job is not None:
                    self._take(record)
                    self._notes.end(record, self._place(job.target))
                self._progress.update(self.outcome.worked, len(self.outcome.failed))
                if self.outcome.stopped is not None:
                    return
            if waiting and not stop.is_set():
                raise Error(f"the cluster lost {len(waiting):,} pictures; --resume goes on")  # noqa: TRY301
        except Error as error:
            self.outcome.stopped = error
        finally:
            self._progress.clear()

    def end(self) -> None:
        """Writes what is not yet written."""
        try:
            self._notes.flush()
            if self._report is not None:
                self._report.close()
        except ImageError as error:
            self.outcome.stopped = self.outcome.stopped or error

    def _take(self, record: Record) -> None:
        self.outcome.add(record)
        if record.code == "disk-full":
            self.outcome.stopped = ImageError(f"{self._out}: no room is left; make some, and run again with --resume")
        self._write_report(record)

    def _write_report(self, record: Record) -> None:
        if self._report is not None:
            self._report.write(record)

    def _place(self, target: Address) -> str:
        return target.key.removeprefix(self._out.key).lstrip("/")
