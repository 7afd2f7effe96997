"""`Removal`: the result of one picture of many, and working on several at once, as `remove_batch` does."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from os import PathLike

import numpy as np
from PIL import Image as PillowImage

from background_remover.errors import Error, ImageError, OptionError
from background_remover.imaging.file import File
from background_remover.imaging.picture import Picture
from background_remover.parameters.values import as_whole, shown
from background_remover.pipeline.cut import Cut
from background_remover.pipeline.source import Source
from background_remover.runtime.parallel import at_most, cores

_ONE = (str, bytes, bytearray, memoryview, PathLike, PillowImage.Image, File, Picture)


@dataclass(frozen=True, eq=False)
class Removal:
    """The result of one picture of many: its `cut` or `cuts`, or the `error` that ended it."""

    source: Source
    error: Error | None
    _cuts: tuple[Cut, ...]

    @property
    def cut(self) -> Cut:
        """The picture's cut, of several that of the largest subject; raises `error` where that is not None."""
        return self.cuts[0]

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """The cut of each subject, the largest first, or the picture's only cut; raises `error` as `cut` does."""
        if not self._cuts:
            raise self.error or AssertionError("one of the two is always there")
        return self._cuts


def jobs_of(jobs: int | None) -> int:
    """Return how many pictures are at work at once, by default one for each core; raises `OptionError` below 1."""
    return cores() if jobs is None else _at_least_one("jobs", jobs)


def batch_size_of(size: int | None) -> int | None:
    """Return how many pictures go through the network at once, or None; raises `OptionError` below 1."""
    return None if size is None else _at_least_one("batch_size", size)


def _at_least_one(name: str, value: int) -> int:
    number = as_whole(name, value)
    if number < 1:
        raise OptionError(f"{name} is {shown(number)}; give 1 or more")
    return number


def in_order(
    work: Callable[[Source], tuple[Cut, ...]], sources: Iterable[Source], jobs: int | None
) -> Iterator[Removal]:
    """Yield the cuts that `work` makes of each source, in order, as many at a time as `jobs_of` says.

    Sources are read as they are needed: no more than `jobs` cutouts wait to be taken. A source of a wrong type fails
    alone, and so does one that memory isn't enough for; an error of `sources` itself ends the iterator. Raises
    `OptionError` at `jobs` below 1, and `TypeError` where one picture is given in place of many.
    """
    number = jobs_of(jobs)
    if isinstance(sources, _ONE) or (isinstance(sources, np.ndarray) and sources.ndim != 4):
        raise TypeError(f"many pictures are a list or an iterator of them, not {type(sources).__name__}")
    threads = max(1, cores() // number)

    def removal(source: Source) -> Removal:
        try:
            with at_most(threads):
                return Removal(source, None, work(source))
        except Error as error:
            return Removal(source, error, ())
        except MemoryError as error:
            return Removal(source, _out_of_memory(source, error), ())

    return _ordered(removal, sources, number)


def _out_of_memory(source: Source, cause: MemoryError) -> ImageError:
    name = os.fspath(source) if isinstance(source, str | PathLike) else "the given picture"
    error = ImageError(f"{name!s}: not enough memory for this picture; shrink it, or work on fewer at once by jobs")
    error.__cause__ = cause
    return error


def _ordered(work: Callable[[Source], Removal], sources: Iterable[Source], number: int) -> Iterator[Removal]:
    pending: deque[Future[Removal]] = deque()
    pool = ThreadPoolExecutor(number)
    try:
        for source in sources:
            pending.append(pool.submit(work, source))
            if len(pending) > number:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
