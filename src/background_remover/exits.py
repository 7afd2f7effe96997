"""How a command ends: its exit status, and an error as one line on standard error, never a traceback."""

import os
import sys
from collections.abc import Sequence

import click

from background_remover.errors import Error, NoSubject, OptionError


def run(
    group: click.Group,
    arguments: Sequence[str] | None,
    program: str,
    *,
    call: str = "",
    interrupted: str = "interrupted",
) -> int:
    """Runs a command line, by default this process's own, and gives the exit status.

    0: done. 1: a picture, a model or a file is at fault. 2: the command line is. 3: there is no subject to keep.
    130: interrupted. `call` is what stands before the program's name to call it, `interrupted` what is then said.
    """
    try:
        status = group.main(arguments, prog_name=program, standalone_mode=False)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context is not None else program
        return _complain(program, f"{error.format_message()} Try: {call}{where} --help", error.exit_code)
    except click.Abort:
        return _complain(program, interrupted, 130)
    except OptionError as error:
        return _complain(program, str(error), 2)
    except NoSubject as error:
        return _complain(program, str(error), 3)
    except Error as error:
        return _complain(program, str(error), 1)
    except OSError as error:  # the system refuses a file's name, or standard output
        if error.filename is None:
            _discard_output()
        return _complain(program, f"{error.filename or 'standard output'}: {error.strerror or error}", 1)
    except MemoryError:
        return _complain(program, "not enough memory for this picture; shrink it first", 1)
    return status if isinstance(status, int) else 0


def _complain(program: str, message: str, status: int) -> int:
    click.echo(f"{program}: {' '.join(message.split())}", err=True)
    return status


def _discard_output() -> None:
    """Sends standard output nowhere, or Python would try what is left of it once more at the end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
