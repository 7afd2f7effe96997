"""`mcp`: a server for assistants."""

from pathlib import Path

import click

from background_remover.cli.flags import device_option, model_option
from background_remover.errors import Error

_PATH = click.Path(path_type=Path)


@click.command(short_help="Answer an assistant over the Model Context Protocol.")
@click.option(
    "--root", "roots", metavar="DIR", multiple=True, type=_PATH, help="A folder to work in; repeatable, one at least."
)
@model_option
@device_option
def mcp(roots: tuple[Path, ...], model: str, device: str) -> None:
    """Answer an assistant over the Model Context Protocol, on standard input and output.

    Its tools remove, mask, subjects and evaluate read and write files in the folders of --root, and nowhere else.
    Needs an extra: pip install 'background-remover[mcp]'.
    """
    try:
        # Here, as it needs an extra, and loads slowly.
        from background_remover.mcp.server import mcp_server
    except ImportError as error:
        raise Error(f"mcp needs an extra ({error}): pip install 'background-remover[mcp]'") from error
    mcp_server(roots, model=model, device=device).run()
