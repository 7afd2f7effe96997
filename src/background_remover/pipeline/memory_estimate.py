"""How much memory a cutout takes, by the header of its picture and by what is asked for."""

from collections.abc import Iterable
from pathlib import Path

from background_remover.imaging import reader
from background_remover.options import Options
from background_remover.parameters.background import read_background
from background_remover.parameters.layout import read_canvas

COMPOSED, BLURRED = 28, 50  # bytes for each pixel beside those of a plain cutout, as measured
_COSTLY_KINDS = ("AVIF", "WEBP")  # whose encoders take as much as a blur does


def memory(source: Path | bytes, options: Options, kind: str | None, beside: Iterable[bytes] = ()) -> int:
    """The bytes that a cutout takes at most, which is written in the format that Pillow calls `kind`.

    `beside` are the files of further pictures, as of a background. Raises `ImageError` where one of them isn't a
    picture.
    """
    canvas = read_canvas(options.canvas)
    own = reader.memory(
        source,
        extra=_extra(options, kind),
        canvas=0 if canvas is None else canvas[0] * canvas[1],
        all_frames=not options.frame,
    )
    return own + sum(reader.memory(each) for each in beside)


def _extra(options: Options, kind: str | None) -> int:
    backdrop = read_background(options.background)
    if kind in _COSTLY_KINDS or backdrop.blur or options.shadow or options.feather:
        return BLURRED
    return COMPOSED if options.canvas or options.outline or options.grow or options.background != "none" else 0
