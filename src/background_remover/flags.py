"""Flags that several commands have, made of the dataclasses whose fields they fill."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import click

from background_remover import models
from background_remover.options import Options
from background_remover.saving import Saving

STREAM = "-"
"""What stands for standard input, and for standard output, on a command line."""


def model_option(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the flag that names a model."""
    text = f"A shipped model ({', '.join(models.MODELS)}) or a model file that ends in .onnx."
    return click.option("--model", metavar="NAME|FILE", default=models.DEFAULT, show_default=True, help=text)(command)


def flags_of(kind: type, handed: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command one flag for each field of a dataclass, and hands it their values as one of these."""
    fields = dataclasses.fields(kind)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_flags(**values: Any) -> None:
            value = kind(**{field.name: values.pop(field.name) for field in fields})
            command(**values, **{handed: value})

        for field in reversed(fields):
            kind_of_value = type(field.default)  # what it has once it is taken, whatever else is taken as well
            switch = kind_of_value is bool
            with_flags = click.option(
                f"--{field.name.replace('_', '-')}",
                is_flag=switch,
                type=kind_of_value,
                default=field.default,
                show_default=not switch and field.default != "",
                help=field.metadata["help"],
            )(with_flags)
        return with_flags

    return decorate


choices = flags_of(Options, "options")
savings = flags_of(Saving, "saving")
