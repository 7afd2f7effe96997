"""Edges, colours, speed and memory of refinement, beside other ways: prints the tables of docs/edges.md.

    pip install -e '.[matting,evaluate]' opencv-contrib-python-headless
    python benchmarks/edges.py edges FOLDER
    python benchmarks/edges.py trimaps FOLDER
    python benchmarks/edges.py colours FOLDER
    python benchmarks/edges.py speed FOLDER/image/NAME FOLDER/mask/NAME

FOLDER holds image/ beside mask/, whose levels are the true alpha. The coarse alpha is the true one reduced, as the mean
of areas, to 128 or 256 pixels on its longer side; `--soft` blurs it and adds noise first, as a network's answer is. The
colours of the truth aren't known: they are estimated (closed form, which neither contender is), put before another of
the pictures, and are to be found again.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter, process_time

import click
import numpy as np
from PIL import Image as PillowImage

from background_remover.arrays.box_filter import blur, box_max
from background_remover.arrays.resample import resize, within
from background_remover.evaluation import metrics
from background_remover.evaluation.datasets import Pair, find_pairs
from background_remover.evaluation.tables import markdown
from background_remover.matting.closed_form import GUESSED, closed_form
from background_remover.matting.foreground import foreground
from background_remover.matting.given_mask import UNKNOWN
from background_remover.matting.guided_filter import refine
from background_remover.matting.trimap_solver import solve
from background_remover.types import Alpha, Image
from contender import peak_bytes

Refiner = Callable[[Image, Alpha], Alpha]
MEASURES = {
    "SAD": metrics.sad,
    "MSE": metrics.mse,
    "gradient": metrics.gradient_error,
    "connectivity": metrics.connectivity_error,
}
SOFTNESS, NOISE = 0.7, 0.02  # of `--soft`: a blur in pixels of the coarse alpha, and a standard deviation
GRAIN = 2  # levels, the standard deviation of the noise of enlarged pictures


def bilinear(image: Image, coarse: Alpha) -> Alpha:
    """Return the coarse alpha stretched, as most removers do."""
    return resize(coarse, (image.shape[0], image.shape[1]), "bilinear")


def opencv(image: Image, coarse: Alpha) -> Alpha:
    """Return OpenCV's guided filter on the stretched alpha; the radius is the best for most of the pictures."""
    import cv2

    radius = max(2, round(1.5 * max(image.shape) / max(coarse.shape)))
    filtered = vars(cv2)["ximgproc"].guidedFilter(image, bilinear(image, coarse), radius, 1e-5 * 255**2)
    return np.asarray(np.clip(filtered, 0, 1), np.float32)


def trimap_closed_form(image: Image, coarse: Alpha) -> Alpha:
    """Return PyMatting's closed form, whole picture, on the trimap that the stretched alpha says."""
    import pymatting

    alpha = bilinear(image, coarse)
    unknown = box_max(((alpha > 0.02) & (alpha < 0.98)).astype(np.float32), 3) > 0
    return np.asarray(pymatting.estimate_alpha_cf(image / 255, np.where(unknown, 0.5, alpha > 0.5)), dtype=np.float32)


def refined_closed_form(image: Image, coarse: Alpha) -> Alpha:
    """Return what `--matting closed-form` does: ours, solved anew in tiles."""
    return closed_form(image, refine(image, coarse))


REFINERS: Mapping[str, Refiner] = {
    "bilinear": bilinear,
    "OpenCV guided filter": opencv,
    "ours (`guided`)": refine,
    "ours, then `closed-form`": refined_closed_form,
    "closed form on a trimap": trimap_closed_form,
}


@click.group()
def main() -> None:
    """Measure refinement and colours."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--soft", is_flag=True, help="Blur the coarse alpha and add noise.")
@click.option("--size", "sizes", type=int, multiple=True, default=(128, 256), help="The coarse alpha's longer side.")
@click.option("--megapixels", type=float, help="Enlarge the pictures to that, and add noise.")
@click.option("--only", type=click.Choice(list(REFINERS)), multiple=True, help="Measure these beside the stretching.")
def edges(folder: Path, soft: bool, sizes: tuple[int, ...], megapixels: float | None, only: tuple[str, ...]) -> None:
    """Print the measures of matting, as shares of the bilinear stretching's, over the unknown band and over all."""
    pairs = find_pairs(folder)
    refiners = {name: REFINERS[name] for name in dict.fromkeys(["bilinear", *(only or REFINERS)])}
    for size in sizes:
        sums = {name: np.zeros((2, len(MEASURES))) for name in refiners}
        for pair in pairs:
            image, truth = read_pair(pair) if megapixels is None else enlarged(*read_pair(pair), megapixels)
            coarse = reduced(truth, size, soft)
            unknown = box_max(((truth > 0) & (truth < 1)).astype(np.float32), 10) > 0
            for name, refiner in refiners.items():
                alpha = refiner(image, coarse)
                for row, band in enumerate((unknown, None)):
                    sums[name][row] += [measure(alpha, truth, band) for measure in MEASURES.values()]
        click.echo(f"\n{len(pairs)} pictures, coarse alpha of {size} pixels{', softened' if soft else ''}\n")
        columns = [f"{name}, {where}" for where in ("band", "all") for name in MEASURES]
        shares = {name: (values / sums["bilinear"]).ravel() for name, values in sums.items()}
        rows = ([name, *(f"{share:.3f}" for share in found)] for name, found in shares.items())
        click.echo(markdown(["refinement", *columns], rows))


