"""Decoding of training pictures into squares with their truth; without PyTorch, so that processes start quickly."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.resample import resize
from background_remover.errors import ImageError
from background_remover.evaluation.datasets import Pair, Part, find_pairs, find_pictures, read_pair
from background_remover.imaging.reader import decode
from background_remover.types import Alpha, Image

Kind = Literal["pairs", "cutouts", "backgrounds", "behind", "unlabelled"]
Teacher = Callable[[Image], Alpha]
CHANNELS = 5  # red, green, blue, alpha, known


@dataclass(frozen=True)
class Source:
    """A folder of one kind, and its weight in the mixture.

    `pairs` are pictures with masks (`pairs.find_pairs`); `cutouts` are files with an alpha channel, always composed
    over another background; `backgrounds` are pictures without a subject: to be put behind, and samples of "nothing
    here"; `behind` are pictures that are only put behind; `unlabelled` are pictures whose truth is what a teacher,
    another network, says of them.
    """

    folder: Path
    kind: Kind = "pairs"
    weight: float = 1.0
    without: tuple[str, ...] = ()  # names of files that are not to be used
    only: tuple[str, ...] | None = None  # the names of those that are; None for all

    @property
    def name(self) -> str:
        """What logs call it."""
        return self.folder.name


class Tile(NamedTuple):
    """One picture squashed to a square of S pixels: (S, S, 5) uint8 in the order of a bank's channels."""

    pixels: NDArray[np.uint8]
    aspect: float  # width / height of the picture


class Entry(NamedTuple):
    """A picture that waits to be read."""

    source: int
    name: str
    part: str
    kind: Kind
    pair: Pair | None  # where the kind is "pairs"
    path: Path


class SquaresFile(NamedTuple):
    """A file that holds nothing but squares."""

    path: Path
    shape: tuple[int, int, int, int]  # (N, 5, S, S), uint8


def decode_into(file: SquaresFile, row: int, entry: Entry, teacher: Teacher | None = None) -> float | str:
    """Write one picture's square into a row of the file; return the picture's aspect, or what is wrong with it."""
    try:
        tile = decode_tile(entry, file.shape[-1], teacher)
    except ImageError as error:
        return str(error)
    np.memmap(file.path, np.uint8, "r+", shape=file.shape)[row] = tile.pixels.transpose(2, 0, 1)
    return tile.aspect


def find_entries(number: int, source: Source, part: str) -> list[Entry]:
    """Return the pictures of one part of a source, sorted by name; `number` is the source's place in the mixture."""
    chosen: Part = "train" if part == "train" else "validation"
    if source.kind == "pairs":
        pairs = find_pairs(source.folder, chosen)
        entries = [Entry(number, pair.name, part, source.kind, pair, pair.image) for pair in pairs]
    else:
        paths = find_pictures(source.folder, chosen)
        entries = [Entry(number, path.name, part, source.kind, None, path) for path in paths]
    only = None if source.only is None else frozenset(source.only)
    wanted = [entry for entry in entries if only is None or entry.path.name in only]
    return [entry for entry in wanted if entry.path.name not in source.without]


def decode_tile(entry: Entry, size: int, teacher: Teacher | None) -> Tile:
    """Decode one picture and its truth; `ImageError` where either can't be read, or the two differ in size."""
    if entry.pair is not None:
        image, alpha, where = read_pair(entry.pair)
        return Tile(square(image, alpha, where.astype(np.float32), size), image.shape[1] / image.shape[0])
    picture = decode(entry.path)
    image, opacity = picture.image, picture.opacity
    alpha = np.zeros(image.shape[:2], dtype=np.float32)
    known = np.ones_like(alpha)
    if entry.kind == "cutouts":
        margin = max(image.shape) // 4  # about the subject
        alpha = np.pad(np.ones_like(alpha) if opacity is None else opacity, margin)
        image, known = np.pad(image, ((margin, margin), (margin, margin), (0, 0))), np.ones_like(alpha)
    elif entry.kind == "unlabelled" and teacher is not None:
        alpha = teacher(image)
    return Tile(square(image, alpha, known, size), image.shape[1] / image.shape[0])


def square(image: Image, alpha: Alpha, known: Alpha, size: int) -> NDArray[np.uint8]:
    """Return (size, size, 5): the picture and its truth resized to a square, each pixel the mean of those it covers."""
    truths = [np.rint(resize(truth, (size, size), "box") * 255).astype(np.uint8) for truth in (alpha, known)]
    return np.dstack([resize(image, (size, size), "box"), *truths])
