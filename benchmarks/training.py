"""How many samples a second training takes, by network, size and precision: the whole loop, augmentation included.

python benchmarks/training.py [--seconds 20] [--threads N]
"""

import logging
import tempfile
from dataclasses import replace
from pathlib import Path

import click
import torch

from background_remover.evaluation.tables import markdown
from background_remover.train import config, fit, initial_weights
from background_remover.train.config import Stage
from background_remover.train.data.dataset import Bank
from background_remover.train.data.decode import CHANNELS, Source

CASES = {"unet": ((64, 64), (96, 32), (128, 16)), "unet-lite2": ((128, 16), (192, 12), (256, 8), (320, 8))}
PRECISIONS = ("32-true", "bf16-mixed")
PICTURES = 64  # made up: what is on them doesn't change the time


def made_up(count: int, side: int) -> Bank:
    """Return so many squares of noise, as pictures of 4:3."""
    tiles = torch.randint(0, 256, (count, CHANNELS, side, side), dtype=torch.uint8)
    sources = torch.zeros(count, dtype=torch.int64)
    return Bank(tiles, torch.full((count,), 4 / 3), sources, (Source(Path("made-up")),))


def rate(name: str, stage: Stage, precision: str, seconds: float) -> float:
    """Return the samples a second of a recipe's network in a stage of its own."""
    chosen = replace(config.recipe(name), stages=(stage,), minutes=seconds / 60, epoch=0)
    side = fit.bank_size(chosen)
    device = fit.Device(accelerator="cpu", devices=1, precision=precision)
    with tempfile.TemporaryDirectory() as folder:
        fit.fit(chosen, made_up(PICTURES, side), made_up(1, side), Path(folder), initial_weights.fresh(chosen), device)
        return float(torch.load(Path(folder) / "last.pt", weights_only=True)["history"][-1]["rate"])


@click.command()
@click.option("--seconds", default=20.0, show_default=True, help="For each case.")
@click.option("--threads", type=int, help="By default one for each core.")
def main(seconds: float, threads: int | None) -> None:
    """Print the samples a second of every network, size and precision, as a table."""
    if threads is not None:
        torch.set_num_threads(threads)
    logging.disable(logging.INFO)
    click.echo(f"{torch.get_num_threads()} threads; samples a second")
    rows = []
    for name, cases in CASES.items():
        for size, batch in cases:
            rates = [rate(name, Stage(size, 1.0, batch), precision, seconds) for precision in PRECISIONS]
            rows.append([f"`{name}`", str(size), str(batch), *(f"{value:.1f}" for value in rates)])
    click.echo(markdown(["network", "size", "batch", "fp32", "bf16"], rows))


if __name__ == "__main__":
    main()
