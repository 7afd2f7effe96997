"""Commands and flags of other background removers, with their equivalents here.

Those of rembg, backgroundremover and transparent-background are known. They are refused like any other unknown name,
and the message names the equivalent.
"""

from collections.abc import Mapping
from typing import Any

import click

from background_remover.cli.flags import GroupedCommand

_NO_THRESHOLDS = "edges are found without thresholds here; leave it out, or choose how by --matting"
_BESIDE = "give IN and OUT by their places: background-remover remove IN OUT"
_FOLDERS = "folders have a command of their own: background-remover batch IN OUT"
COMMANDS = {
    "i": "remove IN OUT",
    "p": "batch IN OUT",
    "s": "serve",
    "b": "batch - OUT, with a list of files on standard input",
    "d": "nothing: the models are in the package",
    "download": "nothing: the models are in the package",
}
"""Another program's command -> its equivalent."""
_SAME: Mapping[tuple[str, ...], str] = {
    ("--bg", "--bgcolor", "--bg-color", "--background-color", "--background-colour", "-bgc", "-bc"): (
        "use --background COLOUR, as in --background white or --background '#ffffff80'"
    ),
    ("--bg-image", "--background-image", "-bi"): "use --background FILE",
    ("-om", "--mask-only", "--alpha-only"): "use --only-mask",
    ("-m", "--net", "--ckpt"): "use --model NAME, or --model FILE.onnx",
    ("-a", "--alpha-matting"): "use --matting closed-form, which is slow; --matting guided is on by itself",
    ("-af", "--alpha-matting-foreground-threshold"): _NO_THRESHOLDS,
    ("-ab", "--alpha-matting-background-threshold"): _NO_THRESHOLDS,
    ("-ae", "-az", "--alpha-matting-erode-size", "--alpha-matting-erode-structure-size"): _NO_THRESHOLDS,
    ("--alpha-matting-base-size",): _NO_THRESHOLDS,
    ("-ppm", "--post-process-mask"): "use --threshold 0.5, and --feather 1 to soften what that leaves",
    ("-i", "--input", "--source", "-o", "--output", "--dest"): _BESIDE,
    ("-if", "--input-folder", "-of", "--output-folder", "-r", "--recursive"): _FOLDERS,
    ("-w",): "use batch with --watch",
    ("-d", "--delete-input"): "pictures are never changed or deleted; leave it out",
    ("-wn", "--workernodes", "--threads", "-t"): "use batch with --jobs, or serve with --workers",
    ("-x", "--extras"): "every choice has a flag of its own; --help lists them",
    ("-p",): "use --port",
    ("-l", "--log-level", "--log_level"): "there is one line for each error and no level; leave it out",
}
FLAGS = {name: text for names, text in _SAME.items() for name in names}
"""Another program's flag -> its equivalent."""


class Command(GroupedCommand):
    """A command that recognises other programs' flags."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line; raises `UsageError` with the equivalent of another program's flag."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            own = {name for parameter in self.params for name in (*parameter.opts, *parameter.secondary_opts)}
            for name in (word.partition("=")[0] for word in given):
                if name in FLAGS and name not in own:
                    raise click.UsageError(f"No such option {name!r}: {FLAGS[name]}.", ctx) from error
            raise


class Group(click.Group):
    """A group that recognises other programs' commands."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Find the command; raises `UsageError` with the equivalent of another program's command."""
        if args and args[0] in COMMANDS:
            raise click.UsageError(f"No such command {args[0]!r}: use {COMMANDS[args[0]]}.", ctx)
        return super().resolve_command(ctx, args)
