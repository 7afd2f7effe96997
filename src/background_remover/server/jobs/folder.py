"""`JobFolder`: the temporary folder that holds the files of all jobs; those of servers that were killed are removed."""

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from background_remover.errors import Error

PREFIX = "background-remover-videos-"
STALE = 600.0  # seconds without a sign of life, after which a folder is taken for that of a server that was killed


class JobFolder:
    """A temporary folder, for this user alone; its time stamp is the sign that its server is alive."""

    path: Path

    def __init__(self) -> None:
        """Make it, and remove stale ones; raises `Error` where none can be made."""
        _remove_stale(Path(tempfile.gettempdir()))
        try:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        except OSError as error:
            hint = "name a folder that can be by the environment's TMPDIR"
            raise Error(f"{tempfile.gettempdir()}: can't be written to ({error.strerror}); {hint}") from error

    def keep(self) -> None:
        """Give the sign of life, which is due every `STALE` / 10 seconds."""
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def new(self, name: str) -> Path:
        """Make a folder in it; raises `OSError`."""
        folder = self.path / name
        folder.mkdir()
        return folder

    def close(self) -> None:
        """Remove it and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def _remove_stale(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's
            if time.time() - folder.lstat().st_mtime > STALE:
                shutil.rmtree(folder)
