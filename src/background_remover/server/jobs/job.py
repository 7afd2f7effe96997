"""`Job`: a video that is worked on once its request has been answered."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Literal, TypeAlias

from background_remover.server.errors import RequestError
from background_remover.server.jobs.work import VideoResult, VideoTask, progress

State: TypeAlias = Literal["waiting", "running", "done", "failed"]


@dataclass(eq=False)
class Job:
    """A job: its task, the number of `frames` to convert, state and result; `name` is the result's file name."""

    task: VideoTask
    frames: int
    name: str
    state: State = "waiting"
    result: VideoResult | None = None
    error: RequestError | None = None
    ended: float | None = None  # the time by `monotonic`
    cancelled: Event = field(default_factory=Event)

    @property
    def id(self) -> str:
        """The last part of its address, which can't be guessed."""
        return self.task.folder.name

    def progress(self) -> tuple[int, float]:
        """Return the number of frames that are done, and of frames a second, 0 where that isn't known."""
        if self.result is not None:
            return self.result.frames, 0.0
        return progress(self.task.folder) if self.state == "running" else (0, 0.0)

    def end(self, result: VideoResult | RequestError) -> None:
        """Store the result or the error, and delete all of its files but the result."""
        is_done = isinstance(result, VideoResult)
        _remove_all_but(self.task.folder, self.task.result_file if is_done else None)
        if isinstance(result, VideoResult):
            self.result = result
        else:
            self.error = result
        self.ended = monotonic()
        self.state = "done" if is_done else "failed"  # last, because other threads read it


def _remove_all_but(folder: Path, kept: Path | None) -> None:
    """Remove what is in a folder, but for one file."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path != kept:
            path.unlink(missing_ok=True)
