"""The server: its socket, and uvicorn with our limits on connections."""

import logging
import signal
import socket

import uvicorn

from background_remover.errors import Error
from background_remover.models import locate
from background_remover.runtime.signals import on_first_signal
from background_remover.runtime.worker_processes import ProcessEnded, WorkerProcesses
from background_remover.server.application import application
from background_remover.server.connection import HEAD_BYTES, connections
from background_remover.server.jobs.work import CHECKING
from background_remover.server.settings import ServerSettings

LOG = logging.getLogger(__name__)
_BACKLOG = 128  # connections that the system accepts before we do


def listener(settings: ServerSettings) -> tuple[uvicorn.Server, socket.socket]:
    """Return a server and the socket to `run` it with; it ends where the network can't be loaded.

    Raises `Error` where the model is unknown, where the extra for videos isn't installed or can't be loaded, or where
    the address can't be listened on.
    """
    locate(settings.model)
    if settings.video:
        _check_extra()
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # its warnings quote what was sent
    app = application(settings)
    config = uvicorn.Config(
        app,
        http=connections(settings.connections),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=int(settings.timeout) + 1,
        h11_max_incomplete_event_size=HEAD_BYTES,
    )
    server = uvicorn.Server(config)
    app.state.shared.when_failed = lambda: setattr(server, "should_exit", True)
    return server, _bound(settings.host, settings.port)


def serve(settings: ServerSettings) -> None:
    """Listen and answer until Ctrl-C or SIGTERM, then finish the work in progress and return.

    Raises `Error` as `listener` does.
    """
    server, bound = listener(settings)
    host, port = bound.getsockname()[:2]
    LOG.info("listening on http://%s:%d", f"[{host}]" if ":" in host else host, port)
    # uvicorn ends gracefully at a SIGTERM, but then raises it again; this handler also works before uvicorn's.
    with on_first_signal((signal.SIGTERM,), lambda: setattr(server, "should_exit", True)):
        server.run(sockets=[bound])
    failure: Error | None = server.config.app.state.shared.failure  # type: ignore[union-attr]
    if failure is not None:
        raise failure


def _check_extra() -> None:
    """Raise `Error` where what videos need isn't installed, or can't be loaded.

    A separate process tries it, because a faulty library may crash the process that loads it.
    """
    try:
        WorkerProcesses(CHECKING, None, 1).close()
    except ProcessEnded as end:
        words = "what opens videos can't be loaded; install it again: pip install --force-reinstall av"
        raise Error(f"--video: {words}") from end


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such host"
        raise Error(f"{host}:{port}: can't be listened on ({reason}); choose another host or port") from error