def read_alpha(path: Path) -> Alpha:
    """Return a mask's levels as an alpha."""
    with PillowImage.open(path) as mask:
        return np.asarray(mask.convert("L"), dtype=np.float32) / np.float32(255)


def read_pair(pair: Pair) -> tuple[Image, Alpha]:
    """Return a pair's picture and its true alpha."""
    with PillowImage.open(pair.image) as picture:
        return np.asarray(picture.convert("RGB")), read_alpha(pair.truth)


def enlarged(image: Image, truth: Alpha, megapixels: float) -> tuple[Image, Alpha]:
    """Return a picture and its alpha enlarged to so many million pixels, the picture with noise as a camera's has."""
    scale = (megapixels * 1e6 / truth.size) ** 0.5
    size = round(truth.shape[0] * scale), round(truth.shape[1] * scale)
    grain = np.random.default_rng(0).normal(0, GRAIN, (*size, 3))
    noisy = np.clip(np.rint(resize(image, size, "bicubic") + grain), 0, 255).astype(np.uint8)
    return noisy, np.clip(resize(truth, size, "bicubic"), 0, 1)


def reduced(truth: Alpha, longest: int, soft: bool) -> Alpha:
    """Return the true alpha as a network of that size would say it."""
    coarse = resize(truth, within((truth.shape[0], truth.shape[1]), longest), "box")
    if soft:
        coarse = blur(coarse, SOFTNESS) + np.random.default_rng(0).normal(0, NOISE, coarse.shape).astype(np.float32)
    return np.clip(coarse, 0, 1)


def half(_: Image, trimap: Image) -> Alpha:
    """Return what a trimap says by itself: one half where it knows nothing."""
    return np.where(trimap == UNKNOWN, 0.5, trimap / 255).astype(np.float32)


def solved_closed_form(image: Image, trimap: Image) -> Alpha:
    """Return what `--matting closed-form` does to a trimap: ours, solved anew in tiles."""
    return closed_form(image, solve(image, trimap), GUESSED)


def whole_closed_form(image: Image, trimap: Image) -> Alpha:
    """Return PyMatting's closed form, whole picture."""
    import pymatting

    return np.asarray(pymatting.estimate_alpha_cf(image / 255, half(image, trimap)), dtype=np.float32)


SOLVERS: Mapping[str, Callable[[Image, Image], Alpha]] = {
    "unknown as one half": half,
    "ours": solve,
    "ours, then closed form": solved_closed_form,
    "closed form, whole": whole_closed_form,
}


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--reach", "reaches", type=int, multiple=True, default=(10, 25), help="Pixels unknown around an edge.")
@click.option("--only", type=click.Choice(list(SOLVERS)), multiple=True, help="Measure these alone.")
def trimaps(folder: Path, reaches: tuple[int, ...], only: tuple[str, ...]) -> None:
    """Print errors in the unknown band of trimaps made of the true alpha, as shares of what one half there has."""
    pairs = [read_pair(pair) for pair in find_pairs(folder)]
    for reach in reaches:
        sums = {name: np.zeros(4) for name in SOLVERS if not only or name in (*only, next(iter(SOLVERS)))}
        for image, truth in pairs:
            unknown = box_max(((truth > 0) & (truth < 1)).astype(np.float32), reach) > 0
            trimap = np.where(unknown, UNKNOWN, np.where(truth > 0.5, 255, 0)).astype(np.uint8)
            for name in sums:
                start = process_time()
                alpha = SOLVERS[name](image, trimap)
                taken = process_time() - start
                errors = [of(alpha, truth, unknown) for of in (metrics.sad, metrics.mse, metrics.gradient_error)]
                sums[name] += [*errors, taken]
        click.echo(f"\n{len(pairs)} pictures, unknown for {reach} pixels around what is half transparent\n")
        rows = []
        for name, values in sums.items():
            shares = [f"{share:.3f}" for share in values[:3] / sums["unknown as one half"][:3]]
            rows.append([name, *shares, f"{values[3] / len(pairs):.2f}"])
        click.echo(markdown(["trimap", "SAD", "MSE", "gradient", "seconds of the processor, each"], rows))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def colours(folder: Path) -> None:
    """Print how far colours are from the true ones, seen over magenta, in the band where the alpha is in between."""
    import pymatting

    def multi_level(image: Image, alpha: Alpha) -> Image:
        found = pymatting.estimate_foreground_ml(image / 255, alpha.astype(np.float64))
        return np.asarray(np.rint(found * 255), np.uint8)

    estimates = {"as they are": lambda image, _: image, "`estimate_foreground_ml`": multi_level, "ours": foreground}
    errors: dict[str, list[float]] = {name: [] for name in estimates}
    pairs = find_pairs(folder)
    pictures = [read_pair(pair) for pair in pairs]
    for number, (image, alpha) in enumerate(pictures):
        own = pymatting.estimate_foreground_cf(image / 255, alpha.astype(np.float64))
        size = alpha.shape[0], alpha.shape[1]
        behind = resize(pictures[number - 1][0], size, "bilinear") / 255
        share = alpha[..., None]
        mixed = np.rint((share * own + (1 - share) * behind) * 255).astype(np.uint8)
        band = (alpha > 0.02) & (alpha < 0.98)
        for name, estimate in estimates.items():
            wrong = share * np.abs(estimate(mixed, alpha) / 255 - own) * 255
            errors[name].append(float(wrong[band].mean()))
    means = {name: float(np.mean(values)) for name, values in errors.items()}
    rows = ([name, f"{mean:.2f}", f"{mean / means['as they are']:.2f}"] for name, mean in means.items())
    click.echo(f"\n{len(pairs)} pictures\n\n{markdown(['colours', 'mean error, levels of 255', 'share'], rows)}")


