"""`serve`: the HTTP service."""

import dataclasses
import logging
import os

import click

from background_remover.cli.flags import flags_of
from background_remover.cli.other_programs import Command
from background_remover.errors import Error
from background_remover.server.settings import ServerSettings


@click.command(cls=Command, short_help="Answer over HTTP, with a page to drop photos on.")
@flags_of(ServerSettings, "settings")
def serve(settings: ServerSettings) -> None:
    """Answer over HTTP, and show a page to drop photos on, until Ctrl-C.

    POST a picture to /remove and its cutout comes back. The environment's BACKGROUND_REMOVER_TOKEN is a --token that
    other users of the machine can't read. Needs an extra: pip install 'background-remover[serve]'.
    """
    try:
        # Here, as it needs an extra, and loads slowly.
        from background_remover.server import listener
    except ImportError as error:
        raise Error(f"serve needs an extra ({error}): pip install 'background-remover[serve]'") from error
    logging.getLogger("background_remover").setLevel(logging.INFO)
    # On a command line every user of the machine can read it.
    token = settings.token or os.environ.get("BACKGROUND_REMOVER_TOKEN", "")
    listener.serve(dataclasses.replace(settings, token=token))
