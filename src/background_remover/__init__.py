"""Removes the background of any photo, offline, in a fraction of a second on an ordinary CPU."""

from background_remover.errors import (
    Error,
    ImageError,
    ModelError,
    NoPicture,
    NoSubject,
    OptionError,
    TooLarge,
    UnknownFormat,
)
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.pipeline.batch_removal import Removal
from background_remover.pipeline.cut import Cut
from background_remover.pipeline.source import Source
from background_remover.remover import Remover, remove, remove_batch
from background_remover.runtime import telemetry
from background_remover.version import __version__
from background_remover.video.removal import VideoCut, remove_video
from background_remover.video.settings import VideoOptions

__all__ = [
    "Cut",
    "Error",
    "ImageError",
    "ModelError",
    "NoPicture",
    "NoSubject",
    "OptionError",
    "Options",
    "OutputOptions",
    "Removal",
    "Remover",
    "Saving",
    "Source",
    "TooLarge",
    "UnknownFormat",
    "VideoCut",
    "VideoOptions",
    "__version__",
    "remove",
    "remove_batch",
    "remove_video",
]

Saving = OutputOptions  # its old name

telemetry.switch_off()  # before anything of this package, in any process, imports onnxruntime