@main.command()
@click.argument("image", type=click.Path(exists=True, path_type=Path))
@click.argument("mask", type=click.Path(exists=True, path_type=Path))
@click.option("--megapixels", default=12.0, show_default=True, help="To what the picture is enlarged.")
@click.option("--only", multiple=True, help="Measure these alone.")
def speed(image: Path, mask: Path, megapixels: float, only: tuple[str, ...]) -> None:
    """Print what each step takes on a large picture, each in a process of its own."""
    header = ["step", "seconds", "of the processor", "MB above the picture", "ratio to ours"]
    rows, ours = [], 0.0
    for name in only or STEPS:
        command = [sys.executable, __file__, "step", name, str(image), str(mask), str(megapixels)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - this file
        report = json.loads(done.stdout.splitlines()[-1])
        ours = ours or report["processor"]
        taken = [f"{report['seconds']:.2f}", f"{report['processor']:.2f}", f"{report['memory'] / 1e6:.0f}"]
        rows.append([name, *taken, f"{report['processor'] / ours:.1f}"])
    click.echo(f"\n{megapixels:g} megapixels\n\n{markdown(header, rows)}")


def both(image: Image, coarse: Alpha) -> object:
    """Refinement and colours, as one picture takes them."""
    return foreground(image, refine(image, coarse))


def their_colours(image: Image, coarse: Alpha) -> object:
    """Return PyMatting's colours, of the stretched alpha."""
    import pymatting

    return pymatting.estimate_foreground_ml(image / np.float32(255), bilinear(image, coarse))


STEPS: Mapping[str, Callable[[Image, Alpha], object]] = {
    "refinement and colours": both,
    "refinement": refine,
    "`estimate_foreground_ml`": their_colours,
    "`closed-form`, in tiles": refined_closed_form,
    "closed form, whole": trimap_closed_form,
}


@main.command(hidden=True)
@click.argument("name", type=click.Choice(list(STEPS)))
@click.argument("image", type=click.Path(path_type=Path))
@click.argument("mask", type=click.Path(path_type=Path))
@click.argument("megapixels", type=float)
def step(name: str, image: Path, mask: Path, megapixels: float) -> None:
    """Take one step and print what it took, as JSON: the best of two in seconds, and the memory."""
    small, truth = np.asarray(PillowImage.open(image).convert("RGB")), read_alpha(mask)
    coarse = reduced(truth, 128, soft=False)
    tiny = resize(small, within((small.shape[0], small.shape[1]), 200), "box")
    STEPS[name](tiny, coarse)  # what is compiled at first use is, now
    scale = (megapixels * 1e6 / truth.size) ** 0.5
    large = resize(small, (round(truth.shape[0] * scale), round(truth.shape[1] * scale)), "bicubic")
    forget_peak()
    before = peak_bytes()
    taken = []
    for _ in range(2 if name in list(STEPS)[:2] else 1):
        start, processor = perf_counter(), process_time()
        STEPS[name](large, coarse)
        taken.append((perf_counter() - start, process_time() - processor))
    seconds, used = min(taken)
    click.echo(json.dumps({"seconds": seconds, "processor": used, "memory": peak_bytes() - before}))


def forget_peak() -> None:
    """Let `peak_bytes` begin anew with the memory held now; only Linux can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    main()
