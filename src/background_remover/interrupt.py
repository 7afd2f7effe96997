"""Ctrl-C and SIGTERM as a wish to end soon: the first is noted, the second ends the process at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def noted_interrupt() -> Iterator[Event]:
    """An event that the first Ctrl-C or SIGTERM sets, for as long as the block runs. For the main thread alone."""
    noted = Event()

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        noted.set()
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)

    before = [signal.signal(each, note) for each in _SIGNALS]
    try:
        yield noted
    finally:
        for each, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(each, handler)
