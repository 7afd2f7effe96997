"""`CutoutRequest`: the picture and options of one request, and its work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from background_remover.errors import OptionError, TooLarge
from background_remover.imaging import animation
from background_remover.imaging.file import File, checked
from background_remover.imaging.formats import WRITABLE
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.pipeline import memory_estimate
from background_remover.pipeline.file_step import CutoutFile, make
from background_remover.pipeline.source import Files
from background_remover.pipeline.subject_check import no_subject
from background_remover.remover import Remover
from background_remover.server.request.fields import SENT

NAME = "image"  # of the picture in messages
CLOSED_FORM_MEGAPIXELS = 1.0  # of a picture whose edges may be solved in closed form: each takes tens of seconds


@dataclass(frozen=True)
class CutoutRequest:
    """The bytes of a picture's file, its options, and the other pictures of the request, by field."""

    image: bytes
    options: Options
    saving: OutputOptions
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def file(self) -> File:
        """The picture's file; its header is read once, whoever asks for it."""
        return File(self.image, NAME)

    @cached_property
    def files_beside(self) -> Files:
        """The files of the pictures that came beside it, by their names in `options`; each header is read once too."""
        names = {SENT.format(field): data for field, data in self.beside.items()}
        return {name: File(data, name) for name, data in names.items()}

    def memory(self) -> int:
        """Return the bytes of memory that the work takes at most; raises `ImageError` where a file isn't a picture."""
        kind = WRITABLE.get(f".{self.saving.format}")
        return memory_estimate.memory(self.file, self.options, kind, self.files_beside.values())


def carry_out(request: CutoutRequest, remover: Remover) -> CutoutFile:
    """Return the cutout that was asked for.

    Raises `Error`: `NoSubject` where there is none and `allow_empty` doesn't say that this is fine, `TooLarge` where
    all frames of an animation together have more pixels than one may have.
    """
    options = request.options
    file = checked(request.file, options.max_megapixels)
    _check_work(file, options)
    made = make(remover, file, None, options, request.saving, request.files_beside)
    if made.empty and not options.allow_empty:
        raise no_subject(made.confidence, options, allow="allow_empty")
    return made


def _check_work(file: File, options: Options) -> None:
    height, width = file.header.size
    frames = 1 if options.frame else animation.count(file)
    megapixels = frames * width * height / 1e6
    if megapixels > options.max_megapixels:
        raise TooLarge(
            f"{NAME}: {frames} frames of {width}x{height} are {megapixels:.6g} megapixels and the limit is "
            f"{options.max_megapixels:g}; take one, as in frame=1"
        )
    if options.matting == "closed-form" and megapixels > CLOSED_FORM_MEGAPIXELS:
        raise OptionError(f"matting is closed-form, which takes up to {CLOSED_FORM_MEGAPIXELS:g} megapixels here")
