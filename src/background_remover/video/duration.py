"""`seconds_of`: how long a video file says it is."""

from pathlib import Path
from typing import BinaryIO, cast

import av
from av.container import InputContainer


def seconds_of(file: Path | BinaryIO) -> float:
    """Return how many seconds a file, or an open one, says it lasts; 0 where it doesn't say so, or is no video."""
    try:
        with cast(InputContainer, av.open(str(file.absolute()) if isinstance(file, Path) else file)) as container:
            return (container.duration or 0) / av.time_base
    except (av.FFmpegError, OSError):
        return 0.0
