"""`PngFolder`: frames as PNG files in a folder, with a list of their times that FFmpeg reads."""

import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from background_remover.errors import ImageError
from background_remover.imaging.atomic import check_folder, temporary_name
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.paths import is_folder, real
from background_remover.imaging.writer import Result, encode

LIST = "frames.ffconcat"
"""The name of the list: FFmpeg makes a video of it, with the times of the frames, by `-f concat`."""


def check_new_folder(folder: Path) -> None:
    """Raise `ImageError` where a folder can't be made, or holds something already."""
    check_folder(folder)
    if not is_folder(folder.parent):
        raise ImageError(f"{folder}: there is no folder {folder.parent}; make it first")
    if is_folder(folder) and any(folder.iterdir()):
        raise ImageError(f"{folder}: there is something in this folder; name a new one, or empty it")


class PngFolder:
    """A folder that appears with all of its files at `finish`, or not at all."""

    def __init__(self, folder: Path) -> None:
        """Make a hidden folder beside `folder`, to be renamed; raises `ImageError` where that fails."""
        check_new_folder(folder)
        self._folder = real(folder)
        self._hidden = self._folder.with_name(temporary_name())
        self._hidden.mkdir()
        self._times: list[Fraction] = []
        self.notes: list[str] = []

    def write(self, pixels: NDArray[Any], time: Fraction) -> None:
        """Write a frame: (H, W), (H, W, 3) or (H, W, 4), uint8, shown at `time`, in seconds."""
        self._times.append(time)
        name = _name(len(self._times))
        (self._hidden / name).write_bytes(encode(Result(pixels), OutputOptions(), "PNG", name))

    def finish(self) -> None:
        """Write the list, and give the folder its name."""
        lines = ["ffconcat version 1.0"]
        for number, time in enumerate(self._times, 1):
            lines.append(f"file {_name(number)}")
            if number < len(self._times):
                lines.append(f"duration {float(self._times[number] - time):.6f}")
        (self._hidden / LIST).write_text("\n".join(lines) + "\n", encoding="ascii")
        if is_folder(self._folder):
            self._folder.rmdir()  # it is empty; Windows renames to no folder that is there
        self._hidden.rename(self._folder)

    def close(self) -> None:
        """Remove what isn't finished."""
        shutil.rmtree(self._hidden, ignore_errors=True)


def _name(number: int) -> str:
    return f"{number:06}.png"
