"""How many samples a second training takes, by network, size and precision: the whole loop, augmentation included.

python benchmarks/training.py [--seconds 20] [--threads N]
"""

import argparse
import logging
import tempfile
from dataclasses import replace
from pathlib import Path

import torch

from background_remover.train import config, fit, start
from background_remover.train.config import Stage
from background_remover.train.data import Bank
from background_remover.train.decode import CHANNELS, Source

CASES = {"unet": ((64, 64), (96, 32), (128, 16)), "unet-lite2": ((128, 16), (192, 12), (256, 8), (320, 8))}
PICTURES = 64  # made up: what is on them doesn't change the time


def rate(name: str, size: int, batch: int, precision: str, seconds: float) -> float:
    """The samples a second of a recipe's network at one size."""
    chosen = replace(config.recipe(name), stages=(Stage(size, 1.0, batch),), minutes=seconds / 60, epoch=0)
    tiles = torch.randint(0, 256, (PICTURES, CHANNELS, fit.bank_size(chosen), fit.bank_size(chosen)), dtype=torch.uint8)
    whole = torch.full((PICTURES,), 4 / 3), torch.zeros(PICTURES, dtype=torch.int64), (Source(Path("made-up")),)
    bank = Bank(tiles, *whole)
    with tempfile.TemporaryDirectory() as folder:
        device = fit.Device(accelerator="cpu", devices=1, precision=precision)
        fit.fit(
            chosen, bank, Bank(tiles[:1], *(part[:1] for part in whole)), Path(folder), start.initial(chosen), device
        )
        return float(torch.load(Path(folder) / "last.pt", weights_only=True)["history"][-1]["rate"])


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20, help="of each case")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    logging.disable(logging.INFO)
    print(f"{torch.get_num_threads()} threads; samples a second")
    print("| network | size | batch | fp32 | bf16 |\n| --- | ---: | ---: | ---: | ---: |")
    for name, cases in CASES.items():
        for size, batch in cases:
            rates = [rate(name, size, batch, precision, given.seconds) for precision in ("32-true", "bf16-mixed")]
            print(
                f"| `{name}` | {size} | {batch} | " + " | ".join(f"{value:.1f}" for value in rates) + " |", flush=True
            )


if __name__ == "__main__":
    main()
