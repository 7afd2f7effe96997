"""Cancelling the work on a picture from another thread: its steps and tiles check an event."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from threading import Event

from background_remover.errors import Cancelled

_event: ContextVar[Event | None] = ContextVar("cancelled", default=None)


@contextlib.contextmanager
def cancelled_by(event: Event) -> Iterator[None]:
    """Let an event cancel the work in the block, by this thread and the threads that `parallel_map` starts."""
    token = _event.set(event)
    try:
        yield
    finally:
        _event.reset(token)


def event() -> Event | None:
    """Return the event that cancels the work of this thread, to be passed to its helper threads."""
    return _event.get()


def check(event: Event | None = None) -> None:
    """Raise `Cancelled` where the event, by default that of this thread, is set."""
    event = event or _event.get()
    if event is not None and event.is_set():
        raise Cancelled("cancelled before it was done; nobody waits for it any longer")
