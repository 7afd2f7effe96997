"""`Cut`: the result of one picture or animation, and the file it is saved as."""

import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray
from PIL import Image as PillowImage

from background_remover.compositing.chequerboard import over_chequerboard
from background_remover.errors import OptionError
from background_remover.imaging import animation, writer
from background_remover.imaging.animation import Timing
from background_remover.imaging.atomic import write_whole
from background_remover.imaging.output_options import OutputOptions, check_target, kind_of
from background_remover.imaging.reader import decode, from_pillow
from background_remover.imaging.writer import Result
from background_remover.parameters.values import shown
from background_remover.types import Alpha

DEFAULTS = OutputOptions()
_NOTEBOOK = 768  # pixels of the longer side


class Writable(Protocol):
    """A file opened to write bytes, or any object like one."""

    def write(self, data: bytes, /) -> object:
        """Write all of the bytes."""


@dataclass(frozen=True, eq=False)
class Cut:
    """The result of one picture.

    `alpha` is (H, W) float32 in [0, 1]. `confidence`, in [0, 1], is the IoU to expect; by the model's thresholds the
    cut is `empty` (there is no subject), `unsure` (somebody should look at it), or neither. `seconds` are those of
    each step: "read", "network", "refine" and "compose".

    Of an animation `image`, `alpha` and `ground` are those of the first frame and the confidence is the mean over all
    frames; it is empty where all frames are, and unsure where one is.
    """

    results: tuple[Result, ...]  # one for each frame, with all its bits and its metadata
    alpha: Alpha
    confidence: float
    empty: bool
    unsure: bool
    seconds: Mapping[str, float]
    timing: Timing | None = None  # of an animation
    ground: str = "photo"  # how it was found, see `keying.Method`

    @property
    def result(self) -> Result:
        """The finished picture, or its first frame."""
        return self.results[0]

    @property
    def image(self) -> PillowImage.Image:
        """The cutout as a Pillow image of mode "RGBA", of 8 bits; profile, EXIF, XMP and resolution are in its `info`.

        With `only_mask` it is the alpha, of mode "L"; over an opaque background it is of mode "RGB".
        """
        return self.result.pillow()

    @property
    def moving(self) -> bool:
        """Whether it has several frames."""
        return self.timing is not None

    def save(self, target: str | os.PathLike[str] | Writable, saving: OutputOptions = DEFAULTS) -> None:
        """Write the file that the command writes: metadata, 16 bits and all frames are kept where the format can.

        The format is that of the path's suffix, or `saving.format`; an open file gets a PNG without that. A file is
        written whole or not at all, and replaces an existing one. Raises `OptionError` where the format can't hold the
        cutout or has no such setting, and `ImageError` where writing fails.
        """
        if isinstance(target, str | os.PathLike):
            path = Path(target)
            check_target(path, _checked(saving), transparent=self.result.transparent)
            write_whole(path, self._encoded(path, saving))
        else:
            target.write(self.encode(saving))

    def encode(self, saving: OutputOptions = DEFAULTS) -> bytes:
        """Return the bytes of the file that `save` writes: a PNG, or `saving.format`. Raises as `save` does."""
        return self._encoded(None, _checked(saving))

    def _encoded(self, path: Path | None, saving: OutputOptions) -> bytes:
        kind = kind_of(path, saving, transparent=self.result.transparent, moving=self.moving)
        return encode(self, saving, kind, "the cutout" if path is None else str(path))

    def compare(self, before: str | os.PathLike[str] | PillowImage.Image, side: int = 512) -> PillowImage.Image:
        """Return the picture as it was beside the cutout over a chequerboard, each reduced to fit `side` pixels.

        `before` is a file or a Pillow image. The result is of mode "RGB". Raises `ImageError`.
        """
        given = before if isinstance(before, PillowImage.Image) else Path(before)
        picture = from_pillow(given) if isinstance(given, PillowImage.Image) else decode(given)
        shown = [over_chequerboard(one, side) for one in (PillowImage.fromarray(picture.image), self.image)]
        page = PillowImage.new("RGB", (sum(one.width for one in shown), max(one.height for one in shown)), "white")
        page.paste(shown[0], (0, 0))
        page.paste(shown[1], (shown[0].width, 0))
        return page

    def _repr_png_(self) -> bytes:
        """Return what a notebook shows: a PNG of the cutout over a chequerboard, reduced to fit."""
        written = io.BytesIO()
        over_chequerboard(self.image, _NOTEBOOK).save(written, "PNG")
        return written.getvalue()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """Return `image` as an array: (H, W, 4) uint8, say."""
        if copy is False:
            raise ValueError("an array of a cutout is always a new one; leave copy=False out")
        return np.array(self.image, dtype)

    if not TYPE_CHECKING:  # a type checker knows the attributes by itself

        def __getattr__(self, name: str) -> object:
            instead = f"; its image has: .image.{name}" if hasattr(PillowImage.Image, name) else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{instead}")


def encode(cut: Cut, saving: OutputOptions, kind: str, name: str) -> bytes:
    """Return the bytes of a file of format `kind`, see `kind_of`, called `name` in messages. Raises `ImageError`."""
    if cut.timing is None:
        return writer.encode(cut.result, saving, kind, name)
    return animation.encode(cut.results, cut.timing, saving, kind, name)


def of_frames(frames: Iterable[tuple[Cut, float]], plays: int) -> Cut:
    """Return the cut of an animation from those of its frames, each with its duration in milliseconds."""
    results: list[Result] = []
    alphas: list[Alpha] = []
    durations, confidences, empties, unsure = [], [], [], False
    seconds: dict[str, float] = {}
    ways: list[str] = []
    for cut, duration in frames:
        alphas = alphas or [cut.alpha]  # of the first alone: those of a long animation would take much memory
        results.append(cut.result)
        ways.append(cut.ground)
        durations.append(duration)
        confidences.append(cut.confidence)
        empties.append(cut.empty)
        unsure = unsure or cut.unsure
        for step, time in cut.seconds.items():
            seconds[step] = seconds.get(step, 0.0) + time
    sure = sum(confidences) / len(confidences)
    timing = Timing(tuple(durations), plays)
    return Cut(tuple(results), alphas[0], sure, all(empties), unsure, seconds, timing, ways[0])


def _checked(saving: object) -> OutputOptions:
    if not isinstance(saving, OutputOptions):
        raise OptionError(
            f"saving is {shown(saving)}; give OutputOptions, as in OutputOptions(format='webp', quality=80)"
        )
    return saving
