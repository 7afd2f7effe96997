"""The formats that videos are written in, by the suffix of the file: those of videos, and of animations."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from background_remover.errors import OptionError, naming
from background_remover.options import Options


@dataclass(frozen=True)
class VideoFormat:
    """A container, its codec, and FFmpeg's names of the pixel formats, by the number of channels that are written."""

    label: str
    container: str
    codec: str
    pixels: Mapping[int, str]  # 4: with alpha, 3: opaque, 1: a mask
    settings: Mapping[str, str]  # of the codec
    copied: frozenset[str]  # codecs of sound that are copied; FFmpeg's own lists name some that it then refuses
    sound: str  # the encoder of all other sound
    crf: int = 0  # the constant rate factor; 0: the codec has none
    worst_crf: int = 0
    even: bool = False  # whether both sides must be even
    aspect: bool = False  # whether the aspect ratio of the pixels is written

    @property
    def quality(self) -> bool:
        """Whether it has a quality to choose."""
        return self.crf > 0

    def crf_of(self, quality: int) -> int:
        """Return the constant rate factor for a quality of 1 to 100, or for 0 the format's own."""
        return round(self.worst_crf * (100 - quality) / 100) if quality else self.crf


@dataclass(frozen=True)
class AnimationFormat:
    """A format of animations, without sound, and Pillow's name of it."""

    label: str
    kind: str
    step: int = 1  # the unit of its times, in milliseconds
    shortest: int = 11  # the shortest time that viewers keep to, in milliseconds: from 10 down browsers show 100
    one_bit: bool = False  # whether a pixel is transparent or opaque, and nothing between
    quality: bool = False


_APPLE = frozenset({"aac", "mp3", "ac3", "eac3", "alac"})
_PCM = frozenset(f"pcm_{sample}{order}" for sample in ("s16", "s24", "s32", "f32") for order in ("le", "be"))

FORMATS: Mapping[str, VideoFormat] = {
    ".webm": VideoFormat(
        "VP9",
        "webm",
        "libvpx-vp9",
        {4: "yuva420p", 3: "yuv420p", 1: "yuv420p"},
        # An alternate reference frame would be hidden, and a stream of alpha has to match the colours frame by frame.
        {"b": "0", "auto-alt-ref": "0", "row-mt": "1", "deadline": "good", "cpu-used": "4"},
        frozenset({"opus", "vorbis"}),
        "libopus",
        crf=24,
        worst_crf=63,
    ),
    ".mov": VideoFormat(
        "ProRes 4444",
        "mov",
        "prores_ks",
        {4: "yuva444p10le", 3: "yuv444p10le", 1: "yuv444p10le"},
        {"profile": "4444", "alpha_bits": "16", "vendor": "apl0"},
        _APPLE | _PCM,
        "aac",
        aspect=True,
    ),
    ".mp4": VideoFormat(
        "H.264",
        "mp4",
        "libx264",
        {3: "yuv420p", 1: "yuv420p"},
        {"preset": "veryfast"},
        _APPLE | {"opus", "flac"},
        "aac",
        crf=18,
        worst_crf=51,
        even=True,
        aspect=True,
    ),
    ".mkv": VideoFormat(
        "FFV1",
        "matroska",
        "ffv1",
        {4: "bgra", 3: "bgr0", 1: "gray"},
        {"level": "3"},
        _APPLE | _PCM | {"opus", "vorbis", "flac"},
        "flac",
    ),
}

SUFFIXES = (
    *FORMATS,
    *(".m4v", ".avi", ".mpg", ".mpeg", ".mts", ".m2ts", ".3gp", ".wmv", ".flv", ".ogv"),
)
"""What the names of files end in that are taken for videos in folders."""

ANIMATIONS: Mapping[str, AnimationFormat] = {
    ".webp": AnimationFormat("WebP", "WEBP", quality=True),
    ".gif": AnimationFormat("GIF", "GIF", step=10, shortest=20, one_bit=True),
    ".apng": AnimationFormat("APNG", "PNG"),
}


def format_of(target: Path, options: Options, quality: int) -> VideoFormat | AnimationFormat | None:
    """Return the format that a file's suffix names, or None for a folder of PNG files, a name without a suffix.

    Raises `OptionError` at any other suffix, and where the format can't hold the result or has no `quality`.
    """
    suffix = target.suffix.lower()
    found = FORMATS.get(suffix) or ANIMATIONS.get(suffix)
    if suffix == ".png":
        raise OptionError(f"{target}: a .png is a still; write an .apng, or name a folder for PNG files, without a dot")
    if suffix and found is None:
        raise OptionError(
            f"{target}: a video ends in {', '.join([*FORMATS, *ANIMATIONS])}, not in {suffix!r}; "
            "or name a folder for PNG files, without a dot"
        )
    if isinstance(found, VideoFormat) and options.transparent and 4 not in found.pixels:
        raise OptionError(
            f"{target}: {found.label} holds no transparency; add a background, as in {naming('background=white')}, "
            "or write a .webm or .mov"
        )
    if quality and not (found and found.quality):
        raise OptionError(f"{target}: {found.label if found else 'PNG'} has no quality; leave it out")
    return found


def video_format(target: Path, options: Options, quality: int) -> VideoFormat:
    """Return the format of a video file, of which segments can be joined; raises `OptionError` as `format_of` does.

    So it does at an animation and at a folder.
    """
    found = format_of(target, options, quality)
    if not isinstance(found, VideoFormat):
        raise OptionError(f"{target}: only {', '.join(FORMATS)} are made of segments; name one, or leave resume out")
    return found
