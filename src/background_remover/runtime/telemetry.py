"""Keeps onnxruntime from reporting what it runs, and from writing to its user's folders."""

import os
from typing import Any

SWITCH = "ORT_DISABLE_TELEMETRY"
"""The environment variable that onnxruntime looks at, once, while it is imported."""


def switch_off() -> None:
    """Turns its telemetry off for this process, and for those it starts; a value that is set already is kept.

    From 1.29 on it is on by default: the import makes a device id and a data base of events below the user's cache
    folder, and some seconds later a host of its maker is asked for. Has no effect once onnxruntime is imported.
    """
    os.environ.setdefault(SWITCH, "1")


def silence(onnxruntime: Any) -> None:
    """Stops what can be stopped where a host program imported the module `onnxruntime` before this package."""
    onnxruntime.disable_telemetry_events()
