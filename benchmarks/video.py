"""How steady and how fast videos are cut out: prints tables in Markdown.

    python benchmarks/video.py quality --backgrounds DIR --without not-empty.txt CUTOUTS PORTRAITS
    python benchmarks/video.py speed --backgrounds DIR CUTOUTS
    python benchmarks/video.py memory --backgrounds DIR CUTOUTS

`quality` makes clips with known alpha (see moving_scenes.py) of held-out pictures and cuts each out in three ways:
frame by frame, by the first pass alone, and steadied. IoU is the mean over a clip's frames, and that of the worst
frame. Flicker is the mean change of the alpha from frame to frame less that of the truth, dtSSD the root of the mean
squared difference of the two changes (Erofeev et al., "Perceptually motivated benchmark for video matting", BMVC 2015),
both times 100. The thresholds of the product were chosen on `--half tuning`.

`speed` encodes such a clip as H.264, repeated to the lengths of `--seconds`, cuts it out over white into H.264 again,
in a process of its own, and prints frames a second, the processor time of a frame, which other programs that run
meanwhile change much less, and the peak of the memory.

`memory` shows whether that peak grows with the length: clips of 10 seconds and of 10 minutes, at 4 small frames a
second so that it takes minutes, go through all of this, steadied.
"""

import multiprocessing
import resource
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import av
import click
import numpy as np

from background_remover import Options, Remover, VideoOptions, models
from background_remover.arrays.resample import resize
from background_remover.evaluation import metrics
from background_remover.evaluation.datasets import read_names
from background_remover.evaluation.tables import markdown
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.runtime.parallel import cores
from background_remover.types import Alpha, Image, Size
from background_remover.video.conversion import write_video
from background_remover.video.reader import Frame
from background_remover.video.removal import cuts, open_remover
from moving_scenes import Clip, Half, clips

RATE = 25  # frames a second
PHOTO = Options(ground="photo", only_mask=True)
WAYS = {
    "frame by frame": (PHOTO, VideoOptions(steady="off")),
    "first pass": (Options(ground="photo", only_mask=True, second_look="off"), VideoOptions(steady="off")),
    "steady": (PHOTO, VideoOptions(steady="on")),
}
SIZES = {"90p": (90, 160), "720p": (720, 1280), "1080p": (1080, 1920)}


class Scores(NamedTuple):
    """What one way gives on one clip; higher is better for IoU, lower for the rest."""

    iou: float
    worst: float
    flicker: float
    dtssd: float


def scores(alphas: Sequence[Alpha], truths: Sequence[Alpha]) -> Scores:
    """Return the scores of a clip's alphas, (H, W) each, against the truth."""
    ious = [metrics.iou(alpha, truth) for alpha, truth in zip(alphas, truths, strict=True)]
    changes, wanted = np.diff(alphas, axis=0), np.diff(truths, axis=0)
    flicker = float(np.abs(changes).mean() - np.abs(wanted).mean())
    dtssd = float(np.sqrt(((changes - wanted) ** 2).mean(axis=(1, 2))).mean())
    return Scores(float(np.mean(ious)), min(ious), 100 * flicker, 100 * dtssd)


def measure(remover: Remover, clip: Clip) -> dict[str, Scores]:
    """Return the scores of a clip by each way."""
    frames = [Frame(pixels, Fraction(number, RATE)) for number, pixels in enumerate(clip.frames)]
    return {
        name: scores([one.cut.alpha for one in cuts(remover, frames, options, video)], clip.truths)
        for name, (options, video) in WAYS.items()
    }


def table(rows: dict[str, dict[str, Scores]]) -> str:
    """Return the scores of each clip, and their means, as Markdown: in each cell those of the ways in order."""
    means = {way: Scores(*np.mean([found[way] for found in rows.values()], axis=0)) for way in WAYS}
    lines = []
    for name, found in [*rows.items(), ("**mean**", means)]:
        cells = [" / ".join(f"{found[way][place]:.3f}" for way in WAYS) for place in range(2)]
        cells += [" / ".join(f"{found[way][place]:.2f}" for way in WAYS) for place in range(2, 4)]
        lines.append([name, *cells])
    return markdown(["clip", "IoU", "worst frame", "flicker", "dtSSD"], lines)


def verdict(rows: dict[str, dict[str, Scores]]) -> str:
    """Return how the steady way compares with the other two."""
    frame_by_frame, first, steady = ([found[way] for found in rows.values()] for way in WAYS)
    better = [max(a.iou, b.iou) for a, b in zip(frame_by_frame, first, strict=True)]
    short = [least - own.iou for least, own in zip(better, steady, strict=True)]
    ratio = np.mean([own.dtssd / other.dtssd for own, other in zip(steady, frame_by_frame, strict=True)])
    failing = [
        own.worst - other.worst
        for own, other, alone in zip(steady, frame_by_frame, first, strict=True)
        if other.worst < alone.worst - 0.05
    ]
    gains = ", ".join(f"{gain:+.3f}" for gain in failing) or "none"
    return (
        f"clips with an IoU more than 0.003 below the better of the two: {sum(gap > 0.003 for gap in short)} of "
        f"{len(short)}, {max(short):.3f} at most\nworst frame, where the second pass costs more than 0.05 of it: "
        f"{gains}\ndtSSD beside frame by frame: {ratio - 1:+.0%} (mean of the clips)"
    )


