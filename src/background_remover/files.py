"""From a picture's file to that of its cutout, still or moving: the bytes, and what can be said of them."""

from dataclasses import dataclass

from background_remover import animation
from background_remover.animation import Timing
from background_remover.image import File, read
from background_remover.options import Options
from background_remover.remover import Remover
from background_remover.result import encode
from background_remover.saving import Named, Saving, kind_of
from background_remover.types import Size


@dataclass(frozen=True)
class Made:
    """What became of a picture's file.

    `data` are the bytes of the cutout's, or b"" where there is no subject and `allow_empty` doesn't say that this is
    fine. Of a moving picture the confidence is the mean of its frames', and it is empty where all of them are.
    """

    data: bytes
    size: Size
    frames: int
    confidence: float
    empty: bool


def make(remover: Remover, file: File, target: Named | None, options: Options, saving: Saving) -> Made:
    """The cutout of a picture's file, in the format that `kind_of` says; `target` is where it will be, if in a file.

    All frames of a moving picture are cut out, but for `frame`. Raises `ImageError` at a picture that can't be read or
    held by the format, and `OptionError` as `kind_of` does.
    """
    moving = not options.frame and animation.is_moving(file)
    kind = kind_of(target, saving, transparent=options.transparent, moving=moving)
    if moving:
        return _make_moving(remover, file, _name(target), options, saving, kind)
    cut = remover.cut(read(file, max_megapixels=options.max_megapixels, frame=max(options.frame, 1)), options)
    data = b"" if cut.empty and not options.allow_empty else encode(cut.result, saving, kind, _name(target))
    height, width = cut.result.pixels.shape[:2]
    return Made(data, (height, width), 1, cut.confidence, cut.empty)


def _make_moving(remover: Remover, file: File, name: str, options: Options, saving: Saving, kind: str) -> Made:
    results, durations, confidences, empties = [], [], [], []
    for picture, duration in animation.frames(file):
        cut = remover.cut(picture, options)
        results.append(cut.result)
        durations.append(duration)
        confidences.append(cut.confidence)
        empties.append(cut.empty)
    empty, data = all(empties), b""
    if not empty or options.allow_empty:
        data = animation.encode(results, Timing(tuple(durations), animation.plays(file)), saving, kind, name)
    height, width = results[0].pixels.shape[:2]
    return Made(data, (height, width), len(results), sum(confidences) / len(results), empty)


def _name(target: Named | None) -> str:
    return "standard output" if target is None else str(target)
