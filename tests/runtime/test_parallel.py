import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from background_remover.runtime import parallel
from background_remover.runtime.parallel import at_most, begun, cores, parallel_map, threads, together


def test_there_is_a_core():
    assert cores() >= 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs a process that can be kept to one core")
def test_cores_that_are_forbidden_do_not_count():
    allowed = os.sched_getaffinity(0)
    assert cores() == len(allowed)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_all_cores_count_where_none_can_be_forbidden(monkeypatch):
    monkeypatch.delattr(parallel.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(parallel.os, "cpu_count", lambda: 7)
    assert cores() == 7
    monkeypatch.setattr(parallel.os, "cpu_count", lambda: None)
    assert cores() == 1


def test_a_thread_may_use_every_core_or_what_it_is_told():
    assert threads() == cores()
    with at_most(3):
        assert threads() == 3
        with at_most(8):
            assert threads() == 3  # nobody inside may take more than outside
        with at_most(1), at_most(None):
            assert threads() == 1
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(threads).result() == cores()  # of this thread alone
        assert threads() == 3
    assert threads() == cores()


def test_work_that_is_spread_comes_back_in_order():
    at_work, both = set(), threading.Barrier(2, timeout=30)

    def work(part: int) -> int:
        at_work.add(threading.get_ident())
        if part < 2:
            both.wait()  # two are at it at once
        return part * part

    assert list(parallel_map(work, range(9), 2)) == [part * part for part in range(9)]
    assert len(at_work) == 2
    with at_most(1):
        assert list(parallel_map(lambda part: threading.get_ident(), range(3))) == 3 * [threading.get_ident()]


@pytest.mark.parametrize("number", [1, 2])
def test_an_error_of_the_work_is_raised(number):
    with pytest.raises(ZeroDivisionError):
        list(parallel_map(lambda part: 1 // part, [1, 0, 1], number))


def test_where_no_thread_can_be_started_memory_is_short(monkeypatch):
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(MemoryError):
        list(parallel_map(str, range(3), 2))
    with pytest.raises(MemoryError):
        together(lambda: None, 2)
    with at_most(2), pytest.raises(MemoryError):
        begun(lambda: None)


def test_work_is_done_by_several_threads_with_this_one_among_them():
    at_work, all_of_them = set(), threading.Barrier(3, timeout=30)

    def work() -> None:
        at_work.add(threading.get_ident())
        all_of_them.wait()

    together(work, 3)
    assert len(at_work) == 3
    assert threading.get_ident() in at_work
    alone = []
    together(lambda: alone.append(threading.get_ident()), 1)
    assert alone == [threading.get_ident()]


@pytest.mark.parametrize("here", [True, False])
def test_an_error_of_any_thread_is_raised(here):
    caller = threading.get_ident()

    def work() -> None:
        if (threading.get_ident() == caller) is here:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together(work, 2)


def test_what_is_begun_is_done_by_another_thread_until_somebody_waits_for_it():
    go_on, caller = threading.Event(), threading.get_ident()

    def work() -> int:
        assert go_on.wait(30)
        return threading.get_ident()

    with at_most(2):
        result = begun(work)
    go_on.set()
    assert result() == result() != caller


def test_what_is_begun_is_done_at_once_where_one_thread_is_allowed():
    with at_most(1):
        result = begun(threading.get_ident)
    assert result() == threading.get_ident()


def test_an_error_of_what_is_begun_is_raised_by_who_waits():
    with at_most(2):
        result = begun(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        result()
