"""`batch`: whole folders, by this process or by a cluster."""

import dataclasses
import functools
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import get_args

import click

from background_remover.batch.clips.options import VIDEO_FORMATS, ClipOptions
from background_remover.batch.local.executor import work_locally
from background_remover.batch.local.store import local_store
from background_remover.batch.run import run
from background_remover.batch.settings import BatchSettings
from background_remover.batch.summary import Summary
from background_remover.cli.flags import (
    STREAM,
    choices,
    completed,
    device_option,
    files,
    flag,
    flags_of,
    model_option,
    part_options,
    savings,
)
from background_remover.cli.other_programs import Command
from background_remover.errors import OptionError
from background_remover.imaging.output_options import OutputOptions
from background_remover.imaging.paths import is_same
from background_remover.options import Options, check
from background_remover.parameters.groups import CLUSTER, FILES, REVIEW, RUNNING
from background_remover.parameters.picture_list import read_list
from background_remover.parameters.prompts import PicturePrompts
from background_remover.runtime import streams
from background_remover.runtime.signals import interrupt_event
from background_remover.video.settings import Steady

_HELP = ClipOptions.__dataclass_fields__


@click.command(cls=Command, short_help="Cut out whole folders of pictures and videos.")
@click.argument("inputs", metavar="IN...", nargs=-1, required=True, shell_complete=files)
@click.argument("out", metavar="OUT", type=click.Path())
@model_option
@device_option
@flag(
    "--resume",
    group=RUNNING,
    is_flag=True,
    help="Leave what an earlier run did, where picture and options are the same.",
)
@flag("--overwrite", group=FILES, is_flag=True, help="Replace files in OUT that no run is known to have made.")
@flag("--jobs", group=RUNNING, type=click.IntRange(1), help="Pictures worked on at once.  [default: one for each core]")
@flag("--report", group=REVIEW, metavar="FILE", type=click.Path(), help="Write a line of JSON for each.")
@flag(
    "--review", group=REVIEW, metavar="DIR", type=click.Path(path_type=Path), help="Collect what should be looked at."
)
@flag(
    "--unsure",
    group=REVIEW,
    type=click.FloatRange(0, 1),
    default=BatchSettings.unsure,
    show_default=True,
    help="Review what has less confidence than this.",
)
@flag("--each", group=FILES, is_flag=True, help="Write one file for each separate subject: a-1.png, a-2.png.")
@flag("--watch", group=RUNNING, is_flag=True, help="Go on with files that appear, until Ctrl-C.")
@flag(
    "--still",
    group=RUNNING,
    type=click.FloatRange(0),
    default=BatchSettings.still,
    show_default=True,
    help="Seconds for which a file must be the same before --watch takes it.",
)
@flag(
    "--engine",
    group=CLUSTER,
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Who works: this machine, or a cluster.",
)
@flag(
    "--address",
    group=CLUSTER,
    help="Where the cluster of --engine ray is.  [default: RAY_ADDRESS, or this machine alone]",
)
@flag(
    "--gpus",
    group=CLUSTER,
    type=click.FloatRange(0, 1),
    help="The share of a GPU for each of its networks; 0: none.  [default: those of a machine share its GPUs]",
)
@savings
@part_options(_HELP["part_start"].metadata["help"], _HELP["part_end"].metadata["help"])
@flags_of(
    ClipOptions,
    "clips",
    {"video_format": completed(*VIDEO_FORMATS), "steady": completed(*get_args(Steady))},
    without=("part_start", "part_end"),
)
@choices
def batch(
    inputs: tuple[str, ...],
    out: str,
    model: str,
    device: str,
    resume: bool,
    overwrite: bool,
    jobs: int | None,
    report: str | None,
    review: Path | None,
    unsure: float,
    each: bool,
    watch: bool,
    still: float,
    engine: str,
    address: str | None,
    gpus: float | None,
    saving: OutputOptions,
    start: float,
    end: float,
    clips: ClipOptions,
    options: Options,
) -> None:
    """Cut out the pictures and videos of whole folders; the same tree appears in OUT.

    IN is a folder, a file, a glob in quotes, or "-" for a list of these on standard input, which may have columns of
    prompts. Results are PNG files, but for --format, and of videos .webm files, but for --video-format. The exit status
    is 1 where a picture failed, or else 3 where one has no subject, or else 0; and 130 after Ctrl-C. Pictures are never
    changed. Videos need an extra: pip install 'background-remover[video]'.

    With --engine ray a cluster works: IN, OUT and a report that ends in .parquet may be addresses such as
    s3://bucket/photos. Needs Ray: pip install 'background-remover[cluster]'.
    """
    listed: list[tuple[str, PicturePrompts]] = []
    if STREAM in inputs:
        if watch:
            raise OptionError("a list on standard input can't be watched; name the folder")
        listed = read_list(streams.read_all(streams.standard_input(), "standard input"))
        names = [name for name, _ in listed]
        inputs = tuple(name for given in inputs for name in (names if given == STREAM else [given]))
    check(options)
    for name in inputs:
        if name.rstrip("/") == out.rstrip("/") or is_same(Path(name), Path(out)):
            raise OptionError(f"{out}: both IN and OUT, and results need a folder of their own; choose another OUT")
    settings = BatchSettings(
        *(inputs, out, model, options, saving),
        resume=resume,
        overwrite=overwrite,
        jobs=jobs,
        report=report,
        review=review,
        unsure=unsure,
        watch=watch,
        still=still,
        address=address,
        gpus=gpus,
        device=device,
        prompts=tuple(listed),
        each=each,
        clips=dataclasses.replace(clips, part_start=start, part_end=end),
    )
    work = _on_cluster(settings) if engine == "ray" else _on_this_machine(settings)
    with interrupt_event() as stop:
        outcome = work(stop)
    click.echo("\n".join(outcome.lines()), err=True)
    if outcome.stopped is not None:
        raise outcome.stopped
    raise click.exceptions.Exit(130 if outcome.interrupted else 1 if outcome.failed else 3 if outcome.empty else 0)


def _on_this_machine(settings: BatchSettings) -> Callable[[Event], Summary]:
    """Return the run on this machine; raises `OptionError` at what is for a cluster alone."""
    if settings.still != BatchSettings.still and not settings.watch:
        raise OptionError("still does nothing without watch; add that, or leave still out")
    if settings.address is not None or settings.gpus is not None:
        raise OptionError("--address and --gpus are for a cluster; leave them out, or add --engine ray")
    for name in (*settings.inputs, settings.out, settings.report or ""):
        if "://" in name and not os.path.lexists(name):
            raise OptionError(f"{name}: the address of a file elsewhere, which only --engine ray reads; add that")
    return functools.partial(run, settings, local_store(settings), work_locally)


def _on_cluster(settings: BatchSettings) -> Callable[[Event], Summary]:
    """Return the run on a cluster; raises `OptionError` at flags for one machine alone, `Error` without Ray."""
    given = {
        "--device": settings.device != BatchSettings.device,
        "--watch": settings.watch,
        "--review": settings.review is not None,
        "--still": settings.still != BatchSettings.still,
    }
    for name in (name for name in given if given[name]):
        raise OptionError(f"{name} is not for a cluster; leave it out, or --engine ray")
    # Here, for they need an extra, and load slowly.
    from background_remover.batch.ray.executor import work_on_cluster
    from background_remover.batch.ray.store import shared_store

    return functools.partial(run, settings, shared_store(settings), work_on_cluster)
