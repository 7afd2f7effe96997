"""PNG encoders, and the whole command beside rembg's, on a photo of 12 megapixels: prints the tables of
docs/benchmarks.md.

    pip install -e '.[test]' zlib-ng deflate
    python benchmarks/files.py encoders
    python benchmarks/files.py command

The photo is that of photo.py, or `--photo` names one. Every file is read again and compared.
"""

import contextlib
import io
import json
import os
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from background_remover.errors import Error
from background_remover.evaluation.tables import markdown
from background_remover.imaging.codecs import png
from background_remover.segmentation.network import INPUT, OUTPUT, Card
from background_remover.types import Cutout
from installation import import_seconds, install
from peers import PEERS, Contender, cache_option, machine, ours
from photo import cut_out, decoded, ellipse, read

Encoder = Callable[[Cutout], bytes]
OURS, FUNCTION, COMMAND = "background-remover", "rembg", "rembg-cli"
SIDE, RIVAL_SIDE = 128, 1024  # of the pictures that our network sees and rembg's, squares
CONTENDERS = (
    ours(OURS),
    PEERS[FUNCTION],
    Contender("its command", COMMAND, ("rembg[cpu,cli]",), "from rembg.cli import main"),
)
LEGEND = f"""\
Every program has a network that answers with the same ellipse at once. `{FUNCTION}` is a script that calls its
function, `{COMMAND}` its own command `rembg i`; a first run of each isn't counted. Seconds are those of a whole
process; imports are timed in processes of their own."""
ONCE = ("--second-look", "off")  # the network that answers at once would give a crop the same ellipse as the picture
WRONG = 0.02  # mean error of an alpha above which a command hasn't done what it was to do


# Encoders


def by_pillow(**options: int) -> Encoder:
    """Return Pillow's own file."""

    def encode(pixels: Cutout) -> bytes:
        buffer = io.BytesIO()
        PillowImage.fromarray(pixels).save(buffer, "PNG", **options)
        return buffer.getvalue()

    return encode


def in_one_piece(deflate: Callable[[NDArray[np.uint8]], bytes]) -> Encoder:
    """Return a library's file: all rows after the filter "up", deflated in one piece on one core."""

    def encode(pixels: Cutout) -> bytes:
        height, width, _ = pixels.shape
        rows = np.full((height, 1 + 4 * width), 2, dtype=np.uint8)
        lines = pixels.reshape(height, -1)
        rows[0, 1:] = lines[0]
        np.subtract(lines[1:], lines[:-1], out=rows[1:, 1:])
        header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
        chunks = [(b"IHDR", header), (b"IDAT", deflate(rows)), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )

    return encode


def _at(level: int, deflated: Callable[[Any, int], bytes]) -> Callable[[Any], bytes]:
    return lambda rows: deflated(rows, level)


def encoders() -> dict[str, Encoder]:
    """Return what is measured, by its name; the first is what the others are compared with."""
    try:
        import deflate
        from isal import isal_zlib
        from zlib_ng import zlib_ng
    except ImportError as error:
        raise Error(f"{error.name} is missing: pip install isal zlib-ng deflate") from error
    libraries: Mapping[str, tuple[Callable[[Any, int], bytes], Sequence[int]]] = {
        "zlib": (zlib.compress, (1, 6)),
        "zlib-ng": (zlib_ng.compress, (1, 2, 6)),
        "libdeflate (`deflate`)": (deflate.zlib_compress, (1, 6)),
        "ISA-L (`isal`)": (isal_zlib.compress, (0, 1, 2, 3)),
    }
    rows = {"Pillow, its default": by_pillow(), "Pillow, level 1": by_pillow(compress_level=1)}
    for name, (deflated, levels) in libraries.items():
        for level in levels:
            rows[f"{name}, level {level}, one core"] = in_one_piece(_at(level, deflated))
    rows["ours, `fast`, one thread"] = lambda pixels: png.encode(pixels, threads=1)
    rows["ours, `small`, one thread"] = lambda pixels: png.encode(pixels, compress="small", threads=1)
    rows["**ours, `fast`**"] = png.encode
    rows["**ours, `small`**"] = lambda pixels: png.encode(pixels, compress="small")
    return rows


def measure(encoder: Encoder, pixels: Cutout, repeat: int) -> tuple[float, int]:
    """Return the median of an encoder's seconds, and its file's bytes; raises `Error` where the pixels aren't in it."""
    seconds, data = [], b""
    for _ in range(repeat):
        start = perf_counter()
        data = encoder(pixels)
        seconds.append(perf_counter() - start)
    with PillowImage.open(io.BytesIO(data)) as image:
        if not np.array_equal(np.asarray(image), pixels):
            raise Error("the file holds other pixels than were given; mend the encoder")
    return median(seconds), len(data)


def encoder_table(rows: Mapping[str, tuple[float, int]]) -> str:
    """Return seconds and bytes by name as Markdown; the first row is what the others are compared with."""
    slowest, reference = next(iter(rows.values()))
    lines = (
        [name, f"{seconds:.3f}", f"{size / 1e6:.2f}", f"{slowest / seconds:.1f}", f"{size / reference:.3f}"]
        for name, (seconds, size) in rows.items()
    )
    return markdown(["encoder", "seconds", "MB", "times as fast", "size"], lines)


# The whole command


@dataclass(frozen=True)
class Command:
    """A program's way from a JPEG to a PNG: seconds of a process, of its imports in it, and the file's bytes."""

    name: str
    seconds: float
    imports: float
    size: int


