"""Ctrl-C as a wish to end soon: the first is noted, the second ends the process at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def noted_interrupt() -> Iterator[Event]:
    """An event that the first Ctrl-C sets, for as long as the block runs. For the main thread alone."""
    noted = Event()

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        noted.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)
