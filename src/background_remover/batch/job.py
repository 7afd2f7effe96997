"""One picture of many, from its file to that of its cutout: a `Job` in, a `Record` of what became of it out."""

import errno
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Protocol

from background_remover.batch.record import Record, Stamp, hint_of, stamp_of
from background_remover.errors import Error, ImageError, ModelError, NoSubject, OptionError, one_line
from background_remover.imaging.atomic import write_whole
from background_remover.imaging.file import File
from background_remover.imaging.output_options import Named, OutputOptions, check_target
from background_remover.imaging.paths import is_file, is_folder, is_there
from background_remover.imaging.reader import load
from background_remover.options import Options
from background_remover.parameters.prompts import NO_PROMPTS, PicturePrompts
from background_remover.pipeline.file_step import make
from background_remover.pipeline.subject_check import no_subject
from background_remover.remover import Remover

_FULL = (errno.ENOSPC, errno.EDQUOT)


class Work(Protocol):
    """A picture to be worked on, and the place of its result, wherever the two may be: all that `do` needs of them."""

    @property
    def source(self) -> Named:
        """What messages and the record call the picture."""

    @property
    def target(self) -> Named:
        """What they call the result; its suffix may say the format."""

    @property
    def prompts(self) -> PicturePrompts:
        """The picture's own prompts, which take the place of those in the options."""

    def stamp(self) -> Stamp | None:
        """Return the stamp that the picture's file has now, or None where there is none."""

    def load(self, max_megapixels: float) -> File:
        """Return the picture's whole file; raises `ImageError` as `reader.load` does."""

    def write(self, data: bytes, saving: OutputOptions, *, transparent: bool) -> None:
        """Write the result, whole or not at all; raises an `Error` or an `OSError` where that fails."""

    def written(self) -> int | None:
        """Return the length of whatever is in the result's place now, in bytes."""


@dataclass(frozen=True)
class Job:
    """A picture's file, and the file that its cutout is written to; missing folders are made."""

    source: Path
    target: Path
    prompts: PicturePrompts = NO_PROMPTS

    def stamp(self) -> Stamp | None:
        """See `Work`."""
        return stamp_of(self.source)

    def load(self, max_megapixels: float) -> File:
        """See `Work`."""
        if is_there(self.source) and not (is_file(self.source) or is_folder(self.source)):  # a pipe would be waited for
            raise ImageError(f"{self.source}: neither a file nor a folder; name a file")
        return load(self.source, max_megapixels=max_megapixels)

    def write(self, data: bytes, saving: OutputOptions, *, transparent: bool) -> None:
        """See `Work`."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        check_target(self.target, saving, source=self.source, transparent=transparent)
        write_whole(self.target, data)

    def written(self) -> int | None:
        """See `Work`."""
        stamp = stamp_of(self.target)
        return None if stamp is None else stamp[0]


def do(job: Work, remover: Remover, model: str, options: Options, saving: OutputOptions) -> Record:
    """Cut out one picture and write the result, whole or not at all.

    It raises nothing: the record says what happened. `model` is what the record calls the remover's.
    """
    start = perf_counter()
    stamp = job.stamp()
    width = height = confidence = fault = None
    unsure = False
    stage = "image"
    try:
        options = replace(options, **job.prompts.given())
        made = make(remover, _whole_file(job, stamp, options), job.target, options, saving)
        confidence = round(made.confidence, 4)
        if made.empty and not options.allow_empty:
            name = str(job.source)
            raise no_subject(confidence, options, name=name, allow="--allow-empty")  # noqa: TRY301 - handled below
        stage = "write"
        job.write(made.data, saving, transparent=options.transparent)
        (height, width), unsure = made.size, made.unsure
    except Exception as error:  # whatever it is, the other pictures are not to suffer for it
        fault = error
    words = None if fault is None else _message(fault, job)
    return Record(
        source=str(job.source),
        target=str(job.target),
        status="done" if fault is None else "empty" if isinstance(fault, NoSubject) else "failed",
        model=model,
        seconds=round(perf_counter() - start, 3),
        width=width,
        height=height,
        confidence=confidence,
        unsure=unsure,
        code=None if fault is None else code_of(fault, stage),
        error=words,
        hint=None if words is None else hint_of(words),
        source_bytes=None if stamp is None else stamp[0],
        source_changed_ns=None if stamp is None else stamp[1],
        target_bytes=job.written(),
    )


class _Changed(ImageError):
    """A file is not what it was when work on it began."""


def _whole_file(job: Work, stamp: Stamp | None, options: Options) -> File:
    """Return the picture's file, unchanged since the `stamp`: the record says that this is what was cut out."""
    try:
        file = job.load(options.max_megapixels)
    except ImageError as error:
        if job.stamp() == stamp:
            raise
        raise _changed(job.source) from error
    if job.stamp() != stamp:
        raise _changed(job.source)
    return file


def _changed(source: Named) -> _Changed:
    return _Changed(f"{source}: changed while it was read; once it is whole, run again with --resume")


def code_of(error: Exception, stage: str) -> str:
    """Return the one of `CODES` for an error; `stage` is that of errors that say only that a file is at fault."""
    kinds: dict[type[Exception], str] = {
        _Changed: "changed",
        NoSubject: "no-subject",
        OptionError: "option",
        ModelError: "model",
        MemoryError: "memory",
    }
    cause = error.__cause__ if isinstance(error, ImageError) else error
    if isinstance(cause, OSError) and cause.errno in _FULL:
        return "disk-full"
    other = stage if isinstance(error, ImageError | OSError) else "unexpected"
    return next((code for kind, code in kinds.items() if isinstance(error, kind)), other)


def _message(error: Exception, job: Work) -> str:
    if isinstance(error, Error):
        words, named = one_line(error), (f"{job.source}: ", f"{job.target}: ")
        return f"{job.source}: {words}" if isinstance(error, OptionError) and not words.startswith(named) else words
    if isinstance(error, OSError):
        return f"{error.filename or job.target}: {error.strerror}; check its name and permissions"
    if isinstance(error, MemoryError):
        return f"{job.source}: not enough memory for this picture; shrink it, or work on fewer at once by --jobs"
    return f"{job.source}: {type(error).__name__} ({one_line(error)}); report this together with the picture"
