from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from background_remover.runtime.dynamic_batching import DynamicBatcher, Feeds

LONG = 60.0  # seconds that no test waits: a batch is full before


class Doubling:
    """A network that doubles its first input and adds the second, and notes what it was given."""

    def __init__(self, most: float = np.inf) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.most = most

    def __call__(self, feeds: Feeds) -> np.ndarray:
        self.shapes.append(feeds["a"].shape)
        if feeds["a"].max() > self.most:
            raise ValueError("too large")
        return 2 * feeds["a"] + feeds["b"]


def feeds(value: int, shape: tuple[int, ...] = (1, 3)) -> Feeds:
    return {"a": np.full(shape, value), "b": np.full(shape, 100 * value)}


def answers(batcher: DynamicBatcher, given: list[Feeds]) -> list[np.ndarray]:
    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(batcher.run, given))


def test_inputs_of_one_shape_go_through_together_and_each_gets_its_own_answer():
    network = Doubling()
    found = answers(DynamicBatcher(network, 4, wait=LONG), [feeds(value) for value in range(8)])
    assert network.shapes == [(4, 3), (4, 3)]
    for value, answer in enumerate(found):
        np.testing.assert_array_equal(answer, np.full((1, 3), 102 * value))


def test_a_batch_that_is_not_full_in_time_is_filled_up():
    network = Doubling()
    (answer,) = answers(DynamicBatcher(network, 4, wait=0), [feeds(7)])
    assert network.shapes == [(4, 3)]
    np.testing.assert_array_equal(answer, np.full((1, 3), 714))


def test_inputs_of_two_shapes_are_never_in_one_batch():
    network = Doubling()
    given = [feeds(value, (1, 3) if value % 2 else (1, 5)) for value in range(4)]
    found = answers(DynamicBatcher(network, 2, wait=LONG), given)
    assert sorted(network.shapes) == [(2, 3), (2, 5)]
    assert [answer.shape for answer in found] == [(1, 5), (1, 3)] * 2


def test_one_that_the_network_fails_at_fails_alone():
    network = Doubling(most=2)
    batcher = DynamicBatcher(network, 4, wait=LONG)
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(batcher.run, feeds(value)) for value in range(4)]
    with pytest.raises(ValueError, match="too large"):
        futures[3].result()
    for value, future in enumerate(futures[:3]):
        np.testing.assert_array_equal(future.result(), np.full((1, 3), 102 * value))
    assert sorted(network.shapes) == [(1, 3)] * 4 + [(4, 3)]
