"""Removes the background of any photo, offline, in a fraction of a second on an ordinary CPU."""

from background_remover import telemetry
from background_remover.errors import Error, ImageError, ModelError, NoSubject, OptionError
from background_remover.options import Options
from background_remover.remover import Remover, remove

__all__ = ["Error", "ImageError", "ModelError", "NoSubject", "OptionError", "Options", "Remover", "remove"]

telemetry.switch_off()  # before anything of this package, in any process, imports onnxruntime
