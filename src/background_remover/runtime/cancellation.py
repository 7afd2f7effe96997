"""Cancelling the work on a picture from another thread: an event that its steps and tiles look at."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from threading import Event

from background_remover.errors import Cancelled

_event: ContextVar[Event | None] = ContextVar("cancelled", default=None)


@contextlib.contextmanager
def cancelled_by(event: Event) -> Iterator[None]:
    """Lets an event cancel what this thread does in the block, as do the threads that `parallel.spread` starts."""
    token = _event.set(event)
    try:
        yield
    finally:
        _event.reset(token)


def event() -> Event | None:
    """What cancels the work of this thread; for those that it hands parts of it to."""
    return _event.get()


def check(event: Event | None = None) -> None:
    """Raises `Cancelled` where the event, by default that of this thread, is set."""
    event = event or _event.get()
    if event is not None and event.is_set():
        raise Cancelled("cancelled before it was done; nobody waits for it any longer")
