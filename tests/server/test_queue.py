import asyncio
import threading
import time

import pytest

from background_remover.runtime import cancellation
from background_remover.server import queue as gates
from background_remover.server.errors import RequestError
from background_remover.server.queue import ClientGone, WorkQueue
from tests.waiting import until


async def never() -> None:
    await asyncio.Event().wait()


async def at_once() -> None:
    pass


def test_work_is_done_in_another_thread_and_told_how_long_it_waited():
    async def main() -> None:
        gate = WorkQueue(1, 0)
        thread, waited = await gate.run(lambda waited: (threading.get_ident(), waited), never, 60)
        assert thread != threading.get_ident()
        assert waited >= 0
        gate.close()

    asyncio.run(main())


def test_no_more_work_at_once_than_threads_and_no_more_waits_than_may():
    async def main() -> None:
        gate, release, running, most = WorkQueue(2, 3), threading.Event(), [0], [0]
        lock = threading.Lock()

        def work(_: float) -> int:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            release.wait(600)
            with lock:
                running[0] -= 1
            return 1

        tasks = [asyncio.create_task(gate.run(work, never, 60)) for _ in range(5)]
        await until(lambda: (gate.working, gate.waiting, running[0]) == (2, 3, 2))
        with pytest.raises(RequestError) as refused:
            await gate.run(work, never, 60)
        assert (refused.value.code, refused.value.retry_after is not None) == ("busy", True)
        release.set()
        assert await asyncio.gather(*tasks) == [1] * 5
        assert most[0] == 2
        await until(lambda: (gate.working, gate.waiting) == (0, 0))
        gate.close()

    asyncio.run(main())


def test_the_longer_pictures_take_the_later_to_try_again():
    async def main() -> None:
        gate, release = WorkQueue(1, 2), threading.Event()
        await gate.run(lambda _: time.sleep(0.5), never, 60)
        gate._seconds = 0.1  # whatever else the machine did meanwhile
        tasks = [asyncio.create_task(gate.run(lambda _: release.wait(600), never, 60)) for _ in range(3)]
        await until(lambda: (gate.working, gate.waiting) == (1, 2))
        with pytest.raises(RequestError) as quick:
            gate.check()
        gate._seconds = 7.0
        with pytest.raises(RequestError) as slow:
            gate.check()
        gate._seconds = 1e9
        with pytest.raises(RequestError) as endless:
            gate.check()
        assert (quick.value.retry_after, slow.value.retry_after, endless.value.retry_after) == (1, 14, 60)
        release.set()
        await asyncio.gather(*tasks)
        gate.close()

    asyncio.run(main())


def test_who_goes_away_frees_a_place_in_the_queue_and_is_never_worked_for():
    async def main() -> None:
        gate, release, done = WorkQueue(1, 1), threading.Event(), []
        first = asyncio.create_task(gate.run(lambda _: release.wait(600), never, 60))
        await until(lambda: gate.working)
        with pytest.raises(ClientGone):
            await gate.run(lambda _: done.append("for nobody"), at_once, 60)
        await until(lambda: not gate.waiting)
        second = asyncio.create_task(gate.run(lambda _: done.append("second"), never, 60))
        await until(lambda: gate.waiting)
        release.set()
        await asyncio.gather(first, second)
        assert done == ["second"]
        gate.close()

    asyncio.run(main())


def until_cancelled(ended: threading.Event) -> None:
    """Works in small steps for half a minute, and notes that it has ended."""
    try:
        for _ in range(3000):
            cancellation.check()
            time.sleep(0.01)
    finally:
        ended.set()


def test_what_takes_too_long_is_cancelled_and_frees_its_thread():
    async def main() -> None:
        gate, ended = WorkQueue(1, 4), threading.Event()
        with pytest.raises(RequestError) as refused:
            await gate.run(lambda _: until_cancelled(ended), never, 1)
        assert refused.value.code == "timeout"
        assert await gate.run(lambda _: "done", never, 60) == "done"
        assert ended.is_set()
        gate.close()

    asyncio.run(main())


def test_the_work_for_a_client_that_went_away_is_cancelled():
    async def main() -> None:
        gate, begun, ended = WorkQueue(1, 4), asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def work(_: float) -> None:
            loop.call_soon_threadsafe(begun.set)
            until_cancelled(ended)

        with pytest.raises(ClientGone):
            await gate.run(work, begun.wait, 60)
        assert await gate.run(lambda _: "done", never, 60) == "done"
        assert ended.is_set()
        gate.close()

    asyncio.run(main())


def test_what_takes_too_long_is_refused_and_keeps_its_thread_until_it_ends():
    async def main() -> None:
        gate, release = WorkQueue(1, 4), threading.Event()
        with pytest.raises(RequestError) as refused:
            await gate.run(lambda _: release.wait(600), never, 1)
        assert refused.value.code == "timeout"
        assert gate.working == 1
        with pytest.raises(RequestError):  # waits for the thread in vain
            await gate.run(lambda _: None, never, 0.05)
        release.set()
        assert await gate.run(lambda _: "done", never, 60) == "done"
        gate.close()

    asyncio.run(main())


def test_idleness_is_told_once_there_is_no_work_for_a_while(monkeypatch):
    monkeypatch.setattr(gates, "IDLE_SECONDS", 3600)

    async def main() -> None:
        told = []
        gate = WorkQueue(2, 2, lambda: told.append(threading.get_ident()))
        for _ in range(5):
            await gate.run(lambda _: time.sleep(0.03), never, 60)
        assert not told
        monkeypatch.setattr(gates, "IDLE_SECONDS", 0.1)
        await gate.run(lambda _: None, never, 60)
        await until(lambda: told)
        await asyncio.sleep(0.5)  # in which it would be told again
        assert len(told) == 1
        assert threading.get_ident() not in told
        gate.close()

    asyncio.run(main())


def test_errors_of_the_work_come_through_and_free_its_place(caplog):
    def fail(_: float) -> None:
        raise ValueError("no")

    async def main() -> None:
        gate = WorkQueue(1, 0)
        for _ in range(3):
            with pytest.raises(ValueError, match="no"):
                await gate.run(fail, never, 60)
            await asyncio.sleep(0)
        gate.close()

    asyncio.run(main())
    assert not caplog.records


def test_the_event_loop_goes_on_while_threads_work():
    async def main() -> None:
        gate, release = WorkQueue(1, 0), threading.Event()
        work = asyncio.create_task(gate.run(lambda _: release.wait(600), never, 60))
        for _ in range(10):
            await asyncio.sleep(0.01)
            assert not work.done()
        release.set()
        assert await work
        gate.close()

    asyncio.run(main())
