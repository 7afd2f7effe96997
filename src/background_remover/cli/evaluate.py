"""`evaluate`: the scores of a model on pictures with known truth."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar, get_args

import click

from background_remover.cli.flags import device_option, model_option
from background_remover.errors import OptionError
from background_remover.evaluation import verdicts
from background_remover.evaluation.datasets import Part, find_pairs, find_pictures, read_names
from background_remover.evaluation.evaluate import evaluate as score
from background_remover.evaluation.evaluate import evaluate_backgrounds, thin
from background_remover.evaluation.report import Report
from background_remover.imaging.atomic import check_place
from background_remover.options import Matting, Options, SecondLook
from background_remover.remover import Remover

_T = TypeVar("_T")
_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=_PATH)
@model_option
@device_option
@click.option("--backgrounds", metavar="DIR", multiple=True, type=_PATH, help="Pictures without a subject; repeatable.")
@click.option("--without", metavar="FILE", type=_PATH, help="A text file: names of pictures not to use, one a line.")
@click.option("--behind-only", metavar="FILE", type=_PATH, help="The same, of backgrounds alone.")
@click.option(
    "--part", type=click.Choice(get_args(Part)), default="all", show_default=True, help="Which pictures count."
)
@click.option("--matting", default=Options.matting, show_default=True, help=f"One of: {', '.join(get_args(Matting))}.")
@click.option(
    "--second-look", default=Options.second_look, show_default=True, help=f"One of: {', '.join(get_args(SecondLook))}."
)
@click.option(
    "--limit", metavar="N", type=click.IntRange(1), help="Take N of each folder, evenly spread over the part."
)
@click.option("--csv", "table", metavar="FILE", type=_PATH, help="Write the scores of each picture as well.")
def evaluate(
    folders: tuple[Path, ...],
    model: str,
    device: str,
    backgrounds: tuple[Path, ...],
    without: Path | None,
    behind_only: Path | None,
    part: Part,
    matting: str,
    second_look: str,
    limit: int | None,
    table: Path | None,
) -> None:
    """Score a model on the pictures of folders whose truth is known.

    A DIR has the layout of Oxford-IIIT Pet, or holds image/ beside mask/. A table of scores is printed for each and one
    for all, and then by folder the shares of pictures that come back blank (no pixel of the alpha above one half), are
    refused as having no subject, and are called unsure. Pictures of --backgrounds have no subject: of them it says how
    many are refused, and how many come back with something cut out.
    """
    if not (folders or backgrounds):
        raise OptionError("nothing to score; give a DIR or --backgrounds DIR")
    if table is not None:
        check_place(table)
    options = Options(matting=matting, second_look=second_look, ground="photo")  # it is the model that is scored
    left_out = frozenset[str]() if without is None else read_names(without)
    behind = left_out if behind_only is None else left_out | read_names(behind_only)
    pairs = _chosen(folders, lambda folder: find_pairs(folder, part), lambda pair: pair.image.name, left_out, limit)
    empties = _chosen(backgrounds, lambda folder: find_pictures(folder, part), lambda path: path.name, behind, limit)
    predict = partial(Remover(model, device=device).matte, options=options)
    reports = {
        str(folder): score(predict, found, source=str(folder), progress=_show_progress)
        for folder, found in pairs.items()
    }
    others = [
        evaluate_backgrounds(predict, found, source=str(folder), progress=_show_progress)
        for folder, found in empties.items()
    ]
    whole = Report.joined([*reports.values(), *others])
    click.echo("\n\n".join([*_tables(reports), verdicts.table(whole.verdicts)]))
    if table is not None:
        whole.write_csv(table)


def _chosen(
    folders: Sequence[Path],
    find: Callable[[Path], list[_T]],
    name: Callable[[_T], str],
    left_out: frozenset[str],
    limit: int | None,
) -> dict[Path, list[_T]]:
    """Return the items found in each folder, without those left out, `limit` at most."""
    found = {folder: [item for item in find(folder) if name(item) not in left_out] for folder in folders}
    return found if limit is None else {folder: thin(items, limit) for folder, items in found.items()}


def _tables(reports: Mapping[str, Report]) -> list[str]:
    """Return the table of each folder and, where there are several, one of all, each below its name."""
    if len(reports) < 2:
        return [report.table() for report in reports.values()]
    named = {**reports, "all": Report.joined(list(reports.values()))}
    return [f"## {name}\n\n{report.table()}" for name, report in named.items()]


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {total:,} pictures", nl=done == total, err=True)
