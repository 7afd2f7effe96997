"""From a picture's file to that of its cutout, still or animated: the bytes, and what can be said of them."""

from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import NamedTuple, Protocol

from background_remover.arrays.box import Box, subject_box
from background_remover.imaging import animation
from background_remover.imaging.file import File
from background_remover.imaging.output_options import Named, OutputOptions, check_size, kind_of
from background_remover.options import Options
from background_remover.parameters.layout import read_canvas
from background_remover.pipeline.cut import Cut, encode
from background_remover.pipeline.source import NO_FILES, Files
from background_remover.runtime.parallel import at_most
from background_remover.segmentation.subjects import Subject
from background_remover.types import Size


class Cutter(Protocol):
    """What cuts out: `Remover`, which is above this file."""

    @property
    def threads(self) -> int | None:
        """The number of processor threads to use for a picture; None is one for each core."""

    def cut(self, image: File, options: Options, files: Files, *, whole: bool) -> Cut:
        """Return the cutout of a picture's file; without `whole` its pixels may be made as they are written."""

    def cut_each(self, image: File, options: Options, files: Files) -> Iterator[tuple[Subject, Cut]]:
        """Yield the subjects of a picture's file, each with its cutout."""


class CutoutFile(NamedTuple):
    """What became of a picture's file.

    `data` are the bytes of the cutout's, of the format that Pillow calls `kind`, or b"" where there is no subject and
    `allow_empty` doesn't say that this is fine. `box` lies around the subject in the upright picture that was given.
    Of an animation the confidence is the mean of its frames', it is empty where all of them are and unsure where
    one is, and the box is the first frame's. `seconds` are those of each step: "read", "network", "refine", "compose",
    "write".
    """

    data: bytes
    kind: str
    size: Size
    box: Box
    frames: int
    confidence: float
    empty: bool
    unsure: bool
    seconds: Mapping[str, float]
    ground: str = "photo"  # how it was found, see `keying.Method`


def make(
    remover: Cutter, file: File, target: Named | None, options: Options, saving: OutputOptions, files: Files = NO_FILES
) -> CutoutFile:
    """Cut out a picture's file, and encode it in the format that `kind_of` says; `target` is the file, if any.

    All frames of an animation are cut out, but for `frame`. A file that `mask` or `background` names is searched for
    in `files` before it is on disk. Raises `ImageError` at a picture that can't be read or held by the format, and
    `OptionError` as `kind_of` does.
    """
    moving = not options.frame and animation.is_moving(file)
    kind = _kind(target, options, saving, moving=moving)
    cut = remover.cut(file, options, files, whole=False)
    return _made(remover, cut, kind, target, saving, written=not cut.empty or options.allow_empty)


def make_each(
    remover: Cutter, file: File, target: Named | None, options: Options, saving: OutputOptions, files: Files = NO_FILES
) -> Iterator[CutoutFile]:
    """Yield the file of each separate subject of a picture's first frame, or of `frame`, the largest first.

    Each has its bytes, however little the network thinks of it. Raises as `make` and `Remover.cut_each` do.
    """
    kind = _kind(target, options, saving, moving=False)
    for _, cut in remover.cut_each(file, options, files):
        yield _made(remover, cut, kind, target, saving, written=True)


def _kind(target: Named | None, options: Options, saving: OutputOptions, *, moving: bool) -> str:
    """Return the format's name in Pillow; raises `OptionError` as `kind_of`, and `ImageError` at too large a canvas."""
    kind = kind_of(target, saving, transparent=options.transparent, moving=moving)
    canvas = read_canvas(options.canvas)
    if canvas is not None:
        check_size(canvas, kind, f"canvas {options.canvas}")
    return kind


def _made(
    remover: Cutter, cut: Cut, kind: str, target: Named | None, saving: OutputOptions, *, written: bool
) -> CutoutFile:
    start = perf_counter()
    data = b""
    if written:
        with at_most(remover.threads):
            data = encode(cut, saving, kind, _name(target))
    seconds = {**cut.seconds, "write": perf_counter() - start}
    box = subject_box(cut.alpha)
    judged = cut.confidence, cut.empty, cut.unsure
    return CutoutFile(data, kind, cut.result.size, box, len(cut.results), *judged, seconds, cut.ground)


def _name(target: Named | None) -> str:
    return "standard output" if target is None else str(target)
