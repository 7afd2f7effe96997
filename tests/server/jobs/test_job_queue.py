import asyncio
import threading
from dataclasses import dataclass, field

import pytest

from background_remover.errors import NoSubject
from background_remover.options import Options
from background_remover.runtime import cancellation
from background_remover.server.errors import RequestError
from background_remover.server.jobs import job_queue
from background_remover.server.jobs.job import Job
from background_remover.server.jobs.job_queue import JobQueue
from background_remover.server.jobs.work import SOURCE, VideoResult, VideoTask
from background_remover.server.settings import ServerSettings
from background_remover.video.settings import VideoOptions
from tests.waiting import until


@dataclass
class Converter:
    """In place of the process: a task ends once it may, or is cancelled."""

    may_end: threading.Event = field(default_factory=threading.Event)
    begun: list[VideoTask] = field(default_factory=list)
    error: Exception | None = None

    def call(self, task: VideoTask) -> VideoResult:
        self.begun.append(task)
        while not self.may_end.wait(0.01):
            cancellation.check()
        if self.error is not None:
            raise self.error
        task.result_file.write_bytes(b"result")
        return VideoResult(3, 0, 0, 0.9, ())

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def add(queue: JobQueue) -> Job:
    with queue.arriving() as folder:
        (folder / SOURCE).write_bytes(b"source")
        job = Job(VideoTask(folder, ".webm", Options(), VideoOptions(), 10, 1000), 3, "a.webm")
    queue.add(job)
    return job


def with_queue(check, *, ended=lambda _: None, **settings: float) -> None:
    """Run `check(queue, converter)` with an open queue, and close it."""

    async def run() -> None:
        queue = JobQueue(ServerSettings(video=True, **settings), ended)
        converter = queue._converting = Converter()
        queue.open()
        try:
            await check(queue, converter)
        finally:
            await queue.close()

    asyncio.run(run())


def test_one_is_worked_on_and_so_many_wait_and_all_end_with_the_service(tmp_path):
    async def check(queue, converter):
        jobs = [add(queue) for _ in range(3)]
        await until(lambda: converter.begun)
        assert [job.state for job in jobs] == ["running", "waiting", "waiting"]
        assert (queue.working, queue.waiting) == (1, 2)
        assert [queue.ahead_of(job) for job in jobs] == [0, 1, 2]
        with pytest.raises(RequestError) as caught, queue.arriving():
            pass
        assert (caught.value.code, caught.value.retry_after) == ("busy", 10)
        assert len({job.id for job in jobs}) == 3
        assert min(len(job.id) for job in jobs) >= 20

    with_queue(check, video_queue=2)
    assert not list(tmp_path.iterdir())


def test_a_result_is_kept_alone_and_for_a_while(tmp_path, monkeypatch):
    ended: list[str] = []

    async def check(queue, converter):
        job = add(queue)
        await until(lambda: converter.begun)
        converter.may_end.set()
        await until(lambda: job.state in ("done", "failed"))
        assert [path.name for path in job.task.folder.iterdir()] == ["cutout.webm"]
        assert (job.progress(), job.state, ended) == ((3, 0.0), "done", ["done"])
        await until(lambda: not job.task.folder.exists())
        with pytest.raises(RequestError, match="isn't kept any longer"):
            queue.get(job.id)

    with_queue(check, ended=lambda job: ended.append(job.state), video_keep=0.2)


def test_so_many_results_are_kept(monkeypatch):
    monkeypatch.setattr(job_queue, "MOST_KEPT", 2)
    monkeypatch.setattr(job_queue, "STALE", 0.5)

    async def check(queue, converter):
        converter.may_end.set()
        jobs = []
        for _ in range(4):
            jobs.append(add(queue))
            await until(lambda: jobs[-1].state == "done")
        await until(lambda: not any(job.task.folder.exists() for job in jobs[:2]))
        assert all(job.task.folder.exists() for job in jobs[2:])
        assert queue.get(jobs[3].id) is jobs[3]

    with_queue(check)


def test_a_job_is_cancelled_while_it_waits_and_while_it_is_worked_on():
    ended: list[Job] = []

    async def check(queue, converter):
        first, second, third = (add(queue) for _ in range(3))
        await until(lambda: converter.begun)
        await queue.remove(second)
        assert not second.task.folder.exists()
        await queue.remove(first)
        await until(lambda: not first.task.folder.exists())
        converter.may_end.set()
        await until(lambda: third.state == "done")
        assert [task.folder for task in converter.begun] == [first.task.folder, third.task.folder]
        assert ended == [third]

    with_queue(check, ended=ended.append)


def test_a_job_that_fails_says_why_and_keeps_nothing():
    async def check(queue, converter):
        converter.error = NoSubject("there is none")
        converter.may_end.set()
        job = add(queue)
        await until(lambda: job.state in ("done", "failed"))
        assert (job.state, job.error.code, job.error.message) == ("failed", "no_subject", "there is none")
        assert not list(job.task.folder.iterdir())

    with_queue(check)


def test_what_arrives_and_is_refused_gives_its_place_back(tmp_path):
    async def check(queue, _):
        for _ in range(3):
            with pytest.raises(IsADirectoryError), queue.arriving() as folder:
                folder.write_bytes(b"source")
        assert not list(tmp_path.glob("*/*"))

    with_queue(check, video_queue=0)
