"""Flags that several commands share, generated from the dataclasses whose fields they set."""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias, get_args

import click
from click.shell_completion import CompletionItem

from background_remover import models
from background_remover.imaging.formats import WRITABLE, Compress
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import GroundKind, Matting, Options, SecondLook, ShadowKind
from background_remover.parameters.background import Fit
from background_remover.parameters.groups import GROUPS, RUNNING, VIDEOS, Group
from background_remover.parameters.layout import POSITIONS
from background_remover.segmentation.device import CPU, NAMES

Flags: TypeAlias = Callable[[Callable[..., None]], Callable[..., None]]
Completion: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

STREAM = "-"
"""The argument for standard input or standard output."""


def completed(*words: str) -> Completion:
    """Return a shell completion from these words."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]

    return complete


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Return a shell completion from the names of files and folders."""
    return [CompletionItem(incomplete, type="file")]


def _models(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return a shell completion from the shipped models, or else from the names of files."""
    shipped = completed(*models.MODELS)(context, parameter, incomplete)
    return shipped or files(context, parameter, incomplete)


_COMPLETIONS: Mapping[str, Completion] = {
    "model": _models,
    "device": completed(*NAMES),
    "matting": completed(*get_args(Matting)),
    "second_look": completed(*get_args(SecondLook)),
    "ground": completed(*get_args(GroundKind)),
    "background_fit": completed(*get_args(Fit)),
    "shadow_kind": completed(*get_args(ShadowKind)),
    "position": completed(*POSITIONS),
    "format": completed(*(suffix[1:] for suffix in WRITABLE)),
    "compress": completed(*get_args(Compress)),
    "mask": files,
    "background": files,
}
"""Field -> the shell completion of its flag's values."""


class Flag(click.Option):
    """A flag under a heading of its command's help; without a `group` it stands under "Options", the last one."""

    def __init__(self, *names: Any, group: Group | None = None, **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.group = group


flag: Callable[..., Flags] = functools.partial(click.option, cls=Flag)
"""The decorator that adds a `Flag` to a command."""


class GroupedCommand(click.Command):
    """A command whose flags stand under headings, in the help and (in their order) in whatever else lists them.

    The headings are in the order of `GROUPS`, but for `first`: what the command is for.
    """

    def __init__(self, *arguments: Any, first: Group = GROUPS[0], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.headings: tuple[Group, ...] = (first, *(group for group in GROUPS if group is not first))
        self.params.sort(key=self._order)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the flags, see `click.Command`."""
        options = [one for one in self.get_params(ctx) if isinstance(one, click.Option)]
        for place, flags in itertools.groupby(options, self._order):
            rows = [row for one in flags if (row := one.get_help_record(ctx)) is not None]
            if rows:
                with formatter.section(self.headings[place].title if place < len(GROUPS) else "Options"):
                    formatter.write_dl(rows)

    def _order(self, parameter: click.Parameter) -> int:
        """Return where a parameter's group stands: arguments first, what has no group last."""
        if isinstance(parameter, click.Argument):
            return -1
        group = getattr(parameter, "group", None)
        return len(GROUPS) if group is None else self.headings.index(group)


def model_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add the flag `--model` to a command."""
    text = f"A shipped model ({', '.join(models.MODELS)}) or a model file that ends in .onnx."
    return flag(
        "--model",
        group=RUNNING,
        metavar="NAME|FILE",
        default=models.DEFAULT,
        show_default=True,
        help=text,
        shell_complete=_models,
    )(command)


def device_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add the flag `--device` to a command."""
    return flag(
        "--device",
        group=RUNNING,
        type=click.Choice(NAMES),
        default=CPU,
        show_default=True,
        help="What the network runs on; auto: a GPU, or else the CPU.",
    )(command)


def flags_of(
    kind: type,
    parameter_name: str,
    completions: Mapping[str, Completion] = _COMPLETIONS,
    *,
    without: Collection[str] = (),
) -> Flags:
    """Return a decorator that adds a flag for each field of a dataclass, passed to the command as one instance.

    `completions` are the shell completions of the fields' values. The fields `without` have no flags, for a command in
    which they would do nothing.
    """
    fields = [field for field in dataclasses.fields(kind) if field.name not in without]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_flags(**values: Any) -> None:
            given = {field.name: values.pop(field.name) for field in fields}
            value = kind(**{name: " ".join(part) if isinstance(part, tuple) else part for name, part in given.items()})
            command(**values, **{parameter_name: value})

        decorated: Callable[..., None] = with_flags
        for field in reversed(fields):
            kind_of_value = type(field.default)  # of the field's value, whatever else it may be given as
            switch = kind_of_value is bool
            each = field.metadata.get("each")
            decorated = flag(
                f"--{each or field.name.replace('_', '-')}",
                field.name,
                group=field.metadata.get("group"),
                multiple=bool(each),
                is_flag=switch,
                type=kind_of_value,
                default=None if each else field.default,
                show_default=not switch and field.default != "",
                help=field.metadata["help"],
                shell_complete=completions.get(field.name),
            )(decorated)
        return decorated

    return decorate


def part_options(start: str, end: str) -> Flags:
    """Return a decorator that adds `--from` and `--to`, with these helps, passed as `start` and `end` in seconds."""

    def read(context: click.Context, parameter: click.Parameter, text: str) -> float:  # noqa: ARG001
        from background_remover.video.settings import read_time  # here, as `remove` doesn't need it

        return read_time(parameter.opts[0].lstrip("-"), text)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for own, name, text in (("--to", "end", end), ("--from", "start", start)):
            command = flag(
                *(own, name), group=VIDEOS, metavar="TIME", default="0", show_default=True, help=text, callback=read
            )(command)
        return command

    return decorate


choices: Flags = flags_of(Options, "options")
savings: Flags = flags_of(OutputOptions, "saving")
