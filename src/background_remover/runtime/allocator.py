"""What the C library does with memory that has been given back to it."""

import ctypes
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # malloc.h
_LARGE = 2**30  # bytes


def keep_freed_memory() -> None:
    """Lets this process use its memory again and again, where glibc would give every large piece back to the system.

    A picture's arrays come and go many times, and to get their pages anew took a quarter of the processor's time. And
    all threads get their memory from one place: of places of their own each would keep what one of them once needed,
    and a long run would grow. Does nothing with another C library.
    """
    mallopt = _function("mallopt")
    if mallopt is None:
        return
    mallopt(_ARENA_MAX, 1)
    mallopt(_MMAP_THRESHOLD, _LARGE)
    mallopt(_TRIM_THRESHOLD, _LARGE)


def return_freed_memory() -> None:
    """Gives the system all memory that this process has freed and kept. Does nothing with another C library."""
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def _function(name: str) -> Any:
    """A function of glibc; None with another C library."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return None
