"""`Job`, one picture of many, and `do`: from its file to that of its cutout, and the `Record` of what became of it."""

import errno
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Generic, TypeVar

from background_remover.batch.naming import file_names
from background_remover.batch.record import Record, ResultFile, Stamp, hint_of, stamp_of
from background_remover.errors import Cancelled, Error, ImageError, ModelError, NoSubject, OptionError, one_line
from background_remover.imaging.atomic import write_all
from background_remover.imaging.file import File, check_ordinary, load
from background_remover.imaging.output_options import Named, OutputOptions, check_target
from background_remover.options import Options
from background_remover.parameters.picture_list import written_as
from background_remover.parameters.prompts import NO_PROMPTS, PicturePrompts
from background_remover.pipeline.file_step import CutoutFile, make, make_each
from background_remover.pipeline.subject_check import no_subject
from background_remover.remover import Remover
from background_remover.types import Size

_FULL = (errno.ENOSPC, errno.EDQUOT)


Place = TypeVar("Place", bound=Named, covariant=True)


@dataclass(frozen=True)
class Work(ABC, Generic[Place]):
    """A picture, and the place of its result, wherever the two may be; folders that are missing there are made.

    Messages and the record call them by these names. The suffix of `target` may say the format. The picture's own
    `prompts` take the place of those in the options. With `each` every subject has a file of its own, named as
    `file_names` says.
    """

    source: Place
    target: Place
    prompts: PicturePrompts = NO_PROMPTS
    each: bool = False

    @property
    @abstractmethod
    def name(self) -> str:
        """The file name of the result."""

    @abstractmethod
    def stamp(self) -> Stamp | None:
        """Return the stamp that the picture's file has now, or None where there is none."""

    @abstractmethod
    def load(self, max_megapixels: float) -> File:
        """Return the picture's whole file; raises `ImageError` as `reader.load` does."""

    @abstractmethod
    def file(self, name: str) -> Place:
        """Return the file of this name in the folder of the result."""

    @abstractmethod
    def write(self, files: Mapping[str, bytes], saving: OutputOptions, *, transparent: bool) -> None:
        """Write the result's files by their names, all or none; raises an `Error` or an `OSError` where that fails."""

    @abstractmethod
    def length(self, name: str) -> int | None:
        """Return the length in bytes of `file`, or None where there is none."""


