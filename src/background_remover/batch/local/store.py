"""The store of a run on this machine: its pictures and results are files on disks."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from background_remover.batch import naming
from background_remover.batch.discovery import Found, Source, find, whole_path
from background_remover.batch.engine import Store
from background_remover.batch.job import Job
from background_remover.batch.journal import Entry, Journal, Provenance, read
from background_remover.batch.record import stamp_of
from background_remover.batch.report import Report, check_report
from background_remover.batch.review import check_folder
from background_remover.batch.settings import BatchSettings
from background_remover.errors import OptionError
from background_remover.imaging import atomic
from background_remover.imaging.paths import is_folder, is_there


def local_store(settings: BatchSettings) -> Store[Path, Job]:
    """Return the store of a run with these settings; nothing is found in its folders of results and of the review."""
    return _LocalStore(Path(settings.out), settings.review, settings.each, settings.suffixes)


@dataclass(frozen=True)
class _LocalStore:
    out: Path
    review: Path | None
    each: bool
    suffixes: tuple[str, ...]

    def check(self, settings: BatchSettings) -> None:
        if is_there(self.out) and not is_folder(self.out):
            raise OptionError(f"{self.out}: a file, and results need a folder; choose another OUT")
        atomic.check_folder(self.out)
        if settings.report is not None:
            check_report(Path(settings.report))
        if self.review is not None:
            check_folder(self.review)

    def find(self, inputs: Sequence[str]) -> Found[Path]:
        return find(inputs, [folder for folder in (self.out, self.review) if folder is not None], self.suffixes)

    def name(self, given: str) -> str:
        return whole_path(given)

    def job(self, picture: Source[Path], place: str) -> Job:
        return Job(picture.path, self.out / place, picture.prompts, self.each)

    def folds_case(self) -> bool:
        return naming.folds_case(self.out)

    def lengths(self, places: Iterable[str]) -> Mapping[str, int]:
        lengths = {}
        given = [*places]
        for place in (*given, *(self._numbered(given) if self.each else ())):
            stamp = stamp_of(self.out / place)
            if stamp is not None or os.path.lexists(self.out / place):
                lengths[place] = -1 if stamp is None else stamp[0]  # of a link that leads nowhere
        return lengths

    def _numbered(self, places: Iterable[str]) -> Iterator[str]:
        """Yield the places of all numbered files in the folders of these."""
        for folder in {PurePosixPath(place).parent for place in places}:
            with contextlib.suppress(OSError):
                names = [path.name for path in (self.out / folder).iterdir()]
                yield from ((folder / name).as_posix() for name in names if naming.unnumbered(PurePosixPath(name)))

    def remove_left_overs(self, places: Iterable[str]) -> None:
        for folder in {(self.out / place).parent for place in places}:
            atomic.remove_left_overs(folder)

    def remove(self, places: Iterable[str]) -> None:
        for place in places:
            with contextlib.suppress(OSError):
                (self.out / place).unlink()

    def read_journal(self) -> dict[str, Entry]:
        return read(self.out)

    def begin_journal(self, provenance: Provenance) -> Journal:
        return Journal(self.out, provenance)

    def begin_report(self, name: str) -> Report:
        return Report(Path(name))
