import os
import signal
import threading
from contextlib import closing

import pytest

from background_remover.errors import Cancelled, ImageError, ModelError
from background_remover.runtime import cancellation
from background_remover.runtime.worker_processes import ProcessEnded, WorkerProcesses

FACTORY = f"{__name__}:make_handler"


class Odd(Exception):
    """An error that can't be pickled."""

    def __init__(self, one: int, *, two: int) -> None:
        super().__init__(one)
        self.two = two


def make_handler(argument: str):
    """Return what answers in the processes below."""
    if argument == "broken":
        raise ModelError("the argument is broken")

    def handler(request: str) -> tuple[str, str, int]:
        if request == "image":
            raise ImageError("no picture")
        if request == "odd":
            raise Odd(1, two=2)
        if request == "end":
            os._exit(3)
        while request == "endless":
            cancellation.check()
        return argument, request, os.getpid()

    return handler


@pytest.fixture(scope="module")
def there():
    with closing(WorkerProcesses(FACTORY, "argument", 1)) as started:
        yield started


def test_a_request_is_answered_in_another_process(there):
    first, second = there.call("one"), there.call("two")
    assert (first[:2], second[:2]) == (("argument", "one"), ("argument", "two"))
    assert first[2] == second[2] != os.getpid()


def test_errors_come_back_and_the_process_goes_on(there):
    with pytest.raises(ImageError, match=r"^no picture$"):
        there.call("image")
    with pytest.raises(RuntimeError, match=r"^Odd: 1$"):
        there.call("odd")
    assert there.call("on")[1] == "on"


def test_work_is_cancelled_and_the_next_is_not(there):
    event = threading.Event()
    threading.Timer(0.1, event.set).start()
    with cancellation.cancelled_by(event), pytest.raises(Cancelled):
        there.call("endless")
    assert there.call("next")[1] == "next"


def test_another_takes_the_place_of_one_that_ends(there):
    before = there.call("before")[2]
    with pytest.raises(ProcessEnded, match=r"^exit status 3$"):
        there.call("end")
    assert there.call("after")[2] != before


@pytest.mark.skipif(os.name == "nt", reason="processes end in another way here")
def test_a_wish_to_end_is_for_the_parent(there):
    """Whoever stops a service sends it to all of its processes: the work in hand is finished all the same."""
    os.kill(there.call("one")[2], signal.SIGTERM)
    assert there.call("two")[1] == "two"


def test_an_error_of_the_factory_is_raised():
    with pytest.raises(ModelError, match="the argument is broken"):
        WorkerProcesses(FACTORY, "broken", 1)
