"""Progress of a long run on standard error: one line that is rewritten in a terminal, a line now and then elsewhere."""

import sys
from time import monotonic

import click

IN_TERMINAL, ELSEWHERE = 0.1, 30.0  # seconds between two lines


class Progress:
    """A display of how many of `total` pictures (None: unknown) are done, at what rate, and how many failed."""

    def __init__(self, total: int | None, noun: str = "pictures") -> None:
        """Start the clock; nothing is printed yet. `noun` is what is counted."""
        self.total = total
        self._noun = noun
        self._start = self._last = monotonic()
        self._terminal = sys.stderr.isatty()
        self._shown = False

    def update(self, done: int, failed: int) -> None:
        """Print the progress, unless the last line is too recent."""
        now = monotonic()
        if now - self._last >= (IN_TERMINAL if self._terminal else ELSEWHERE):
            self._last = now
            self._show(line(done, failed, self.total, now - self._start, self._noun))

    def say(self, message: str) -> None:
        """Print another message on a line of its own."""
        self.clear()
        click.echo(message, err=True)

    def clear(self) -> None:
        """Erase the line."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._shown = False

    def _show(self, text: str) -> None:
        if self._terminal:
            click.echo(f"\r{text}\x1b[K", nl=False, err=True)
            self._shown = True
        else:
            click.echo(text, err=True)


def line(done: int, failed: int, total: int | None, seconds: float, noun: str = "pictures") -> str:
    """Return `37 of 200 pictures, 4.1 a second, 0:39 left, 2 failed`; `done` counts those that failed as well."""
    rate = done / seconds if seconds > 0 else 0.0
    parts = [f"{done:,} {noun}" if total is None else f"{done:,} of {total:,} {noun}", f"{rate:.1f} a second"]
    if total is not None and rate > 0:
        parts.append(f"{duration((total - done) / rate)} left")
    if failed:
        parts.append(f"{failed:,} failed")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return minutes and seconds, `0:39`, or with hours before them, `2:00:39`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
