"""Threads for frames: their share of the cores, and how they end."""

import threading
from threading import Event

import pytest

from background_remover.errors import Cancelled
from background_remover.runtime import cancellation
from background_remover.runtime.parallel import at_most, threads
from background_remover.video.frame_pool import WORKERS, FramePool


@pytest.mark.parametrize(("limit", "share"), [(1, 1), (2, 1), (5, 2), (8, 4)])
def test_each_frame_has_its_share_of_the_cores(limit, share):
    with at_most(limit):
        wanted = min(share, max(1, threads() // WORKERS))
        with FramePool() as pool:
            assert pool.submit(threads).result() == wanted


def test_two_frames_are_worked_on_at_once_and_their_values_and_errors_come_back():
    both = threading.Barrier(2)
    if threads() < WORKERS:
        pytest.skip("one core")
    with FramePool() as pool:
        found = [pool.submit(both.wait, timeout=60) for _ in range(2)]
        assert sorted(one.result() for one in found) == [0, 1]
        with pytest.raises(ZeroDivisionError):
            pool.submit(divmod, 1, 0).result()


def test_work_is_cancelled_with_the_thread_that_asks_for_it():
    event = Event()
    event.set()
    with cancellation.cancelled_by(event), FramePool() as pool, pytest.raises(Cancelled):
        pool.submit(cancellation.check).result()
