"""The store of a run on a cluster: its pictures and results are at addresses that every machine reaches."""

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from background_remover.batch import naming
from background_remover.batch.discovery import Found, Source
from background_remover.batch.engine import Store
from background_remover.batch.journal import Entry, Provenance
from background_remover.batch.ray.address import Address, address
from background_remover.batch.ray.discovery import find
from background_remover.batch.ray.job import RemoteJob
from background_remover.batch.ray.journal import ParquetReport, SharedJournal, check_report, read
from background_remover.batch.settings import BatchSettings
from background_remover.errors import OptionError
from background_remover.imaging.atomic import LEFT_OVER, check_folder


def shared_store(settings: BatchSettings) -> Store[Address, RemoteJob]:
    """Return the store of a run with these settings; raises `OptionError` at an `out` that is no address."""
    return _SharedStore(address(settings.out), settings.each, settings.suffixes)


class _SharedStore:
    def __init__(self, out: Address, each: bool, suffixes: tuple[str, ...]) -> None:
        self.out = out
        self._each, self._suffixes = each, suffixes
        self._left_overs: list[str] = []  # places

    def check(self, settings: BatchSettings) -> None:
        if self.out.stamp() is not None:
            raise OptionError(f"{self.out}: a file, and results need a folder; choose another OUT")
        if self.out.filesystem.is_local:
            check_folder(Path(self.out.key))
        if settings.report is not None:
            check_report(address(settings.report))

    def find(self, inputs: Sequence[str]) -> Found[Address]:
        return find(inputs, self.out, self._suffixes)

    def name(self, given: str) -> str:
        return str(address(given))

    def job(self, picture: Source[Address], place: str) -> RemoteJob:
        return RemoteJob(picture.path, self.out / place, picture.prompts, self._each)

    def folds_case(self) -> bool:
        return self.out.filesystem.is_local and naming.folds_case(Path(self.out.key))

    def lengths(self, places: Iterable[str]) -> Mapping[str, int]:  # noqa: ARG002 - one list has them all
        lengths = {place: length for place, (length, _) in self.out.files()}
        self._left_overs = [place for place in lengths if LEFT_OVER.fullmatch(posixpath.basename(place))]
        return lengths

    def remove_left_overs(self, places: Iterable[str]) -> None:  # noqa: ARG002 - that list had them
        for place in self._left_overs:
            (self.out / place).delete()

    def remove(self, places: Iterable[str]) -> None:
        for place in places:
            (self.out / place).delete()

    def read_journal(self) -> dict[str, Entry]:
        return read(self.out)

    def begin_journal(self, provenance: Provenance) -> SharedJournal:
        return SharedJournal(self.out, provenance)

    def begin_report(self, name: str) -> ParquetReport:
        return ParquetReport(address(name))
