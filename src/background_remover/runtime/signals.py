"""Ctrl-C and SIGTERM as a wish to end soon: the first is heeded, the second ends the process at once."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def noted_interrupt() -> Iterator[Event]:
    """An event that the first Ctrl-C or SIGTERM sets, for as long as the block runs. For the main thread alone."""
    noted = Event()
    with heeded(_SIGNALS, noted.set):
        yield noted


@contextmanager
def heeded(signals: Sequence[signal.Signals], act: Callable[[], object]) -> Iterator[None]:
    """Calls `act` at the first of these signals, for as long as the block runs. For the main thread alone."""

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        act()
        for each in signals:
            signal.signal(each, signal.SIG_DFL)

    before = [signal.signal(each, note) for each in signals]
    try:
        yield
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)
