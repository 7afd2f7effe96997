"""The connection to a cluster of Ray, or to a small one made for the purpose; what Ray itself prints is kept back."""

import contextlib
import logging
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray

from background_remover.batch.settings import BatchSettings
from background_remover.errors import Error
from background_remover.runtime.parallel import cores

PATIENCE = 10.0  # seconds that the cluster has to answer at all
_RAISED = re.compile(r"(?!ray\.)[\w.]*\w+: (.+)")  # the line of a traceback that says what was raised
_OBJECTS = 256 * 2**20  # bytes that Ray may hold of a run on this machine alone: only names and records travel


@contextlib.contextmanager
def connected(settings: BatchSettings) -> Iterator[None]:
    """Hold a connection to the cluster, or to a small one made for the purpose; raises `Error` where none answers."""
    where = settings.address or os.environ.get("RAY_ADDRESS") or "local"
    own: dict[str, Any] = {"num_cpus": settings.jobs or cores(), "object_store_memory": _OBJECTS}
    own = own | {"include_dashboard": False} if where == "local" else {}
    try:
        host, _, port = where.rpartition(":")
        if port.isdecimal() and "/" not in host:  # where nothing listens Ray would try again for minutes
            socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
        with _silence():
            ray.init(where, log_to_driver=False, logging_level=logging.CRITICAL, **own)
    except Exception as error:  # of many kinds
        reason = reason_of(error)
        raise Error(f"{where}: no cluster answers there ({reason}); check --address and RAY_AUTH_MODE") from error
    heard = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # of all loggers: Ray Data sets the levels of its own anew when it begins to work
    try:
        # Ray prints others' tracebacks, and logs them
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            try:
                yield
            finally:
                ray.shutdown()
    finally:
        logging.disable(heard)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep from standard error what Ray's library of C++ says there when it begins, whatever is asked of it."""
    with contextlib.ExitStack() as stack:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        stack.callback(os.close, kept)
        stack.callback(os.close, nowhere)
        stack.callback(os.dup2, kept, 2)
        os.dup2(nowhere, 2)
        yield


def reason_of(error: Exception) -> str:
    """Return what is wrong by an error that also shows where it happened, in this process and in others."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = (found[1] for line in str(error).splitlines() if (found := _RAISED.fullmatch(line)))
    return next(first, lines[-1] if lines else type(error).__name__)
