"""`video`: the frames of a video, from file to file."""

from functools import partial
from pathlib import Path
from typing import get_args

import click

from background_remover.cli.flags import choices, completed, device_option, files, flag, model_option, part_options
from background_remover.cli.other_programs import Command
from background_remover.errors import Error, OptionError
from background_remover.options import Options, check
from background_remover.parameters.groups import RUNNING, VIDEOS
from background_remover.runtime.progress import Progress
from background_remover.video.settings import Steady, VideoOptions

_HELP = VideoOptions.__dataclass_fields__


@click.command(cls=Command, first=VIDEOS, short_help="Cut the subject out of each frame of a video.")
@click.argument("source", metavar="IN", shell_complete=files)
@click.argument("target", metavar="OUT", shell_complete=files)
@model_option
@device_option
@part_options(_HELP["start"].metadata["help"], _HELP["end"].metadata["help"])
@flag("--no-audio", group=VIDEOS, is_flag=True, help="Leave the sound out.")
@flag(
    "--quality",
    group=VIDEOS,
    type=int,
    default=VideoOptions.quality,
    show_default=True,
    help=_HELP["quality"].metadata["help"],
)
@flag(
    "--steady",
    group=VIDEOS,
    default=VideoOptions.steady,
    show_default=True,
    help=_HELP["steady"].metadata["help"],
    shell_complete=completed(*get_args(Steady)),
)
@flag(
    "--resume", group=RUNNING, is_flag=True, help="Work by segments, and keep those that an earlier run with it made."
)
@choices
def video(
    source: str,
    target: str,
    model: str,
    device: str,
    start: float,
    end: float,
    no_audio: bool,
    quality: int,
    steady: str,
    resume: bool,
    options: Options,
) -> None:
    """Cut the subject out of each frame of the video IN and write it to OUT.

    The suffix of OUT names the format: .webm (VP9) and .mov (ProRes 4444) with transparency, .mkv (FFV1) exactly,
    and .mp4 (H.264) over a --background or with --only-mask; .webp, .gif and .apng are animations, without sound; a
    name without a suffix is a new folder of PNG files. Time stamps and sound are kept. A file OUT is replaced. Where no
    frame has a subject nothing is written and the exit status is 3, but for --allow-empty. Needs an extra:
    pip install 'background-remover[video]'.
    """
    check(options)
    for name in (source, target):
        if "://" in name:
            raise OptionError(f"{name}: an address, and videos are files here; download it first, and name the file")
    chosen = VideoOptions(start, end, audio=not no_audio, steady=steady, quality=quality)
    try:
        # Here, as it needs an extra, and loads slowly.
        from background_remover.video.conversion import write_video
        from background_remover.video.removal import open_remover
        from background_remover.video.segments.resumption import resume_video
    except ImportError as error:
        raise Error(f"video needs an extra ({error}): pip install 'background-remover[video]'") from error
    display = Progress(None, "frames")

    def update(done: int, total: int | None) -> None:
        display.total = total
        display.update(done, 0)

    write = partial(resume_video, model=model) if resume else write_video
    try:
        summary = write(open_remover(model, device=device), Path(source), Path(target), options, chosen, update)
    finally:
        display.clear()
    notes = [*summary.notes, *([_doubt(source, summary.unsure, summary.frames)] if summary.unsure else [])]
    for note in notes:
        click.echo(f"{click.get_current_context().find_root().info_name}: {note}", err=True)


def _doubt(source: str, unsure: int, frames: int) -> str:
    return f"{source}: unsure of the subject in {unsure} of {frames} frames; look at the result"
