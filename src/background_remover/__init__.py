"""Removes the background of any photo, offline, in a fraction of a second on an ordinary CPU."""

import importlib
from typing import TYPE_CHECKING

from background_remover.runtime import telemetry
from background_remover.version import __version__

if TYPE_CHECKING:
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
    from background_remover.video.removal import VideoCut, remove_video
    from background_remover.video.settings import VideoOptions

    Saving = OutputOptions

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

_MODULES = {
    "Cut": "pipeline.cut",
    "Error": "errors",
    "ImageError": "errors",
    "ModelError": "errors",
    "NoPicture": "errors",
    "NoSubject": "errors",
    "OptionError": "errors",
    "Options": "options",
    "OutputOptions": "imaging.output_options",
    "Removal": "pipeline.batch_removal",
    "Remover": "remover",
    "Saving": "imaging.output_options",
    "Source": "pipeline.source",
    "TooLarge": "errors",
    "UnknownFormat": "errors",
    "VideoCut": "video.removal",
    "VideoOptions": "video.settings",
    "remove": "remover",
    "remove_batch": "remover",
    "remove_video": "video.removal",
}
"""A public name -> the module that it is imported from at first use: a command needs only some of them."""
_OLD_NAMES = {"Saving": "OutputOptions"}

telemetry.switch_off()  # before anything of this package, in any process, imports onnxruntime


if not TYPE_CHECKING:  # a type checker knows the names from above, and would accept any other name

    def __getattr__(name: str) -> object:
        """Import and return a public name, or a module of this package (PEP 562)."""
        if name in _MODULES:
            module, known_as = _MODULES[name], _OLD_NAMES.get(name, name)
            value = getattr(importlib.import_module(f"{__name__}.{module}"), known_as)
            globals()[name] = value
            return value
        module = f"{__name__}.{name}"
        if not name.startswith("_"):
            try:
                return importlib.import_module(module)
            except ModuleNotFoundError as error:
                if error.name != module:
                    raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names of this module, those that aren't imported yet among them."""
    return sorted({*globals(), *__all__})
