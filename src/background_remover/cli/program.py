"""The program `background-remover`, a group of commands that are loaded when they are used."""

import importlib
import logging
import sys
import warnings
from collections import UserDict
from collections.abc import Sequence
from typing import Any

import click

from background_remover.cli.other_programs import Group
from background_remover.imaging.codecs.pillow_internals import silence_libtiff
from background_remover.runtime import startup
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.runtime.exit_status import leave, run
from background_remover.version import __version__

PROGRAM = "background-remover"
COMMANDS = ("remove", "batch", "video", "serve", "evaluate", "subjects", "models", "mcp", "page")
QUICK = "remove"  # the command that is over before its own end is


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default this process's own, and return the exit status, see `exit_status.run`.

    Where it is this process's own and cuts one picture out, the process ends here, see `exit_status.leave`.
    """
    quick = arguments is None and sys.argv[1:2] == [QUICK]
    if quick:
        startup.hold_garbage_collection()
    startup.limit_blas()
    keep_freed_memory()
    silence_libtiff()
    logging.basicConfig(format=f"{PROGRAM}: %(message)s")
    # Pillow's log messages on unusual files are covered by errors, or don't matter.
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # on unusual files that are read all the same
        status = run(cli, arguments, PROGRAM)
    if quick:
        leave(status)
    return status


class _Commands(UserDict[str, Any]):
    """Commands by name, each imported at its first use: one alone needs half the modules of all."""

    def __getitem__(self, name: str) -> click.Command:
        if name not in self.data:
            raise KeyError(name)
        found: click.Command = getattr(importlib.import_module(f"background_remover.cli.{name}"), name)
        return found


@click.group(
    cls=Group,
    commands=_Commands(dict.fromkeys(COMMANDS)),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name=PROGRAM)
@click.pass_context
def cli(context: click.Context) -> None:
    """Remove the background of a photo, offline."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
