"""`Journal`: which segments of a video are done, in a hidden folder beside the target."""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from background_remover.errors import ImageError
from background_remover.imaging.atomic import write_whole
from background_remover.imaging.paths import real
from background_remover.options import Options
from background_remover.parameters.background import read_background
from background_remover.version import __version__
from background_remover.video.conversion import SpanSummary
from background_remover.video.settings import VideoOptions

_NAME = "journal.json"


def folder_of(target: Path) -> Path:
    """Return the folder of a target's segments."""
    whole = real(target)
    return whole.with_name(f".{whole.name}.segments")


def run_of(source: Path, options: Options, video: VideoOptions, model: str) -> dict[str, object]:
    """Return what the frames of a video depend on; segments of two runs belong together where it is the same."""
    behind = read_background(options.background).file
    files = [source, *([Path(behind)] if behind else []), *([Path(model)] if model.endswith(".onnx") else [])]
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
    """The segments of a run that are done, in order; its file is written anew after each of them."""

    folder: Path
    run: dict[str, object]
    parts: list[SpanSummary]

    @classmethod
    def opened(cls, target: Path, run: dict[str, object]) -> "Journal":
        """Return the journal of a target, or begin one; raises `ImageError` where it is of another run."""
        folder = folder_of(target)
        try:
            folder.mkdir(exist_ok=True)
            text = (folder / _NAME).read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls(folder, run, [])
        except OSError as error:
            raise ImageError(f"{folder}: can't be used ({error.strerror}); remove it, or choose another OUT") from error
        try:
            known = json.loads(text)
            parts = [SpanSummary(**part | {"notes": tuple(part["notes"])}) for part in known["parts"]]
        except (ValueError, TypeError, KeyError) as error:
            raise ImageError(f"{folder / _NAME}: no journal of segments; remove its folder to begin anew") from error
        if known["run"] != run:
            raise ImageError(f"{folder}: segments of other files, options or versions; remove it to begin anew")
        return cls(folder, run, parts)

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
        shutil.rmtree(self.folder, ignore_errors=True)