class Job(Work[Path]):
    """A picture's file on this machine, and the one that its cutout is written to."""

    @property
    def name(self) -> str:
        """See `Work`."""
        return self.target.name

    def stamp(self) -> Stamp | None:
        """See `Work`."""
        return stamp_of(self.source)

    def load(self, max_megapixels: float) -> File:
        """See `Work`."""
        check_ordinary(self.source)
        return load(self.source, max_megapixels=max_megapixels)

    def file(self, name: str) -> Path:
        """See `Work`."""
        return self.target.with_name(name)

    def write(self, files: Mapping[str, bytes], saving: OutputOptions, *, transparent: bool) -> None:
        """See `Work`."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        for name in files:
            check_target(self.file(name), saving, source=self.source, transparent=transparent)
        write_all({self.file(name): data for name, data in files.items()})

    def length(self, name: str) -> int | None:
        """See `Work`."""
        stamp = stamp_of(self.file(name))
        return None if stamp is None else stamp[0]


@dataclass
class Outcome:
    """What is known of a result so far: fields of its `Record`, and what is at fault where a file is."""

    stage: str = "image"  # or "write": the code of errors that say only that a file is at fault
    size: Size | None = None
    confidence: float | None = None
    unsure: bool = False
    written: int | None = None  # the number of files
    frames: int | None = None
    duration: float | None = None
    notes: tuple[str, ...] = ()


def do(job: Work[Named], remover: Remover, model: str, options: Options, saving: OutputOptions) -> Record:
    """Cut out one picture and write the result, whole or not at all.

    It raises nothing: the record says what happened. `model` is what the record calls the remover's.
    """

    def work(stamp: Stamp | None, outcome: Outcome) -> None:
        own = replace(options, **job.prompts.of_picture())
        made = _cut_out(job, remover, _whole_file(job, stamp, own), own, saving)
        outcome.confidence = round(min((one.confidence for one in made), default=0.0), 4)
        if all(one.empty for one in made) and not own.allow_empty:
            allow = f"--allow-empty{' without --each' * job.each}"
            raise no_subject(outcome.confidence, own, name=str(job.source), allow=allow)
        outcome.stage = "write"
        names = file_names(job.name, each=job.each)
        files = {name: one.data for name, one in zip(names, made, strict=False)}
        job.write(files, saving, transparent=own.transparent)
        outcome.written, outcome.size = len(made), made[0].size
        outcome.unsure = any(one.unsure or (one.empty and not own.allow_empty) for one in made)

    return recorded(job, model, work)


def recorded(job: Work[Named], model: str, work: Callable[[Stamp | None, Outcome], None]) -> Record:
    """Do the work on a picture, or on whatever else gives one result, and return the record of what came of it.

    `work` gets the stamp that the source's file has, and notes in the `Outcome` what it knows. Whatever it raises is in
    the record, but for `Cancelled`, which is raised.
    """
    start, stamp, outcome, fault = perf_counter(), job.stamp(), Outcome(), None
    try:
        work(stamp, outcome)
    except Cancelled:
        raise
    except Exception as error:  # whatever it is, the other pictures are not to suffer for it
        fault = error
    words = None if fault is None else _message(fault, job)
    there = _files_there(job, outcome.written)
    height, width = outcome.size or (None, None)
    return Record(
        source=str(job.source),
        target=str(job.target),
        status="done" if fault is None else "empty" if isinstance(fault, NoSubject) else "failed",
        model=model,
        seconds=round(perf_counter() - start, 3),
        width=width,
        height=height,
        confidence=outcome.confidence,
        unsure=outcome.unsure,
        code=None if fault is None else code_of(fault, outcome.stage),
        error=words,
        hint=None if words is None else hint_of(words),
        source_bytes=None if stamp is None else stamp[0],
        source_changed_ns=None if stamp is None else stamp[1],
        target_bytes=sum(file.bytes for file in there) if there else None,
        files=there if job.each else (),
        frames=outcome.frames,
        duration=outcome.duration,
        notes=outcome.notes,
    )


def _cut_out(
    job: Work[Named], remover: Remover, file: File, options: Options, saving: OutputOptions
) -> Sequence[CutoutFile]:
    if job.each:
        return tuple(make_each(remover, file, job.target, options, saving))
    return (make(remover, file, job.target, options, saving),)


def _files_there(job: Work[Named], written: int | None) -> tuple[ResultFile, ...]:
    """Return the files of the result that were `written`, or of an older one those up to the first number without."""
    there = []
    for name in islice(file_names(job.name, each=job.each), written):
        length = job.length(name)
        if length is None:
            break
        there.append(ResultFile(name, length))
    return tuple(there)


class Changed(ImageError):
    """A file is not what it was when work on it began."""

    def __init__(self, source: Named) -> None:
        """Name the file."""
        super().__init__(f"{source}: changed while it was read; once it is whole, run again with --resume")


def _whole_file(job: Work[Named], stamp: Stamp | None, options: Options) -> File:
    """Return the picture's file, unchanged since the `stamp`: the record says that this is what was cut out."""
    try:
        file = job.load(options.max_megapixels)
    except ImageError as error:
        if job.stamp() == stamp:
            raise
        raise Changed(job.source) from error
    if job.stamp() != stamp:
        raise Changed(job.source)
    return file


def code_of(error: Exception, stage: str) -> str:
    """Return the one of `CODES` for an error; `stage` is that of errors that say only that a file is at fault."""
    kinds: dict[type[Exception], str] = {
        Changed: "changed",
        NoSubject: "no-subject",
        OptionError: "option",
        ModelError: "model",
        MemoryError: "memory",
    }
    if isinstance(error.__cause__, ImportError):
        return "extra"
    cause = error.__cause__ if isinstance(error, ImageError) else error
    if isinstance(cause, OSError) and cause.errno in _FULL:
        return "disk-full"
    other = stage if isinstance(error, ImageError | OSError) else "unexpected"
    return next((code for kind, code in kinds.items() if isinstance(error, kind)), other)


def _message(error: Exception, job: Work[Named]) -> str:
    if isinstance(error, Error):
        words, named = one_line(error, partial(written_as, job.prompts)), (f"{job.source}: ", f"{job.target}: ")
        at_large = isinstance(error, OptionError) or isinstance(error.__cause__, ImportError)
        return f"{job.source}: {words}" if at_large and not words.startswith(named) else words
    if isinstance(error, OSError):
        return f"{error.filename or job.target}: {error.strerror}; check its name and permissions"
    if isinstance(error, MemoryError):
        return f"{job.source}: not enough memory for this picture; shrink it, or work on fewer at once by --jobs"
    return f"{job.source}: {type(error).__name__} ({one_line(error)}); report this together with the picture"
