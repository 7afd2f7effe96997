"""python -m background_remover.train: the commands of training."""

import logging
import sys
from collections.abc import Sequence

import click

from background_remover.runtime.exit_status import run
from background_remover.train.commands.data import download, pack
from background_remover.train.commands.fit import fit
from background_remover.train.commands.model_file import (
    average_command,
    calibrate_command,
    coreml_command,
    export_command,
)
from background_remover.train.commands.report import report_command, summary

PROGRAM = "background_remover.train"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default this process's own, and return the exit status, see `exit_status.run`."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    interrupted = "interrupted; the same command continues from the last checkpoint"
    return run(cli, arguments, PROGRAM, call="python -m ", interrupted=interrupted)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """Train the networks of background-remover, and make model files of them."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (
    summary,
    download,
    pack,
    fit,
    export_command,
    average_command,
    calibrate_command,
    coreml_command,
    report_command,
):
    cli.add_command(_command)

if __name__ == "__main__":
    sys.exit(main())
