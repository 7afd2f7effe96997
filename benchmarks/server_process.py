"""A server in a process of its own: where it listens, and how much memory it holds with the processes it starts."""

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from background_remover.errors import Error

START_SECONDS = 90


@dataclass(frozen=True)
class Server:
    """A server that runs: its port, and what tells the most memory it has held and what it holds now, in bytes."""

    port: int
    memory: Callable[[], int]
    resident: Callable[[], int]


@contextlib.contextmanager
def running(line: Sequence[str], port: int | None, home: Path) -> Iterator[Server]:
    """Run a server in a process of its own, at a port that it is known to take, or at the one that it says it has."""
    environment = os.environ | {"U2NET_HOME": str(home), "BROWSER": "true"}
    log = home / "log.txt"
    with (
        log.open("wb") as words,
        subprocess.Popen(line, env=environment, stderr=words, stdout=words) as process,  # noqa: S603 - no shell
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while (found := _listening(port, log)) is None:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Error(f"{' '.join(line)}: doesn't start")
                time.sleep(0.1)
            yield Server(found, *(partial(memory_of, process.pid, name) for name in ("VmHWM", "VmRSS")))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _listening(port: int | None, log: Path) -> int | None:
    """Return the port, once somebody listens there."""
    if port is None:
        said = re.search(r"listening on http://[^ ]+:(\d+)\n", log.read_text())
        return None if said is None else int(said[1])
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return port
    return None


def memory_of(pid: int, name: str) -> int:
    """Return the bytes of memory of a process and those that it started, each by a line of its status.

    That is VmHWM, the most it has held, or VmRSS, what it holds now.
    """
    home = Path(f"/proc/{pid}")
    lines = dict(line.split(":", 1) for line in (home / "status").read_text().splitlines())
    started = [int(child) for path in home.glob("task/*/children") for child in path.read_text().split()]
    return int(lines[name].split()[0]) * 1024 + sum(memory_of(child, name) for child in started)
