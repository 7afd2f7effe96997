"""Switching off onnxruntime's telemetry, which reports to its maker and writes to the user's cache folder."""

import os
from typing import Any

SWITCH = "ORT_DISABLE_TELEMETRY"
"""The environment variable that onnxruntime reads, once, while it is imported."""


def switch_off() -> None:
    """Switch telemetry off for this process and those that it starts; a value that is set already is kept.

    From 1.29 on it is on by default: the import makes a device id and a database of events below the user's cache
    folder, and some seconds later connects to its maker's host. Has no effect once onnxruntime is imported.
    """
    os.environ.setdefault(SWITCH, "1")


def silence(onnxruntime: Any) -> None:
    """Stop further events where a program imported the module `onnxruntime` before this package."""
    onnxruntime.disable_telemetry_events()
