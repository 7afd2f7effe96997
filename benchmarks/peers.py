"""Our models beside the programs people use today: the same pictures, the same machine, the same run.

    python benchmarks/peers.py FOLDER [--limit 100]

prints a Markdown table. Every program gets an environment of its own and cuts every picture out in a process of its
own (contender.py). What is scored is the alpha channel of the PNG that a user would get.
"""

import json
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, get_args

import click
import numpy as np
from PIL import Image

import isnet
from background_remover.errors import Error
from background_remover.evaluation import metrics, saliency
from background_remover.evaluation.datasets import Pair, Part, find_pairs, read_truth
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.tables import markdown
from background_remover.models import MODELS
from background_remover.runtime.parallel import cores
from installation import Installation, install, run

ROOT = Path(__file__).parents[1]
WORKER = Path(__file__).with_name("contender.py")
LEGEND = """\
IoU and MAE leave undecided borders out; IoU and S-measure are better when higher. Times are medians for a picture: the
network alone, and from the bytes of its file to those of a PNG. Memory is the most the process held. Installed are all
packages, with the weights. The import is timed without bytecode and with it; open is the import, and the opening of
the model, in the measured process."""


@dataclass(frozen=True)
class Contender:
    """A program that takes part.

    `program` is its name in contender.py, and that of its environment, into which pip installs `requirements`.
    `model` is the model's name or file, or what gets that file, given a folder to keep it in.
    """

    label: str
    program: str
    requirements: tuple[str, ...]
    statement: str
    model: str | Callable[[Path], Path] = ""


def ours(model: str) -> Contender:
    """Our project with one of its models, or with a model file."""
    label = Path(model).name
    return Contender(label, "background-remover", (str(ROOT),), "from background_remover import Remover", model)


PEERS: Mapping[str, Contender] = {
    "rembg": Contender("ISNet", "rembg", ("rembg[cpu]",), "from rembg import new_session, remove", isnet.fetch),
    "grabcut": Contender("GrabCut", "opencv-python-headless", ("opencv-python-headless", "pillow"), "import cv2"),
}


@dataclass(frozen=True)
class Result:
    """What a contender scored and what it took: seconds, bytes."""

    label: str
    iou: float
    mae: float
    s_measure: float
    network: float
    total: float
    memory: int
    installed: int
    cold: float
    warm: float
    open: float


def compare(contenders: Sequence[Contender], pairs: Sequence[Pair], cache: Path) -> list[Result]:
    """Return the results of all contenders on the same pairs, but for those that fail, which are named as they do."""
    cache.mkdir(parents=True, exist_ok=True)
    installations: dict[str, Installation] = {}
    results = []
    for contender in contenders:
        click.echo(f"{contender.program}, {contender.label}: {len(pairs)} pictures", err=True)
        program = contender.program
        try:
            if program not in installations:
                installations[program] = install(cache / program, contender.requirements, contender.statement)
            results.append(measure(contender, pairs, cache, installations[program]))
        except Error as error:  # what the others took hours for is not to be lost
            click.echo(f"left out: {error}", err=True)
    return results


def measure(contender: Contender, pairs: Sequence[Pair], cache: Path, installation: Installation) -> Result:
    """Let a contender cut out every picture and score it; raises `Error` where it fails."""
    model = contender.model if isinstance(contender.model, str) else str(contender.model(cache))
    with tempfile.TemporaryDirectory() as alphas:
        pictures = [str(pair.image.resolve()) for pair in pairs]
        order = {"program": contender.program, "model": model, "pictures": pictures, "alphas": alphas}
        report = work(installation.python, order)
        iou, mae, s_measure = score(pairs, Path(alphas))
    return Result(
        label=f"{contender.program} {report['version']}, {contender.label}",
        iou=iou,
        mae=mae,
        s_measure=s_measure,
        network=median(report["network_seconds"]),
        total=median(report["total_seconds"]),
        memory=report["peak_bytes"],
        installed=installation.size + (Path(model).stat().st_size if Path(model).is_file() else 0),
        cold=installation.cold,
        warm=installation.warm,
        open=report["open_seconds"],
    )


