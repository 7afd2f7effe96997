"""Failures of a command with `--json`: a line of JSON too, with the error codes of a batch's report."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import click

from background_remover.cli.other_programs import Command
from background_remover.runtime.exit_status import FAULTS, message_of

KEY = "background_remover.facts"
STAGE = "stage"
"""The key of the facts for the current step, "image" or "write"; it is not printed."""


class JsonCommand(Command):
    """A command with a flag `--json`; the facts that it adds to `facts_of` are printed beside the failure."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> click.Context:
        """Parse the command line, see `click.Command`."""
        with _printed_as_json("--json" in args, {}):
            return super().make_context(info_name, args, *rest, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, see `click.Command`."""
        with _printed_as_json(bool(ctx.params.get("as_json")), facts_of(ctx)):
            return super().invoke(ctx)


def facts_of(context: click.Context) -> dict[str, Any]:
    """Return the facts known so far, to be added to."""
    facts: dict[str, Any] = context.meta.setdefault(KEY, {})
    return facts


@contextlib.contextmanager
def _printed_as_json(asked: bool, facts: dict[str, Any]) -> Iterator[None]:
    try:
        yield
    except FAULTS as error:
        if asked:
            from background_remover.batch.job import code_of  # here, as a command that doesn't fail needs no batch
            from background_remover.batch.record import hint_of

            message = message_of(error)
            code = "option" if isinstance(error, click.ClickException) else code_of(error, facts.get(STAGE, "image"))
            known = {name: value for name, value in facts.items() if name != STAGE}
            line = known | {"code": code, "error": message, "hint": hint_of(message)}
            with contextlib.suppress(OSError):  # nobody reads it; the exit status still says so
                click.echo(json.dumps(line))
        raise
