"""Settings of glibc's allocator: freed memory is kept for reuse, or returned to the system."""

import ctypes
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # malloc.h
_LARGE = 2**30  # bytes


def keep_freed_memory() -> None:
    """Make glibc keep freed memory for reuse, where it would return every large block to the system.

    A picture's arrays are allocated and freed many times, and mapping their pages again took a quarter of the
    processor time. All threads share one arena: an arena of each thread would keep the most that it ever needed, and a
    long run would grow. Without effect under another C library.
    """
    mallopt = _function("mallopt")
    if mallopt is None:
        return
    mallopt(_ARENA_MAX, 1)
    mallopt(_MMAP_THRESHOLD, _LARGE)
    mallopt(_TRIM_THRESHOLD, _LARGE)


def return_freed_memory() -> None:
    """Return all freed memory to the system. Without effect under another C library."""
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def _function(name: str) -> Any:
    """Return a function of glibc, or None under another C library."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return None
