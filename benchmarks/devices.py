"""The network on the devices of the installed onnxruntime, beside the CPU: prints a table in Markdown.

    python benchmarks/devices.py FOLDER... --part validation --limit 50

Each FOLDER holds pictures with truth. A device's answers are compared with those of "cpu" to the same pictures; the
ratio of times is the median over pairs, one picture on both after the other. Another onnxruntime needs an environment
of its own: `pip uninstall onnxruntime && pip install onnxruntime-openvino`.
"""

from pathlib import Path
from time import perf_counter
from typing import get_args

import click
import numpy as np

from background_remover import models
from background_remover.evaluation.datasets import Part, find_pairs, read_pair
from background_remover.evaluation.evaluate import thin
from background_remover.evaluation.tables import markdown
from background_remover.segmentation.device import CPU, DEVICES, available_providers
from background_remover.segmentation.network import Network
from background_remover.types import Image

WARM = 3  # pictures that aren't counted: a provider compiles at the first of a size


def row(device: str, model: str, images: list[Image]) -> tuple[str, ...]:
    """Return what a device's answers take, and how far they are from the CPU's, as cells."""
    networks = [Network(models.locate(model), device=name) for name in (CPU, device)]
    times, differences = [], []
    for number, image in enumerate([*images[:WARM], *images]):
        answers, seconds = [], []
        for network in networks:
            start = perf_counter()
            answers.append(network.coarse(image))
            seconds.append(perf_counter() - start)
        if number >= WARM:
            times.append(seconds)
            differences.append(float(np.abs(answers[0] - answers[1]).max()))
    on_cpu, there = np.median(np.array(times) * 1e3, axis=0)
    ratio = np.median([one / other for one, other in times])
    return device, networks[1].provider, f"{there:.1f}", f"{on_cpu:.1f}", f"{ratio:.2f}", f"{max(differences):.1e}"


@click.command()
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--model", default=models.DEFAULT, show_default=True, help="The model to run.")
@click.option("--part", type=click.Choice(get_args(Part)), default="all", show_default=True, help="Which pictures.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="The most of each folder.")
def main(folders: tuple[Path, ...], model: str, part: Part, limit: int) -> None:
    """Print a row for every device that is there."""
    images = [read_pair(pair)[0] for folder in folders for pair in thin(find_pairs(folder, part), limit)]
    available = available_providers()
    there = [name for name, device in DEVICES.items() if name != CPU and set(device.providers) & set(available)]
    header = ("device", "provider", "ms", "ms on cpu", "times as fast", "largest difference of alpha")
    click.echo(markdown(header, [row(name, model, images) for name in there]))
    click.echo(f"\n{model}, {len(images)} pictures")


if __name__ == "__main__":
    main()
