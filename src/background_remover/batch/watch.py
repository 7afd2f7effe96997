"""Files that appear while one watches, each once it has stopped growing."""

import os
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from pathlib import Path
from threading import Event
from time import monotonic

from background_remover.batch.discovery import Location, Source
from background_remover.batch.record import Stamp, stamp_of

INTERVAL = 1.0  # seconds between two scans
STILL = 2.0
_NOWHERE: Stamp = (-1, -1)  # of a link that leads nowhere: it fails once, and is taken again when it leads somewhere


def appearing(
    scan: Callable[[], Sequence[Source[Location]]], known: MutableMapping[Path, Stamp], still: float, stop: Event
) -> Iterator[list[Source[Location]]]:
    """Yield the sources that `scan` finds and aren't `known` by their stamps: a list after each scan, until `stop`.

    A file is given once its length and the time of its last change have stayed as they are for `still` seconds, and
    again whenever they have changed since; `known` is kept up to date with what was given.
    """
    since: dict[Path, tuple[Stamp, float]] = {}
    while not stop.is_set():
        now = monotonic()
        new = []
        for source in scan():
            path = Path(str(source.path))
            stamp = stamp_of(path) or (_NOWHERE if os.path.lexists(path) else None)
            if stamp is None or known.get(path) == stamp:
                continue
            if since.get(path, (None, 0.0))[0] != stamp:
                since[path] = stamp, now
            if now - since[path][1] >= still:
                del since[path]
                known[path] = stamp
                new.append(source)
        yield new
        stop.wait(min(INTERVAL, still) if still > 0 else INTERVAL)
