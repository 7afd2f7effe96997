"""`Job`: a video that is worked on once its request has been answered."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Literal, TypeAlias

from background_remover.server.errors import RequestError
from background_remover.server.jobs.work import Made, Order, progress

State: TypeAlias = Literal["waiting", "running", "done", "failed"]


@dataclass(eq=False)
class Job:
    """A job: its order, the number of its `frames`, and what has become of it; `name` is that of the result's file."""

    order: Order
    frames: int
    name: str
    state: State = "waiting"
    made: Made | None = None
    error: RequestError | None = None
    ended: float | None = None  # when, by `monotonic`
    over: Event = field(default_factory=Event)  # set to cancel it

    @property
    def id(self) -> str:
        """What its address ends in, which nobody can guess."""
        return self.order.folder.name

    def progress(self) -> tuple[int, float]:
        """Return how many frames are done, and how many are a second, 0 where that isn't known."""
        if self.made is not None:
            return self.made.frames, 0.0
        return progress(self.order.folder) if self.state == "running" else (0, 0.0)

    def end(self, result: Made | RequestError) -> None:
        """Note what has become of it, and keep nothing but the result on the disk."""
        is_done = isinstance(result, Made)
        _remove_all_but(self.order.folder, self.order.result if is_done else None)
        if isinstance(result, Made):
            self.made = result
        else:
            self.error = result
        self.ended = monotonic()
        self.state = "done" if is_done else "failed"  # last, for others read it meanwhile


def _remove_all_but(folder: Path, kept: Path | None) -> None:
    """Remove what is in a folder, but for one file."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path != kept:
            path.unlink(missing_ok=True)