def work(python: Path, order: Mapping[str, Any], worker: Path = WORKER) -> dict[str, Any]:
    """Give an order to contender.py in a process of its own and return its report; raises `Error` if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder) / "order.json", Path(folder) / "report.json"
        asked.write_text(json.dumps(order))
        run([str(python), "-I", str(worker), str(asked), str(answer)])
        report: dict[str, Any] = json.loads(answer.read_text())
    return report


def score(pairs: Sequence[Pair], alphas: Path) -> tuple[float, float, float]:
    """Return the mean IoU, MAE and S-measure of the alphas 0.png, 1.png... in a folder, one for each pair."""
    rows = []
    for number, pair in enumerate(pairs):
        with Image.open(alphas / f"{number}.png") as file:
            alpha = np.asarray(file, dtype=np.float32) / np.float32(255)
        truth, known = read_truth(pair)
        if alpha.shape != truth.shape:
            raise Error(f"{pair.image}: the answer is {alpha.shape} and the truth {truth.shape}; leave the pair out")
        rows.append(
            (metrics.iou(alpha, truth, known), metrics.mae(alpha, truth, known), saliency.s_measure(alpha, truth))
        )
    iou, mae, s_measure = np.nanmean(rows, axis=0)  # the S-measure is undefined for some pictures
    return float(iou), float(mae), float(s_measure)


def table(results: Sequence[Result]) -> str:
    """Return the results as a Markdown table that reads well in a terminal, one row each."""
    header = ["program, model", "IoU", "MAE", "S-measure", "network, ms", "end to end, ms", "memory, MB"]
    header += ["installed, MB", "import, s", "open, s"]
    return markdown(header, map(_row, results))


def _row(result: Result) -> list[str]:
    scores = [f"{value:.3f}" for value in (result.iou, result.mae, result.s_measure)]
    times = [f"{1000 * value:.0f}" for value in (result.network, result.total)]
    sizes = [f"{value / 1e6:.0f}" for value in (result.memory, result.installed)]
    return [result.label, *scores, *times, *sizes, f"{result.cold:.2f} / {result.warm:.2f}", f"{result.open:.2f}"]


def machine() -> str:
    """Return the processor and what runs on it, in words."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{processor}, {cores()} cores, {platform.system()}, Python {platform.python_version()}"


cache_option = click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=ROOT / "scratch" / "peers",
    show_default=True,
    help="Keeps environments and weights, about 1 GB, for the next run.",
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--model", "models", multiple=True, default=list(MODELS), show_default=True, help="Ours: names or files.")
@click.option(
    "--peer",
    "peers",
    multiple=True,
    type=click.Choice(list(PEERS)),
    default=list(PEERS),
    show_default=True,
    help="The others.",
)
@click.option("--part", type=click.Choice(get_args(Part)), default="all", show_default=True, help="Which pairs count.")
@click.option("--limit", type=click.IntRange(1), help="Take this many pairs, evenly spread over the part.")
@cache_option
def main(folder: Path, models: Sequence[str], peers: Sequence[str], part: Part, limit: int | None, cache: Path) -> None:
    """Print a table of our models beside their peers, on the pairs of FOLDER (see background-remover evaluate)."""
    try:
        saliency.load_pysodmetrics()
        pairs = find_pairs(folder, part)
        if not pairs:
            raise click.ClickException(f"{folder}: no pairs in the part {part!r}; choose another")
        pairs = pairs if limit is None else thin(pairs, limit)
    except Error as error:
        raise click.ClickException(str(error)) from error
    contenders = [*map(ours, models), *(PEERS[peer] for peer in peers)]
    results = compare(contenders, pairs, cache)
    if results:
        name = folder.resolve().name
        click.echo(f"{date.today()}, {machine()}; {len(pairs)} pictures of {name}.\n\n{table(results)}\n\n{LEGEND}")
    if len(results) < len(contenders):
        sys.exit(1)


if __name__ == "__main__":
    main()
