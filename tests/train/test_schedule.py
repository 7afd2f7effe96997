import math
from dataclasses import replace

import numpy as np
import pytest

from background_remover.train.schedule import Schedule, learning_rate


def test_the_learning_rate_warms_up_and_follows_half_a_cosine(small):
    run = replace(small, learning_rate=0.5, warmup=1 / 11)
    rates = [learning_rate(run, samples / 1100) for samples in range(1101)]
    assert 0 < rates[0] < 0.01
    assert rates[0] == rates[1] == 0.005  # a first step that learns nothing would be wasted
    assert np.argmax(rates) == 100
    assert rates[100] == 0.5
    assert rates[100 + 250] == pytest.approx(0.5 * (0.01 + 0.99 * (2 + math.sqrt(2)) / 4))
    assert rates[100 + 500] == pytest.approx(0.5 * (0.01 + 0.99 / 2))
    assert rates[-1] == pytest.approx(0.005)
    assert (np.diff(rates[1:101]) > 0).all()
    assert (np.diff(rates[100:]) < 0).all()


def test_progress_by_samples_ignores_the_clock(small):
    schedule = Schedule(replace(small, samples=40), clock=lambda: 1e6, begun=0.0)
    assert [schedule.progress(samples) for samples in (0, 10, 40, 44)] == [0, 0.25, 1, 1]


def test_progress_by_minutes_counts_what_was_spent_before(small):
    schedule = Schedule(replace(small, minutes=2), spent=30.0, begun=100.0, clock=lambda: 115.0)
    assert schedule.seconds == 45
    assert schedule.progress(0) == 45 / 120
    schedule.reserve = 30.0
    assert schedule.progress(0) == 0.5
    schedule.reserve = 1000.0  # half of the time is for training, whatever comes after it
    assert schedule.progress(0) == 0.75