def make_network(path: Path, program: str) -> None:
    """Write a model file that answers with the ellipse at once, whatever it is shown."""
    from onnx import TensorProto, helper, numpy_helper, save_model

    side = SIDE if program == OURS else RIVAL_SIDE
    answer = ellipse((side, side))[None]
    kind, shape = TensorProto.UINT8, [1, side, side, 3]
    if program != OURS:
        answer, kind, shape = answer[None], TensorProto.FLOAT, [1, 3, side, side]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["ellipse"], [OUTPUT])],
        "instant",
        [helper.make_tensor_value_info(INPUT, kind, shape)],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, answer.shape)],
        [numpy_helper.from_array(answer, "ellipse")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    card = Card("instant", "1", "Apache-2.0", "none", "0000000", answer.size, multiple=side, longest_side=side)
    helper.set_model_props(model, card.to_metadata())
    save_model(model, path)


def command_line(python: Path, program: str, photo: Path, out: Path, model: Path) -> list[str]:
    """Return what cuts a photo out in a process of its own: a command, or rembg's function as contender.py calls it."""
    if program == OURS:
        return [str(python.with_name(OURS)), "remove", str(photo), str(out), "--model", str(model), *ONCE]
    if program == COMMAND:
        options = ["-m", "dis_custom", "-x", json.dumps({"model_path": str(model)})]
        return [str(python.with_name("rembg")), "i", *options, str(photo), str(out)]
    code = (
        "import sys; from pathlib import Path; folder, program, photo, out, model = sys.argv[1:]; "
        "sys.path.append(folder); from contender import PROGRAMS; "
        "Path(out).write_bytes(PROGRAMS[program](model, [])(Path(photo).read_bytes()))"
    )
    folder = str(Path(__file__).parent)
    return [str(python), "-I", "-c", code, folder, program, str(photo), str(out), str(model)]


def time_command(python: Path, program: str, statement: str, photo: Path, repeat: int) -> Command:
    """Time a program's command, after a first run that isn't counted; raises `Error` where it fails."""
    with tempfile.TemporaryDirectory() as name:
        model, out = Path(name) / "instant.onnx", Path(name) / "out.png"
        make_network(model, program)
        line, seconds = command_line(python, program, photo, out, model), []
        # Every program runs as its user's does, and keeps its bytecode, whatever is set here for Python: -I ignores it.
        home = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        home["U2NET_HOME"] = name  # rembg takes model files from there alone
        for _ in range(1 + repeat):
            start = perf_counter()
            done = subprocess.run(line, env=home, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
            seconds.append(perf_counter() - start)
            if done.returncode:
                raise Error(f"{program} failed: {' '.join(done.stderr.strip().splitlines()[-1:])}")
        with PillowImage.open(out) as image:
            alpha = np.asarray(image.getchannel("A"), dtype=np.float32) / np.float32(255)
        wrong = float(np.abs(alpha - ellipse((alpha.shape[0], alpha.shape[1]))).mean())
        if wrong > WRONG:
            raise Error(f"{program}: its alpha is off by {wrong:.3f} in the mean; mend the benchmark")
        return Command(program, median(seconds[1:]), import_seconds(python, statement)[1], out.stat().st_size)


def command_table(commands: Sequence[Command]) -> str:
    """Return the commands as Markdown; the first is what the others are compared with."""
    lines = []
    for command in commands:
        seconds = [f"{command.seconds:.2f}", f"{command.imports:.2f}"]
        lines.append(
            [command.name, *seconds, f"{command.size / 1e6:.2f}", f"{command.seconds / commands[0].seconds:.1f}"]
        )
    return markdown(["program", "command, s", "of which imports, s", "PNG, MB", "times as long as ours"], lines)


# The commands of this file


@contextlib.contextmanager
def in_one_line() -> Any:
    """Bring errors raised on purpose to the command line."""
    try:
        yield
    except Error as error:
        raise click.ClickException(str(error)) from error


photo_option = click.option(
    "--photo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A JPEG to take."
)
size_option = click.option("--megapixels", default=12.0, show_default=True, help="Of the photo that is made.")
repeat_option = click.option(
    "--repeat", type=click.IntRange(1), default=5, show_default=True, help="Runs; their median counts."
)


@click.group()
def main() -> None:
    """Measure PNG encoders and the whole command."""


@main.command(name="encoders")
@photo_option
@size_option
@repeat_option
def print_encoders(photo: Path | None, megapixels: float, repeat: int) -> None:
    """Print seconds and sizes of PNG encoders, with hidden colours kept and zeroed."""
    image = decoded(read(photo, megapixels))
    click.echo(f"{date.today()}, {machine()}; {image.shape[1]}x{image.shape[0]}, medians of {repeat}.")
    with in_one_line():
        for zeroed in (False, True):
            pixels = cut_out(image, zeroed=zeroed)
            rows = {name: measure(encoder, pixels, repeat) for name, encoder in encoders().items()}
            click.echo(f"\nHidden colours {'zeroed' if zeroed else 'kept'}:\n\n{encoder_table(rows)}")


@main.command(name="command")
@photo_option
@size_option
@repeat_option
@cache_option
def print_commands(photo: Path | None, megapixels: float, repeat: int, cache: Path) -> None:
    """Print the seconds of the whole command beside rembg's, both with a network that answers at once."""
    data = read(photo, megapixels)
    height, width = decoded(data).shape[:2]
    with tempfile.TemporaryDirectory() as name, in_one_line():
        path = Path(name) / "photo.jpg"
        path.write_bytes(data)
        commands = []
        for contender in CONTENDERS:
            installation = install(cache / contender.program, contender.requirements, contender.statement)
            commands.append(time_command(installation.python, contender.program, contender.statement, path, repeat))
    click.echo(
        f"{date.today()}, {machine()}; {width}x{height}, medians of {repeat}.\n\n{command_table(commands)}\n\n{LEGEND}"
    )


if __name__ == "__main__":
    main()
