from pathlib import Path
from threading import Barrier, Event, Lock

import pytest
from PIL import Image as PillowImage

from background_remover.batch.job import Job
from background_remover.batch.local import thread_pool
from background_remover.batch.local.thread_pool import run_in_threads
from background_remover.batch.record import Record
from background_remover.errors import ImageError
from background_remover.imaging.reader import memory


def record(job: Job) -> Record:
    return Record(str(job.source), str(job.target), "done", "bright", 0.0)


def jobs(count: int) -> list[Job]:
    return [Job(Path(f"{number}.jpg"), Path(f"{number}.png")) for number in range(count)]


def memory_of(job: Job) -> int:
    return memory(job.source) if job.source.exists() else 0


def never() -> bool:
    return False


def names(records: list[Record | None]) -> list[str]:
    return sorted(record.source for record in records if record is not None)


class Counted:
    """Work that notes how many were at it at once."""

    def __init__(self) -> None:
        self.most = self.now = 0
        self._lock = Lock()

    def __call__(self, job: Job) -> Record:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        Event().wait(0.005)
        with self._lock:
            self.now -= 1
        return record(job)


@pytest.mark.parametrize("threads", [1, 3])
def test_every_job_gives_a_record(threads):
    work = Counted()
    given = list(run_in_threads(jobs(40), work, memory_of, threads=threads, ended=never))
    assert names(given) == sorted(str(job.source) for job in jobs(40))
    assert work.most <= threads


def test_several_are_at_work_at_once():
    meeting = Barrier(3, timeout=60)  # which nobody passes alone

    def work(job: Job) -> Record:
        meeting.wait()
        return record(job)

    assert len(names(list(run_in_threads(jobs(6), work, memory_of, threads=3, ended=never)))) == 6


def test_no_more_is_taken_than_one_that_waits():
    taken = []

    def stream():
        for job in jobs(10):
            taken.append(job)
            yield job

    def work(job: Job) -> Record:
        free.wait(60)
        return record(job)

    free = Event()
    given = run_in_threads(stream(), work, memory_of, threads=2, ended=never)
    assert next(given) is None  # a moment has gone by, and nothing is done
    assert len(taken) <= 4  # two at work, one that waits, and one in the hand
    free.set()
    assert len(names(list(given))) == 10


@pytest.mark.parametrize("limit", [0.05, 0.1, 0.2])
def test_pictures_at_work_are_bounded_by_their_size(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(thread_pool, "BYTES", limit * 1e6 * 16)
    PillowImage.new("L", (250, 200)).save(tmp_path / "picture.png")  # 0.05 megapixels
    work = Counted()
    given = run_in_threads(
        [Job(tmp_path / "picture.png", tmp_path / "o.png")] * 12, work, memory_of, threads=8, ended=never
    )
    assert len(names(list(given))) == 12
    assert work.most <= limit / 0.05


def test_a_picture_beyond_the_bound_is_done_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(thread_pool, "BYTES", 0.01e6 * 16)
    PillowImage.new("L", (250, 200)).save(tmp_path / "picture.png")
    work = Counted()
    given = run_in_threads(
        [Job(tmp_path / "picture.png", tmp_path / "o.png")] * 3, work, memory_of, threads=2, ended=never
    )
    assert len(names(list(given))) == 3
    assert work.most == 1


def test_after_a_stop_nothing_is_begun_and_what_is_in_hand_is_finished():
    stop, begun = Event(), []

    def work(job: Job) -> Record:
        begun.append(str(job.source))
        stop.set()
        return record(job)

    given = list(run_in_threads(jobs(50), work, memory_of, threads=2, ended=stop.is_set))
    assert names(given) == sorted(begun)
    assert 1 <= len(begun) <= 4


def test_jobs_that_are_not_there_yet_let_records_through():
    arrived = Event()

    def work(job: Job) -> Record:
        arrived.set()
        return record(job)

    def stream():
        yield jobs(1)[0]
        arrived.wait(60)
        while not given:
            yield None

    given: list[Record | None] = []
    for one in run_in_threads(stream(), work, memory_of, threads=1, ended=never):
        given += [one] if one is not None else []
    assert names(given) == ["0.jpg"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
def test_a_header_tells_what_a_picture_takes(tmp_path, kind):
    PillowImage.new("RGB", (31, 20)).save(tmp_path / "picture", kind)
    assert memory(tmp_path / "picture") == 20 * 31 * 16


@pytest.mark.parametrize("data", [b"", b"this is no picture but a line of text"])
def test_what_has_no_header_takes_nothing_yet(tmp_path, data):
    (tmp_path / "picture").write_bytes(data)
    with pytest.raises(ImageError, match="picture: "):
        memory(tmp_path / "picture")
    with pytest.raises(ImageError, match="none: "):
        memory(tmp_path / "none")
