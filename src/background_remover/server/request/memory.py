"""`Memory`: a bound on the bytes of memory that the pictures at work take."""

import contextlib
from collections.abc import Iterator
from threading import Condition

from background_remover.runtime import cancellation

_TICK = 0.2  # seconds after which one that waits checks whether it was cancelled


class Memory:
    """So many bytes for all pictures at work; threads may share it."""

    def __init__(self, most: int) -> None:
        self.held: int = 0
        self._most = most
        self._changed = Condition()

    @contextlib.contextmanager
    def lent(self, need: int) -> Iterator[None]:
        """Hold the bytes that the work on a picture takes, once they are free or no other work is in progress.

        Raises `Cancelled` where the work of this thread is cancelled meanwhile.
        """
        with self._changed:
            while need and self.held and self.held + need > self._most:
                cancellation.check()
                self._changed.wait(_TICK)
            self.held += need
        try:
            yield
        finally:
            with self._changed:
                self.held -= need
                self._changed.notify_all()
