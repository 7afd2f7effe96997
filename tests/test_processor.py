import os
import sys

import pytest

from background_remover import processor
from background_remover.processor import cores


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
    monkeypatch.delattr(processor.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(processor.os, "cpu_count", lambda: 7)
    assert cores() == 7
    monkeypatch.setattr(processor.os, "cpu_count", lambda: None)
    assert cores() == 1
