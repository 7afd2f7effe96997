import threading

import numpy as np
import pytest

from background_remover.cancellation import cancelled_by
from background_remover.errors import Cancelled
from background_remover.image import memory
from background_remover.server.memory import Memory
from conftest import png

PICTURE = png(np.zeros((30, 40, 3), np.uint8))


@pytest.mark.parametrize("room", [0.1, 1, 2, 3.5])
def test_pictures_at_work_take_no_more_than_there_is_or_are_alone(room):
    lender = Memory(int(room * memory(PICTURE)))
    most, lock = [], threading.Lock()

    def work() -> None:
        with lender.lent(PICTURE), lock:
            most.append(lender.held / memory(PICTURE))

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
    with lender.lent(PICTURE):
        over.set()
        with cancelled_by(over), pytest.raises(Cancelled), lender.lent(PICTURE):
            pytest.fail("there was no room")
    assert lender.held == 0


def test_what_is_no_picture_takes_nothing_and_is_left_to_its_reader():
    lender = Memory(1)
    with lender.lent(PICTURE), lender.lent(b"no picture"):
        assert lender.held == memory(PICTURE)
    with pytest.raises(ZeroDivisionError), lender.lent(PICTURE):
        _ = 1 / 0
    assert lender.held == 0
