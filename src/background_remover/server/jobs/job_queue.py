"""`JobQueue`: the videos of one service, of which one is worked on at a time."""

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

from background_remover.runtime.cancellation import cancelled_by
from background_remover.server.errors import RequestError, request_error_of
from background_remover.server.jobs import work
from background_remover.server.jobs.folder import STALE, JobFolder
from background_remover.server.jobs.job import Job
from background_remover.server.jobs.process import VideoProcess
from background_remover.server.jobs.work import VideoTask
from background_remover.server.settings import ServerSettings

MOST_KEPT = 32  # results; of more the oldest are removed
_RETRY = 10  # seconds
_ID_BYTES = 16  # random bytes in a job's id


class JobQueue:
    """Takes videos, works on one at a time in a process of its own, and keeps results for a while.

    All its methods but `check` are for one event loop.
    """

    def __init__(self, settings: ServerSettings, ended: Callable[[Job], None]) -> None:
        """`ended` is called in a thread with each job that is done or has failed."""
        self._settings = settings
        self._ended = ended
        self._jobs: dict[str, Job] = {}
        self._arriving = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="video")
        self._checking = VideoProcess(work.CHECKING, None)
        network = (settings.model, settings.device)
        self._converting = VideoProcess(f"{work.__name__}:{work.make_converter.__name__}", network)
        self._folder: JobFolder | None = None
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """The number of videos that wait."""
        return sum(job.state == "waiting" for job in list(self._jobs.values()))

    @property
    def working(self) -> int:
        """The number of videos in progress: 1 or 0."""
        return sum(job.state == "running" for job in list(self._jobs.values()))

    def open(self) -> None:
        """Make the folder that holds their files; raises `Error` where it can't be made."""
        self._folder = JobFolder()
        self._sweeping = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        """Cancel all, and remove their files."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for job in self._jobs.values():
            job.cancelled.set()
        await asyncio.to_thread(self._end)

    def check_place(self) -> None:
        """Raise `RequestError` where no more videos may wait."""
        places = 1 + self._settings.video_queue
        if self._arriving + self.waiting + self.working >= places:
            raise RequestError("busy", "the queue for videos is full; try again", retry_after=_RETRY)

    @contextlib.contextmanager
    def arriving(self) -> Iterator[Path]:
        """Yield a new folder for a video that arrives; it is removed if the block raises.

        Raises `RequestError` where no more videos may wait.
        """
        self.check_place()
        if self._folder is None:
            raise RequestError("starting", "there is no folder for videos yet; try again", retry_after=1)
        self._arriving += 1
        folder = self._folder.new(secrets.token_urlsafe(_ID_BYTES))
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            self._arriving -= 1

    def check(self, task: VideoTask) -> int:
        """Return the number of frames to be converted; raises `Error` and `RequestError`."""
        frames: int = self._checking.call(task)
        return frames

    def add(self, job: Job) -> None:
        """Add a job to the queue."""
        self._jobs[job.id] = job
        self._pool.submit(self._work, job)

    def get(self, name: str) -> Job:
        """Return the job of this id; raises `RequestError` where there is none, or none any more."""
        job = self._jobs.get(name)
        if job is None or self._is_over(job):
            raise RequestError("not_found", "there is no such video, or it isn't kept any longer; send it again")
        return job

    def ahead_of(self, job: Job) -> int:
        """Return the number of jobs before one that waits."""
        before = list(self._jobs.values())
        return sum(other.ended is None for other in before[: before.index(job)])

    async def remove(self, job: Job) -> None:
        """Cancel a job, and remove its files; those of a job in progress are removed once it has ended."""
        self._jobs.pop(job.id, None)
        job.cancelled.set()
        if job.state != "running":
            await asyncio.to_thread(shutil.rmtree, job.task.folder, ignore_errors=True)

    def _is_over(self, job: Job) -> bool:
        return job.ended is not None and monotonic() - job.ended > self._settings.video_keep

    def _work(self, job: Job) -> None:
        if not job.cancelled.is_set():
            job.state = "running"
            try:
                with cancelled_by(job.cancelled):
                    job.end(self._converting.call(job.task))
            except Exception as error:
                job.end(error if isinstance(error, RequestError) else request_error_of(error))
            if not job.cancelled.is_set():
                self._ended(job)
        if job.cancelled.is_set():
            shutil.rmtree(job.task.folder, ignore_errors=True)

    async def _sweep(self) -> None:
        """Remove what has been kept for long enough, and show that this server is alive."""
        while True:
            await asyncio.sleep(min(STALE / 10, self._settings.video_keep))
            if self._folder is not None:
                self._folder.keep()
            ended = [job for job in self._jobs.values() if job.ended is not None]
            too_many = ended[: max(len(ended) - MOST_KEPT, 0)]
            for job in {*too_many, *filter(self._is_over, ended)}:
                await self.remove(job)

    def _end(self) -> None:
        self._pool.shutdown(wait=True)
        self._checking.close()
        self._converting.close()
        if self._folder is not None:
            self._folder.close()
