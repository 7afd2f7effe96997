"""Published networks of others, imported, beside their own programs: prints a table in Markdown.

    python benchmarks/foreign_networks.py FOLDER --network selfie --part validation --limit 100

Each network comes from an npm package (isnet.py, selfie.py), is wrapped as `models import` does it, and runs in our
pipeline and in its own on the same pictures, each in an environment of its own (peers.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import get_args

import click

import isnet
import selfie
from background_remover.evaluation.datasets import Part, find_pairs
from background_remover.evaluation.evaluate import thin
from background_remover.segmentation.import_onnx import wrap
from background_remover.segmentation.preprocessing import Convention, convention
from peers import LEGEND, PEERS, Contender, cache_option, compare, machine, ours, table

MEDIAPIPE = "from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation"


@dataclass(frozen=True)
class Foreign:
    """A network of others: what gets its file, given a folder, its convention and licence, and its own program."""

    fetch: Callable[[Path], Path]
    convention: Convention
    licence: str
    own: Contender

    def imported(self, name: str) -> Contender:
        """Return the contender that runs the network, wrapped, in our pipeline."""

        def wrapped(cache: Path) -> Path:
            out = cache / f"imported-{name}.onnx"
            wrap(self.fetch(cache), out, name, self.convention, licence=self.licence)
            return out

        return replace(ours(f"{name}, imported"), model=wrapped)


NETWORKS: Mapping[str, Foreign] = {
    "isnet": Foreign(isnet.fetch, convention("isnet-general-use"), "AGPL-3.0", PEERS["rembg"]),
    "selfie": Foreign(
        selfie.fetch,
        Convention(256, (0, 0, 0), (1, 1, 1), "probabilities", layout="nhwc"),
        "Apache-2.0",
        Contender("selfie segmentation", "mediapipe", ("mediapipe==0.10.21",), MEDIAPIPE),  # the last with `solutions`
    ),
}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--network", "names", multiple=True, type=click.Choice(list(NETWORKS)), default=list(NETWORKS), show_default=True
)
@click.option("--part", type=click.Choice(get_args(Part)), default="all", show_default=True, help="Which pairs count.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Take this many pairs.")
@cache_option
def main(folder: Path, names: Sequence[str], part: Part, limit: int, cache: Path) -> None:
    """Print a row for each network in our pipeline and one for it in its own, on the pairs of FOLDER."""
    pairs = thin(find_pairs(folder, part), limit)
    contenders = [each for name in names for each in (NETWORKS[name].imported(name), NETWORKS[name].own)]
    results = compare(contenders, pairs, cache)
    where = f"{date.today()}, {machine()}; {len(pairs)} pictures of {folder.resolve().name}"
    click.echo(f"{where}.\n\n{table(results)}\n\n{LEGEND}")


if __name__ == "__main__":
    main()
