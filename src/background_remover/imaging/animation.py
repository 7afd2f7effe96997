"""Animations: the frames of a file, and a file of frames."""

import io
import struct
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from background_remover.errors import ImageError, one_line
from background_remover.imaging import picture
from background_remover.imaging.codecs.palette import paletted
from background_remover.imaging.file import File, first_frame, reading
from background_remover.imaging.output_options import OutputOptions, check_size
from background_remover.imaging.picture import Picture
from background_remover.imaging.reader import say_if_cut_off
from background_remover.imaging.writer import Result, plain

if TYPE_CHECKING:
    from PIL.PngImagePlugin import PngInfo

_TRANSPARENT_AFTER = 2  # GIF's disposal method: the next frame is drawn on a transparent ground


class Timing(NamedTuple):
    """How long each frame is shown, in milliseconds, and how often all of them are; 0 is for ever."""

    durations: tuple[float, ...]
    plays: int


def is_moving(file: File) -> bool:
    """Return whether a file holds more than one frame; raises `ImageError` where it is damaged."""
    return count(file) > 1


def count(file: File) -> int:
    """Return the number of an animation's frames, 1 of any other file; raises `ImageError` where it is damaged."""
    return file.header.frames


def frames(file: File) -> Iterator[tuple[Picture, float]]:
    """Decode the frames of a file one after the other, each whole, with the time that it is shown, in milliseconds.

    Raises `ImageError` where the file is damaged.
    """
    with reading(file.name):
        image = file.open()
        size = image.size
        for number in range(first_frame(image), image.n_frames):  # type: ignore[attr-defined]
            image.seek(number)
            image.load()
            if image.size != size:
                raise ValueError("frames of several sizes")
            yield picture.of_pillow(image), float(image.info.get("duration") or 0)
        say_if_cut_off(file, image.format)


def plays(file: File) -> int:
    """Return how often an animation is shown; 0 is for ever."""
    return file.header.plays


def encode(results: Sequence[Result], timing: Timing, saving: OutputOptions, kind: str, name: str) -> bytes:
    """Return the bytes of an animation in a format whose `frames` are written; `name` stands for it in messages.

    Frames after each other that are alike become one. Colours have 8 bits, and a GIF's frame has 255 of them. Raises
    `ImageError` where the format can't hold it.
    """
    check_size(results[0].size, kind, name)
    results = [plain(result, saving, kind) for result in results]
    first, *rest = [paletted(result.pixels) if kind == "GIF" else result.pillow() for result in results]
    given: dict[str, Any] = saving.pillow(kind) | results[0].metadata.pillow(kind)
    given |= {"save_all": True, "append_images": rest, "duration": list(timing.durations), "loop": timing.plays}
    if kind == "GIF":
        given |= {"disposal": _TRANSPARENT_AFTER, "optimize": False, "loop": max(timing.plays - 1, 0)}
        if timing.plays == 1:
            del given["loop"]
    if kind == "PNG":
        given["pnginfo"] = _text(results[0])
        given.pop("xmp", None)
    buffer = io.BytesIO()
    try:
        first.save(buffer, kind, **given)
    except (OSError, OverflowError, RuntimeError, ValueError, struct.error) as error:
        raise ImageError(f"{name}: {kind} can't hold these frames ({one_line(error)}); write a .png") from error
    return buffer.getvalue()


def _text(result: Result) -> "PngInfo":
    from PIL.PngImagePlugin import PngInfo  # here, for it takes milliseconds that most programs needn't spend

    text = PngInfo()
    if result.metadata.xmp:
        text.add_itxt("XML:com.adobe.xmp", result.metadata.xmp.decode("utf-8", "replace"))
    return text
