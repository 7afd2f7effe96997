import threading
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from background_remover import Remover
from background_remover.arrays.box_filter import blur
from background_remover.arrays.tiles import in_threads, one_by_one, tiles
from background_remover.compositing import composite
from background_remover.errors import Cancelled, Error
from background_remover.matting import trimap_solver
from background_remover.runtime import cancellation
from background_remover.runtime.cancellation import cancelled_by
from background_remover.runtime.parallel import at_most, parallel_map


def test_only_what_is_done_in_the_block_is_cancelled():
    event = Event()
    with cancelled_by(event):
        cancellation.check()
        event.set()
        with pytest.raises(Cancelled, match="nobody waits"):
            cancellation.check()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(cancellation.check).result()  # another thread's work is another's
    cancellation.check()
    assert issubclass(Cancelled, Error)


@pytest.mark.parametrize("number", [1, 3])
def test_parts_that_are_spread_over_threads_look_before_each(number):
    event, done = Event(), []

    def work(part: int) -> None:
        done.append(part)
        event.set()

    with cancelled_by(event), pytest.raises(Cancelled):
        list(parallel_map(work, range(100), number))
    assert 1 <= len(done) <= number


@pytest.mark.parametrize(("work_on", "number"), [(in_threads, 1), (in_threads, 3), (one_by_one, 1)])
def test_tiles_look_before_each(work_on, number):
    event, done, lock = Event(), [], threading.Lock()

    def work(part: object) -> None:
        with lock:
            done.append(part)
        event.set()

    with at_most(number), cancelled_by(event), pytest.raises(Cancelled):
        work_on(work, tiles((1000, 1000), 10))
    assert 1 <= len(done) <= number


@pytest.mark.parametrize(
    "step",
    [
        lambda photo, remover: remover.alpha(photo),
        lambda photo, remover: remover._network.coarse(photo),
        lambda photo, remover: trimap_solver.solve(photo, np.where(photo[..., 0] > 100, 255, 128).astype(np.uint8)),
        lambda photo, remover: composite.cutout(photo, np.ones(photo.shape[:2], np.float32)),
        lambda photo, remover: composite.over(*[np.full((*photo.shape[:2], 4), 99, np.uint8)] * 2),
        lambda photo, remover: blur(np.ones(photo.shape[:2], np.float32), 3.0),
    ],
    ids=["alpha", "network", "trimap", "cutout", "over", "blur"],
)
def test_the_long_steps_look(step, bright, photo):
    event, remover = Event(), Remover(bright)
    step(photo, remover)
    event.set()
    with cancelled_by(event), pytest.raises(Cancelled):
        step(photo, remover)
