"""`page`: the page as a static site."""

from pathlib import Path

import click

from background_remover.cli.flags import files, flag, model_option
from background_remover.cli.other_programs import Command
from background_remover.parameters.groups import FILES, RUNNING
from background_remover.runtime.progress import Progress
from background_remover.static_site.onnxruntime_web import URL, runtime_files
from background_remover.static_site.site import check_place, write_site


@click.command(cls=Command, short_help="Write the page as a static site, without a server.")
@flag(
    "--output", group=FILES, metavar="DIR", required=True, type=click.Path(path_type=Path), help="The folder to write."
)
@flag(
    "--runtime",
    group=RUNNING,
    metavar="URL|FILE|DIR",
    default=URL,
    show_default=True,
    help="onnxruntime-web: the address of its npm archive, that file, or its folder dist.",
    shell_complete=files,
)
@flag(
    "--webgpu",
    group=RUNNING,
    is_flag=True,
    help="Let a graphics card run the network where a browser has WebGPU; more to download, for those alone.",
)
@model_option
def page(output: Path, runtime: str, webgpu: bool, model: str) -> None:
    """Write the page as a static site: without a server, everything in the browser, offline after the first visit.

    Any host of files will do. onnxruntime-web, which runs the network there, is fetched once, while the site is
    written, and checked against the hashes of its release; the page itself asks nobody but its own host.
    """
    check_place(output)
    display = Progress(None, "bytes of onnxruntime-web")
    try:
        engine = runtime_files(runtime, lambda count: display.update(count, 0), webgpu=webgpu)
    finally:
        display.clear()
    site = write_site(output, engine, model)
    size, compressed, more = (f"{count / 1e6:.1f} MB" for count in (site.size, site.compressed, site.webgpu))
    late = f"; {more} more where WebGPU is used" if site.webgpu else ""
    click.echo(f"{output}: {site.count} files, {size} to download, {compressed} where the host compresses text{late}")
