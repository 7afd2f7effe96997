"""Waiting until a condition holds, for as long as it takes: a limit of time would fail where a machine is slow."""

import asyncio
import time
from collections.abc import Callable

_PAUSE = 0.02  # seconds between two looks


def wait_until(condition: Callable[[], object]) -> None:
    """Return once the condition holds."""
    while not condition():
        time.sleep(_PAUSE)


async def until(condition: Callable[[], object]) -> None:
    """Return once the condition holds, and let the event loop go on meanwhile."""
    while not condition():
        await asyncio.sleep(_PAUSE)