def write_clip(path: Path, frames: Sequence[Image], size: Size, seconds: float, rate: int = RATE) -> None:
    """Encode frames as H.264, brought to `size` and repeated to and fro until there are so many seconds."""
    large = [resize(frame, size, "bicubic") for frame in frames]
    large += large[-2:0:-1]
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        for number in range(round(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(large[number % len(large)], format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


class Cost(NamedTuple):
    """What a conversion took: frames a second, milliseconds of processor time a frame, and the peak memory in MB."""

    rate: float
    processor: float
    peak: float


def convert(path: Path, steady: str, model: str) -> Cost:
    """Cut a clip out over white; return what it took this process."""
    keep_freed_memory()  # as the command does
    remover = open_remover(model)
    remover.cut(np.zeros((64, 64, 3), np.uint8), Options(allow_empty=True))  # opens the model
    options = Options(background="white", allow_empty=True)
    start, used = perf_counter(), process_time()
    target = path.with_name("out.mp4")
    summary = write_video(remover, path, target, options, VideoOptions(steady=steady), lambda *_: None)
    rate, processor = summary.frames / (perf_counter() - start), 1000 * (process_time() - used) / summary.frames
    return Cost(rate, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measured(
    frames: Sequence[Image], size: Size, seconds: float, ways: Sequence[str], model: str, rate: int = RATE
) -> Iterator[Cost]:
    """Yield what `convert` gives for a clip of such a length and each way, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.mp4"
        write_clip(path, frames, size, seconds, rate)
        for steady in ways:
            with multiprocessing.get_context("spawn").Pool(1) as pool:  # so that each has its own peak
                yield pool.apply(convert, (path, steady, model))


@click.group()
def main() -> None:
    """Measure steadiness and speed of videos."""


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_sources = click.argument("sources", metavar="CUTOUTS...", nargs=-1, required=True, type=_FOLDER)
_backgrounds = click.option("--backgrounds", required=True, type=_FOLDER)


@main.command()
@_sources
@_backgrounds
@click.option("--without", type=click.Path(path_type=Path), help="A text file: names of backgrounds not to use.")
@click.option("--half", type=click.Choice(["tuning", "report"]), default="report", show_default=True)
@click.option("--frames", type=click.IntRange(2), default=24, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=1, show_default=True)
def quality(
    sources: tuple[Path, ...], backgrounds: Path, without: Path | None, half: Half, frames: int, rounds: int
) -> None:
    """Print the scores of each clip, and what the steady way gains."""
    left_out = frozenset[str]() if without is None else read_names(without)
    remover, rows = Remover(), dict[str, dict[str, Scores]]()
    for clip in clips(sources, backgrounds, half, frames, rounds=rounds, without=left_out):
        name = clip.name if clip.name not in rows else f"{clip.name} {len(rows)}"
        rows[name] = measure(remover, clip)
    ways = " / ".join(WAYS)
    click.echo(f"{len(rows)} clips of {frames} frames, {half}; in each cell {ways}\n\n{table(rows)}\n\n{verdict(rows)}")


@main.command()
@_sources
@_backgrounds
@click.option("--seconds", multiple=True, type=float, default=(10.0,), show_default=True, help="Repeat it for more.")
@click.option("--size", "sizes", multiple=True, type=click.Choice(list(SIZES)), default=("720p", "1080p"))
@click.option("--steady", "ways", multiple=True, type=click.Choice(["off", "on"]), default=("off", "on"))
@click.option("--model", default=models.DEFAULT, show_default=True, help="For memory alone a small one will do.")
def speed(
    sources: tuple[Path, ...],
    backgrounds: Path,
    seconds: tuple[float, ...],
    sizes: tuple[str, ...],
    ways: tuple[str, ...],
    model: str,
) -> None:
    """Print frames a second, processor time and memory of whole conversions."""
    frames = next(clips(sources[:1], backgrounds, "report", RATE)).frames
    lines = []
    for size in sizes:
        for length in seconds:
            for steady, cost in zip(ways, measured(frames, SIZES[size], length, ways, model), strict=True):
                costs = [f"{cost.rate:.1f}", f"{cost.processor:.0f}", f"{cost.peak:.0f}"]
                lines.append([size, f"{length:g}", steady, *costs])
    header = ["size", "seconds", "steady", "frames a second", "processor ms a frame", "peak MB"]
    click.echo(f"{cores()} cores, H.264 to H.264\n\n{markdown(header, lines)}")


@main.command()
@_sources
@_backgrounds
@click.option("--seconds", multiple=True, type=float, default=(10.0, 600.0), show_default=True)
@click.option("--rate", type=click.IntRange(1), default=4, show_default=True, help="Frames a second of the clips.")
@click.option("--size", type=click.Choice(list(SIZES)), default="90p", show_default=True)
@click.option("--model", default=models.DEFAULT, show_default=True)
def memory(
    sources: tuple[Path, ...], backgrounds: Path, seconds: tuple[float, ...], rate: int, size: str, model: str
) -> None:
    """Print the peak of the memory for clips of several lengths, and the last one's less the first one's."""
    frames = next(clips(sources[:1], backgrounds, "report", RATE)).frames
    peaks, lines = [], []
    for length in seconds:
        (cost,) = measured(frames, SIZES[size], length, ["on"], model, rate)
        peaks.append(cost.peak)
        lines.append([f"{length:g}", f"{round(length * rate)}", f"{cost.rate:.1f}", f"{cost.peak:.0f}"])
    table = markdown(["seconds", "frames", "frames a second", "peak MB"], lines)
    click.echo(f"{size} at {rate} frames a second, steady\n\n{table}\n\n{peaks[-1] - peaks[0]:+.0f} MB")


if __name__ == "__main__":
    main()
