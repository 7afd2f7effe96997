import threading

import pytest

from background_remover.errors import Cancelled
from background_remover.runtime.cancellation import cancelled_by
from background_remover.server.request.memory import Memory

NEED = 1200


@pytest.mark.parametrize("room", [0.1, 1, 2, 3.5])
def test_pictures_at_work_take_no_more_than_there_is_or_are_alone(room):
    lender = Memory(int(room * NEED))
    most, lock = [], threading.Lock()

    def work() -> None:
        with lender.reserve(NEED), lock:
            most.append(lender.held / NEED)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 12
    assert max(most) <= max(1, room)
    assert lender.held == 0


def test_one_that_waits_and_is_cancelled_gives_up():
    lender, over = Memory(1), threading.Event()
    with lender.reserve(NEED):
        over.set()
        with cancelled_by(over), pytest.raises(Cancelled), lender.reserve(NEED):
            pytest.fail("there was no room")
    assert lender.held == 0


def test_what_needs_nothing_waits_for_nobody_and_an_error_gives_back():
    lender = Memory(1)
    with lender.reserve(NEED), lender.reserve(0):
        assert lender.held == NEED
    with pytest.raises(ZeroDivisionError), lender.reserve(NEED):
        _ = 1 / 0
    assert lender.held == 0
