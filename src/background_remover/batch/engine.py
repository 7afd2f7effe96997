"""`Store`, `Journal`, `Report` and `Executor`: what a run needs of an engine, this machine or a cluster."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias, TypeVar

from background_remover.batch.discovery import Found, Location, Source
from background_remover.batch.job import Work
from background_remover.batch.journal import Entry, Provenance
from background_remover.batch.record import Record
from background_remover.batch.settings import BatchSettings
from background_remover.imaging.output_options import Named

Job = TypeVar("Job", bound=Work[Named])
_Job = TypeVar("_Job", bound=Work[Named], covariant=True)

Records: TypeAlias = Callable[
    [Iterable[Job | None], Callable[[], bool], Callable[[str], None]], Iterator[Record | None]
]
"""Has jobs worked on: gives their records as they are done, and None now and then while nothing is.

A job of None is one that isn't there yet. No job is begun once the second argument, called, is true; the third writes a
message for people. Raises `Error` where the work can't go on.
"""
Executor: TypeAlias = Callable[[BatchSettings, int], AbstractContextManager[Records[Job]]]
"""Holds what works on so many pictures: threads, processes, or machines. Raises `Error` where these can't begin."""


class Journal(Protocol):
    """The journal of a run that is going on; each method raises `ImageError` where it can't be written."""

    def begin(self, source: str, place: str) -> None:
        """Note that work on a picture is about to begin; that is on the disk after `flush` at the latest."""

    def end(self, record: Record, place: str) -> None:
        """Note what became of a picture; that may be written some time later."""

    def flush(self) -> None:
        """Write what has not been written yet."""

    def close(self) -> None:
        """Write that as well, and end the journal."""


class Report(Protocol):
    """The report of a run that is going on; both methods raise `ImageError` where it can't be written."""

    def write(self, record: Record) -> None:
        """Add a picture."""

    def close(self) -> None:
        """Write what has not been written yet, and end the report."""


class Store(Protocol[Location, _Job]):
    """The files of a run: its pictures, and the folder of its results. A place is a result's name below that folder."""

    @property
    def out(self) -> Named:
        """The folder of results."""

    def check(self, settings: BatchSettings) -> None:
        """Raise `OptionError` or `ImageError` where results, or the report, can't be written; nothing is made."""

    def find(self, inputs: Sequence[str]) -> Found[Location]:
        """Return the pictures that `inputs` name, none of them among the results. Raises as `discovery.find` does."""

    def name(self, given: str) -> str:
        """Return the full name of a picture that is given by this name, as `Source.name` has it."""

    def job(self, picture: Source[Location], place: str) -> _Job:
        """Return the work on a picture whose result goes to a place."""

    def folds_case(self) -> bool:
        """Return whether places that differ only in case are one."""

    def lengths(self, places: Iterable[str]) -> Mapping[str, int]:
        """Return the length in bytes of what is at these places, where there is something; others may be among them.

        Where each subject has a file of its own, all numbered files beside these places are.
        """

    def remove_left_overs(self, places: Iterable[str]) -> None:
        """Remove the half files that a killed run left beside these places."""

    def remove(self, places: Iterable[str]) -> None:
        """Remove these files, those that can be."""

    def read_journal(self) -> dict[str, Entry]:
        """Return what earlier runs made, by place. Raises `ImageError` where their journals can't be read."""

    def begin_journal(self, provenance: Provenance) -> Journal:
        """Begin the journal of results that are made so; raises `OptionError` where another run is at work there."""

    def begin_report(self, name: str) -> Report:
        """Begin a report, emptied if it is there; raises `ImageError` where it can't be written."""
