"""Ctrl-C and SIGTERM as a graceful stop: the first sets an event or calls a function, the second ends the process."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupt_event() -> Iterator[Event]:
    """Yield an event that the first Ctrl-C or SIGTERM sets while the block runs. For the main thread alone."""
    noted = Event()
    with on_first_signal(_SIGNALS, noted.set):
        yield noted


@contextmanager
def on_first_signal(signals: Sequence[signal.Signals], act: Callable[[], object]) -> Iterator[None]:
    """Call `act` at the first of these signals while the block runs. For the main thread alone."""

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
