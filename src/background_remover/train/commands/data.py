"""The commands that fetch and pack data: `download` and `pack`."""

from pathlib import Path

import click

from background_remover.errors import OptionError
from background_remover.train.commands.sources import FILE, FOLDER, SourceFlags, teacher_of, with_sources
from background_remover.train.data import dataset
from background_remover.train.data import download as pets


@click.command(short_help="Fetch Oxford-IIIT Pet (811 MB).")
@click.argument("folder", metavar="DIR", type=FOLDER)
def download(folder: Path) -> None:
    """Fetch Oxford-IIIT Pet into DIR (811 MB), or go on with a fetch that broke off."""
    pets.download(folder)


@click.command(short_help="Write data folders as one file of small pictures.")
@with_sources
@click.option(
    "--size", type=click.IntRange(min=1), default=224, show_default=True, help="Side of the squares, in pixels."
)
@click.option("--out", type=FILE, required=True, help="The file to write.")
def pack(size: int, out: Path, given: SourceFlags, teacher: str | None) -> None:
    """Write data folders as one file of small pictures, to train elsewhere."""
    sources = []
    for source in given.sources():
        if isinstance(source, Path):
            raise OptionError(f"{source}: a file; pack takes folders")
        sources.append(source)
    count = dataset.pack(sources, size, out, teacher_of(teacher))
    click.echo(f"{out}: {count} pictures, {out.stat().st_size / 2**20:.1f} MiB")
