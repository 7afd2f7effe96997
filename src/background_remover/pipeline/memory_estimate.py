"""How much memory a cutout takes, by the header of its picture and by what is asked for."""

from collections.abc import Iterable
from pathlib import Path

from background_remover.imaging import reader
from background_remover.imaging.file import File
from background_remover.imaging.formats import BY_NAME
from background_remover.options import Options
from background_remover.parameters.background import read_background
from background_remover.parameters.layout import read_canvas

COMPOSED, BLURRED = 28, 50  # bytes for each pixel beside those of a plain cutout, as measured
SOLVED = 36  # and where edges are solved in closed form
CLOSED_FORM_TILE = 220_000_000  # bytes that this takes beside, for one tile at a time, whatever the picture


def memory(source: File | Path | bytes, options: Options, kind: str | None, beside: Iterable[File] = ()) -> int:
    """Return the bytes that a cutout takes at most, which is written in the format that Pillow calls `kind`.

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
    tile = CLOSED_FORM_TILE if options.matting == "closed-form" else 0
    return own + tile + sum(reader.memory(each) for each in beside)


def _extra(options: Options, kind: str | None) -> int:
    """Return the bytes for each pixel beside those of a plain cutout: the most that a step or the encoder takes."""
    encoder = 0 if kind is None else BY_NAME[kind].encoder_bytes
    if read_background(options.background).blur or options.shadow or options.feather:
        return max(BLURRED, encoder)
    solver = SOLVED if options.matting == "closed-form" else 0
    is_composed = options.canvas or options.place or options.outline or options.grow or options.background != "none"
    return max(COMPOSED if is_composed else 0, solver, encoder)
