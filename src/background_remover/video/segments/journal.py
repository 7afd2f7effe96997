"""`Journal`: which segments of a video are done, in a hidden folder beside the target."""

import hashlib
import json
import os
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from background_remover.errors import ImageError
from background_remover.imaging.atomic import write_whole
from background_remover.imaging.paths import real
from background_remover.models import SUFFIX
from background_remover.options import Options
from background_remover.parameters.background import read_background
from background_remover.runtime.file_lock import lock
from background_remover.version import __version__
from background_remover.video.conversion import SpanSummary
from background_remover.video.settings import VideoOptions

_NAME = "journal.json"
_LOCK = "lock"


def folder_of(target: Path) -> Path:
    """Return the folder of a target's segments."""
    whole = real(target)
    return whole.with_name(f".{whole.name}.segments")


def run_of(source: Path, options: Options, video: VideoOptions, model: str) -> dict[str, object]:
    """Return what the frames of a video depend on; segments of two runs belong together where it is the same."""
    behind = read_background(options.background).file
    models = [Path(model)] if Path(model).suffix.lower() == SUFFIX else []  # a shipped one is that of the version
    files = [source, *([Path(behind)] if behind else []), *models]
    chosen = {"options": asdict(options), "video": asdict(video)}
    digest = hashlib.sha256(json.dumps(chosen, sort_keys=True, default=str).encode()).hexdigest()
    return {"version": __version__, "model": model, "choices": digest, "files": [_state(file) for file in files]}


def _state(file: Path) -> list[object]:
    try:
        found = file.stat()
    except OSError as error:
        raise ImageError(f"{file}: can't be read ({error.strerror}); check the name") from error
    return [str(real(file)), found.st_size, found.st_mtime_ns]


@dataclass
class Journal:
    """The segments of a run that are done, in order; its file is rewritten after each of them.

    Until it is closed, or the process ends, no other one opens it.
    """

    folder: Path
    run: dict[str, object]
    parts: list[SpanSummary]
    _lock: int | None  # the descriptor of the locked file, as long as it is open

    @classmethod
    def opened(cls, target: Path, run: dict[str, object], *, overwrite: bool = False) -> "Journal":
        """Return the journal of a target, or begin one.

        Raises `ImageError` where another process works on it, and, but for `overwrite`, where it is of another run.
        """
        folder = folder_of(target)
        try:
            held = _locked(folder)
        except OSError as error:
            raise ImageError(f"{folder}: can't be used ({error.strerror}); remove it, or choose another OUT") from error
        try:
            return cls(folder, run, _read(folder, run, overwrite=overwrite), held)
        except BaseException:
            os.close(held)
            raise

    @property
    def whole(self) -> bool:
        """Whether all segments are done."""
        return bool(self.parts) and not self.parts[-1].more

    @property
    def frames(self) -> int:
        """The number of frames that are done."""
        return sum(part.frames for part in self.parts)

    def file(self, number: int, suffix: str) -> Path:
        """Return the file of a segment, counted from 0."""
        return self.folder / f"{number:06}{suffix}"

    def add(self, part: SpanSummary, file: Path) -> None:
        """Note that the next segment, which lies in a file where it has frames, is done."""
        if part.frames:
            with file.open("r+b") as written:
                os.fsync(written.fileno())
        self.parts.append(part)
        known = {"run": self.run, "parts": [asdict(one) for one in self.parts]}
        write_whole(self.folder / _NAME, json.dumps(known).encode())

    def remove(self) -> None:
        """Remove all segments and the journal."""
        if sys.platform == "win32":
            self.close()  # no open file is removed there
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Let others open it."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None


def _locked(folder: Path) -> int:
    """Make a folder where it is missing, and return the descriptor of the locked file in it."""
    while True:
        folder.mkdir(exist_ok=True)
        file = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        alone = lock(file)
        if alone and _is_there(folder / _LOCK, file):
            return file
        os.close(file)  # where it is there no more, another run has ended meanwhile, and removed the folder
        if not alone:
            raise ImageError(f"{folder}: another run writes these segments; wait for its end, or choose another OUT")


def _is_there(path: Path, file: int) -> bool:
    """Return whether a path still names an open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _read(folder: Path, run: dict[str, object], *, overwrite: bool) -> list[SpanSummary]:
    """Return the segments that a journal notes, none where there is none.

    Of one of another run it raises `ImageError`, or returns none with `overwrite`.
    """
    try:
        text = (folder / _NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ImageError(f"{folder}: can't be used ({error.strerror}); remove it, or choose another OUT") from error
    try:
        known = json.loads(text)
        parts = [summary_of(part) for part in known["parts"]]
    except (ValueError, TypeError, KeyError) as error:
        if overwrite:
            return []
        raise ImageError(f"{folder / _NAME}: no journal of segments; remove its folder to start again") from error
    if known["run"] != run:
        if overwrite:
            return []
        raise ImageError(f"{folder}: segments of other files, options or versions; remove it to start again")
    return parts


def summary_of(fields: dict[str, Any]) -> SpanSummary:
    """Return the summary whose `asdict` these fields are, as JSON kept it."""
    lists: dict[str, Any] = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    return SpanSummary(**{**fields, **lists})
