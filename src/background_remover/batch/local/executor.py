"""`work_locally`: the executor of this machine, threads that share one network, or processes with one each."""

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from background_remover.batch.clips.work import do_clip
from background_remover.batch.engine import Records
from background_remover.batch.job import Job, do
from background_remover.batch.local.process_pool import ProcessPool
from background_remover.batch.local.thread_pool import BYTES, run_in_threads
from background_remover.batch.record import Record
from background_remover.batch.settings import BatchSettings
from background_remover.errors import ImageError
from background_remover.imaging.formats import WRITABLE
from background_remover.imaging.paths import is_file
from background_remover.pipeline.memory_estimate import memory
from background_remover.remover import Remover
from background_remover.runtime.parallel import cores
from background_remover.video.removal import open_remover

WORTH = 50  # pictures for each process from which on it is worth its start, which takes as long as some of them


@contextmanager
def work_locally(settings: BatchSettings, count: int) -> Iterator[Records[Job]]:
    """Return an `engine.Executor`: threads, and where there are many pictures each with a process."""
    threads = settings.jobs or cores()
    with ExitStack() as stack:
        pictures, need = _work(settings, threads, count, stack), partial(_need, settings)
        yield lambda jobs, ended, say: run_in_threads(
            jobs, _with_clips(settings, pictures, ended, say), need, threads=threads, ended=ended
        )


def _work(settings: BatchSettings, threads: int, count: int, stack: ExitStack) -> Callable[[Job], Record]:
    """Return what works on a picture: this process, or where there are many, one of several that end with the stack."""
    choices = settings.model, settings.options, settings.saving
    each = max(1, cores() // threads)
    frozen = getattr(sys, "frozen", False)  # then there is no Python for another process, but this program itself
    if threads > 1 and count >= WORTH * threads and not frozen:
        return stack.enter_context(closing(ProcessPool(threads, *choices, threads=each, device=settings.device))).do
    remover = Remover(settings.model, threads=each, device=settings.device)
    return partial(do, remover=remover, model=settings.model, options=settings.options, saving=settings.saving)


def _with_clips(
    settings: BatchSettings,
    pictures: Callable[[Job], Record],
    ended: Callable[[], bool],
    say: Callable[[str], None],
) -> Callable[[Job], Record | None]:
    """Return what works on a picture as given, and on a video by all cores of this process."""

    @functools.cache
    def remover() -> Remover:
        return open_remover(settings.model, device=settings.device)

    def work(job: Job) -> Record | None:
        if not settings.is_clip(job.source):
            return pictures(job)
        return do_clip(job, remover, settings.model, settings.options, settings.clips, ended, say)

    return work


def _need(settings: BatchSettings, job: Job) -> int:
    """Return the bytes that a picture takes at most; 0 of what isn't one, as whoever works on it will say.

    A video is worked on with nothing beside it, for it takes all cores.
    """
    if settings.is_clip(job.source):
        return BYTES + 1
    kind = WRITABLE.get(job.target.suffix.lower())
    with contextlib.suppress(ImageError):
        return memory(job.source, settings.options, kind) if is_file(job.source) else 0
    return 0
