"""`export`: write a model file in the format of another runtime, after comparing its alphas with the original's."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from background_remover.errors import ImageError, ModelError, OptionError
from background_remover.export import coreml, onnx_int8, openvino, tflite
from background_remover.export.source import Alphas, Source, drawn, prepare
from background_remover.imaging.atomic import check_folder, check_name, check_suffix
from background_remover.imaging.paths import is_folder
from background_remover.segmentation.network import Network
from background_remover.types import Image, Size

WITHIN = 0.01
"""How far an exported file's alphas may be from the model file's: each of them, or where it is quantised their mean."""


@dataclass(frozen=True)
class Format:
    """A format: the ending of its files' names, the function that writes one, and the one that loads it to be run.

    `load` returns None where such a file can't be run on this machine.
    """

    ending: str
    write: Callable[[Source, Path], None]
    load: Callable[[Path], Callable[[Image], Alphas] | None]
    has_fixed_size: bool = False
    quantised: bool = False
    is_folder: bool = False


FORMATS: Mapping[str, Format] = {
    "tflite": Format(".tflite", tflite.write, tflite.load, has_fixed_size=True),
    "coreml": Format(".mlpackage", coreml.write, coreml.load, has_fixed_size=True, is_folder=True),
    "openvino": Format(".xml", openvino.write, openvino.load),
    "onnx-int8": Format("-int8.onnx", onnx_int8.write, onnx_int8.load, quantised=True),
}


@dataclass(frozen=True)
class Difference:
    """How far an exported file's alphas are from the model file's on `pictures` pictures, none where it can't be run.

    `mean` is over all pixels of all pictures, `worst` the largest mean of one picture, `most` the largest of a pixel.
    """

    pictures: int
    mean: float = 0.0
    worst: float = 0.0
    most: float = 0.0

    def __str__(self) -> str:
        if not self.pictures:
            return "not compared, because Core ML runs on macOS only"
        return f"alphas of {self.pictures} pictures differ by {self.mean:.1e} on average, by {self.most:.1e} at most"


def export(
    model: Path, to: str, out: Path, *, size: Size | None = None, images: Sequence[Image] | None = None
) -> Difference:
    """Write a model file in another format and return how far its alphas are from the model file's.

    `size`, (height, width), is that of every picture for a format that has a fixed one, by default a square of the
    network's longest side. `images`, (H, W, 3) uint8 of any size, are what the two are compared on, by default drawn
    ones; where the format is quantised every other one calibrates it instead.

    Raises `OptionError` at an invalid format, name, size or set of pictures, `ModelError` where the answers differ
    by more than `WITHIN`, `ImageError` where `out` can't be written, and `Error` where a library isn't installed.
    """
    if to not in FORMATS:
        raise OptionError(f"unknown format {to!r}; known: {', '.join(FORMATS)}")
    known = FORMATS[to]
    network = Network(model)
    suffix = f".{known.ending.rpartition('.')[2]}"
    if known.is_folder and is_folder(out):  # which an earlier export made
        check_suffix(out, f"an export to {to}", [suffix])
        check_folder(out)
    else:
        check_name(out, f"an export to {to}", [suffix], model)
    _check(known, network, model, size)
    if known.has_fixed_size:
        size = size or (network.card.longest_side,) * 2
    pictures = prepare(images or drawn(network.card.longest_side), network.card, size)
    calibrating, compared = (pictures[::2], pictures[1::2]) if known.quantised else ((), pictures)
    if known.quantised and (images is None or not compared):
        raise OptionError(f"{to} is calibrated on photographs; give a folder of two or more, as in --pictures DIR")
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".") as folder:
        made = Path(folder) / out.name
        known.write(Source(model, network.card, size, calibrating), made)
        answer = known.load(made)
        difference = Difference(0) if answer is None else compare(network, answer, compared)
        found = difference.mean if known.quantised else difference.most
        if found > WITHIN:
            raise ModelError(f"{out}: its alphas differ from those of {model} by {found:.3f}, allowed: {WITHIN}")
        _publish(Path(folder), out)
    return difference


def compare(network: Network, answer: Callable[[Image], Alphas], pictures: Sequence[Image]) -> Difference:
    """Return how far the alphas of an exported file are from a network's, on pictures of its size, (1, H, W, 3)."""
    gaps = [np.abs(answer(picture) - network.predict(picture)) for picture in pictures]
    return Difference(
        pictures=len(gaps),
        mean=float(np.concatenate([gap.ravel() for gap in gaps]).mean()),
        worst=max(float(gap.mean()) for gap in gaps),
        most=max(float(gap.max()) for gap in gaps),
    )


def _check(known: Format, network: Network, model: Path, size: Size | None) -> None:
    """Raise what `export` raises at a network or a size before any work."""
    if network.takes_prompts:
        raise ModelError(f"{model}: takes prompts, and an exported file takes a picture alone; give a model without")
    if size is not None and not known.has_fixed_size:
        raise OptionError("this format takes pictures of every size; leave the size out")
    multiple = network.card.multiple
    if size is not None and (min(size) < 1 or size[0] % multiple or size[1] % multiple):
        raise OptionError(f"a size of {size[0]}x{size[1]}; give a height and width that are multiples of {multiple}")


def _publish(folder: Path, out: Path) -> None:
    """Move what was made in a folder to where it belongs, in the place of what had those names."""
    for made in sorted(folder.iterdir()):
        target = out.with_name(made.name)
        try:
            if made.is_dir() and target.is_dir():
                shutil.rmtree(target)
            made.replace(target)
        except OSError as error:
            raise ImageError(f"{target}: can't be written ({error.strerror}); choose another place") from error
