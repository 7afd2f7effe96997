"""Exit statuses: runs a command, and prints an error as one line on standard error, never as a traceback."""

import contextlib
import os
import sys
from collections.abc import Sequence

import click

from background_remover.errors import Error, NoSubject, OptionError, flag_of, one_line
from background_remover.runtime import streams

FAULTS = (click.ClickException, Error, OSError, MemoryError)
"""The errors that end a command with a message and no traceback: `status_of` and `message_of` take these."""


def run(
    group: click.Group,
    arguments: Sequence[str] | None,
    program: str,
    *,
    call: str = "",
    interrupted: str = "interrupted",
) -> int:
    """Run a command line, by default this process's own, and return the exit status.

    0: done. 1: a picture, model or file is at fault. 2: the command line is wrong. 3: there is no subject.
    130: interrupted. `call` is what is typed before the program's name, `interrupted` the message for 130.
    """
    streams.open_closed()
    try:
        status = group.main(arguments, prog_name=program, standalone_mode=False)
    except click.Abort:
        return _print_error(program, interrupted, 130)
    except FAULTS as error:
        message = message_of(error)
        if isinstance(error, click.ClickException):
            context = getattr(error, "ctx", None)
            message += f" Try: {call}{program if context is None else context.command_path} --help"
        elif isinstance(error, OSError) and error.filename is None:
            _discard_output()
        return _print_error(program, message, status_of(error))
    return status if isinstance(status, int) else 0


def leave(status: int) -> None:
    """End this process at once, without clean-up; return only where standard output can't be flushed.

    Python's own exit would free every array and the network: a twentieth of the time of one large picture. If this
    returns, Python's exit reports the error.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        return
    os._exit(status)


def status_of(error: Exception) -> int:
    """Return the exit status for one of `FAULTS`."""
    if isinstance(error, click.ClickException):
        return error.exit_code
    return 2 if isinstance(error, OptionError) else 3 if isinstance(error, NoSubject) else 1


def message_of(error: Exception) -> str:
    """Return the message of one of `FAULTS`, on one line."""
    message = one_line(error, flag_of)
    if isinstance(error, click.ClickException):
        message = error.format_message()
    elif isinstance(error, OSError):  # the system refuses a file's name, or standard output
        message = f"{error.filename or 'standard output'}: {error.strerror or error}"
    elif isinstance(error, MemoryError):
        message = "not enough memory for this picture; shrink it first"
    return " ".join(message.split())


def _print_error(program: str, message: str, status: int) -> int:
    with contextlib.suppress(OSError):  # standard error is closed; the exit status still tells
        click.echo(f"{program}: {message}", err=True)
    return status


def _discard_output() -> None:
    """Redirect standard output to the null device, or Python would flush what is left at exit, and fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if sys.stdout is not None:
        os.dup2(nowhere, sys.stdout.fileno())
