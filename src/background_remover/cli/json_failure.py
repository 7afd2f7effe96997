"""What a command with `--json` prints where it fails: a line of JSON too, with the code that a batch's report has."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import click

from background_remover.batch.job import code_of, hint_of
from background_remover.cli.other_programs import Command
from background_remover.runtime.exit_status import FAULTS, message_of

KEY = "background_remover.facts"
STAGE = "stage"
"""The key of the facts that says what is worked on: "image" or "write"; it is not printed."""


class JsonCommand(Command):
    """A command with a switch `--json`; what it notes by `facts_of` is printed beside the failure."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> click.Context:
        """See `click.Command`; this is where the command line is read."""
        with _told("--json" in args, {}):
            return super().make_context(info_name, args, *rest, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """See `click.Command`; this is where the work is done."""
        with _told(bool(ctx.params.get("as_json")), facts_of(ctx)):
            return super().invoke(ctx)


def facts_of(context: click.Context) -> dict[str, Any]:
    """What is known so far, to be added to."""
    facts: dict[str, Any] = context.meta.setdefault(KEY, {})
    return facts


@contextlib.contextmanager
def _told(asked: bool, facts: dict[str, Any]) -> Iterator[None]:
    try:
        yield
    except FAULTS as error:
        if asked:
            message = message_of(error)
            code = "option" if isinstance(error, click.ClickException) else code_of(error, facts.get(STAGE, "image"))
            known = {name: value for name, value in facts.items() if name != STAGE}
            line = known | {"code": code, "error": message, "hint": hint_of(message)}
            with contextlib.suppress(OSError):  # nobody reads it; the status is still told
                click.echo(json.dumps(line))
        raise
