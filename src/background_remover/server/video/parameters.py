"""What a request for a video asks for: `VideoChoices`, read from its fields."""

import dataclasses
from collections.abc import Collection, Iterable
from pathlib import Path

from background_remover.errors import OptionError
from background_remover.options import Options
from background_remover.parameters.fields import one_of
from background_remover.parameters.values import read_switch
from background_remover.server.jobs.work import RESULT
from background_remover.server.request.fields import choices, read_once, read_options
from background_remover.video.formats import ANIMATIONS, FORMATS, format_of
from background_remover.video.settings import OF_ITS_BOX, OF_ONE_PICTURE, VideoOptions, check_choices, read_time

MEDIA_TYPES = {
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".mkv": "video/x-matroska",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".apng": "image/apng",
}
"""The suffix of a result -> its media type."""
KNOWN = tuple(suffix[1:] for suffix in (*FORMATS, *ANIMATIONS))
DEFAULT = "webm"
OF_ONE = (*OF_ONE_PICTURE, *OF_ITS_BOX)
FIELDS = tuple(field.name for field in dataclasses.fields(Options) if field.name not in OF_ONE)
"""The options of pictures that a video takes."""
OWN = ("format", "from", "to", "no_audio", "steady", "quality")
"""The fields that are of a video, beside these."""


@dataclasses.dataclass(frozen=True)
class VideoChoices:
    """The choices for a video, and the suffix of its result."""

    options: Options
    video: VideoOptions
    suffix: str


def read_choices(given: Iterable[tuple[str, str]], sent: Collection[str], *, max_megapixels: float) -> VideoChoices:
    """Return the choices that fields of text stand for; `sent` are the names of the files that came beside them.

    Raises `OptionError` at a field that is unknown, given twice, of a single picture or out of range, and where the
    format can't hold the result.
    """
    texts = read_once(given, [*OWN, *FIELDS], OF_ONE)
    if "mask" in texts:  # `read_options` asks for its file, and a video takes none
        raise OptionError("mask is of one picture, and a video has many; leave it out")
    options = read_options(texts, sent, max_megapixels=max_megapixels)
    check_choices(options)
    if options.matting == "closed-form":
        raise OptionError("matting is closed-form, which takes tens of seconds a frame; leave it out for videos")
    start, end = (read_time(name, texts.get(name, "0")) for name in ("from", "to"))
    audio = not read_switch("no_audio", texts.get("no_audio", "false"))
    video = dataclasses.replace(choices(VideoOptions, texts), start=start, end=end, audio=audio)
    name = texts.get("format", DEFAULT).lower()
    one_of("format", name, KNOWN)
    suffix = f".{name}"
    format_of(Path(RESULT + suffix), options, video.quality)
    return VideoChoices(options, video, suffix)
