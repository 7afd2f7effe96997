"""`Memory`: a limit on the memory of all pictures in progress."""

import contextlib
from collections.abc import Iterator
from threading import Condition

from background_remover.runtime import cancellation

_TICK = 0.2  # seconds between two checks for cancellation


class Memory:
    """A number of bytes for all pictures in progress; threads may share it."""

    def __init__(self, most: int) -> None:
        self.held: int = 0
        self._most = most
        self._changed = Condition()

    @contextlib.contextmanager
    def reserve(self, need: int) -> Iterator[None]:
        """Reserve the bytes that a picture needs; wait until they are free or no other picture is in progress.

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
