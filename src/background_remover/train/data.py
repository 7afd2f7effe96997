"""Folders of pictures -> a bank of training samples, kept on the device as uint8 squares."""

import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as PillowImage
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.errors import ImageError, OptionError
from background_remover.image import decode
from background_remover.pairs import Pair, Part, find_pairs, find_pictures, read_truth
from background_remover.pixels import resize
from background_remover.types import Alpha, Image

log = logging.getLogger(__name__)

Kind = Literal["pairs", "cutouts", "backgrounds", "unlabelled"]
Teacher = Callable[[Image], Alpha]
CHANNELS = 5  # red, green, blue, alpha, known
_INDEX = "index.json"


@dataclass(frozen=True)
class Source:
    """A folder of one kind, and its weight in the mixture.

    `pairs` are pictures with masks (`pairs.find_pairs`); `cutouts` are files with an alpha channel, always composed
    over another background; `backgrounds` are pictures without a subject: to be put behind, and samples of "nothing
    here"; `unlabelled` are pictures whose truth is what a teacher, another network, says of them.
    """

    folder: Path
    kind: Kind = "pairs"
    weight: float = 1.0
    without: tuple[str, ...] = ()  # names of files that are not to be used

    @property
    def name(self) -> str:
        """What logs call it."""
        return self.folder.name


class Tile(NamedTuple):
    """One picture squashed to a square of S pixels: (S, S, 5) uint8 in the order of a bank's channels."""

    pixels: NDArray[np.uint8]
    aspect: float  # width / height of the picture


@dataclass(frozen=True)
class Bank:
    """Pictures on one device, all squashed to squares of the same size; `aspects` remembers their shapes."""

    tiles: Tensor  # (N, 5, S, S) uint8: red, green, blue, alpha, known (255 where the truth is known)
    aspects: Tensor  # (N,) float32, width / height
    sources: Tensor  # (N,) int64, index into `mixture`
    mixture: tuple[Source, ...]

    def __len__(self) -> int:
        return len(self.aspects)

    @property
    def size(self) -> int:
        """The side of a square, in pixels."""
        return self.tiles.shape[-1]

    def to(self, device: torch.device | str) -> "Bank":
        """The same bank on another device."""
        return Bank(self.tiles.to(device), self.aspects.to(device), self.sources.to(device), self.mixture)

    def resized(self, size: int) -> "Bank":
        """The same pictures as smaller squares of `size` pixels, each pixel the mean of those it covers."""
        if size >= self.size:
            return self
        tiles = torch.empty(len(self), CHANNELS, size, size, dtype=torch.uint8, device=self.tiles.device)
        for start in range(0, len(self), 256):
            part = slice(start, start + 256)
            tiles[part] = F.interpolate(self.tiles[part].float(), (size, size), mode="area").round_().byte()
        return Bank(tiles, self.aspects, self.sources, self.mixture)

    def of_kind(self, kind: Kind) -> Tensor:
        """(N,) bool: which pictures come from a source of that kind."""
        kinds = torch.tensor([source.kind == kind for source in self.mixture], device=self.sources.device)
        return kinds[self.sources]

    def weights(self) -> Tensor:
        """(N,) float32: how often each picture is drawn; the pictures of a source share its weight equally."""
        counts = torch.bincount(self.sources, minlength=len(self.mixture)).clamp(min=1)
        weights = torch.tensor([source.weight for source in self.mixture], device=self.sources.device)
        return (weights / counts)[self.sources]


class Entry(NamedTuple):
    """A picture that waits to be read."""

    source: int
    name: str
    part: str
    kind: Kind
    pair: Pair | None  # where the kind is "pairs"
    path: Path


def load(paths: Iterable[Source | Path], part: str, size: int, teacher: Teacher | None = None) -> Bank:
    """The bank of one part ("train" or "validation") of all sources, as squares of `size` pixels, on the CPU.

    A path is a file that `pack` wrote, with sources of its own. Files that can't be read are named in a warning and
    left out. `teacher` gives the alphas of unlabelled pictures. Raises `OptionError` where nothing is left.
    """
    mixture: list[Source] = []
    streams: list[tuple[int, int, Iterator[tuple[int, Tile]]]] = []  # first source, most pictures, the pictures
    for item in paths:
        packed = isinstance(item, Path)
        sources, count, samples = _packed(item, part, size) if packed else _decoded([item], part, size, teacher)
        streams.append((len(mixture), count, samples))
        mixture += sources
    most = sum(count for _, count, _ in streams)
    tiles = torch.empty(most, CHANNELS, size, size, dtype=torch.uint8)  # at once: they may fill half the memory
    aspects, indices = torch.empty(most), torch.empty(most, dtype=torch.int64)
    found = 0
    for first, _, samples in streams:
        for source, tile in samples:
            tiles[found] = torch.from_numpy(tile.pixels).permute(2, 0, 1)
            aspects[found], indices[found] = tile.aspect, first + source
            found += 1
    if not found:
        raise OptionError(f"no pictures in the {part} part of the data")
    return Bank(tiles[:found], aspects[:found], indices[:found], tuple(mixture))


def pack(sources: Sequence[Source], size: int, out: Path, teacher: Teacher | None = None) -> int:
    """Writes both parts of all sources into one file; returns the number of pictures. `teacher` is as in `load`.

    The file is a zip archive: `index.json`, and for each picture a WebP of `size` x `size` pixels and a PNG of two
    channels, alpha and known.
    """
    index: list[dict[str, str | int | float]] = []
    partial = out.with_name(out.name + ".partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for part in ("train", "validation"):
                entries = [entry for i, source in enumerate(sources) for entry in _entries(i, source, part)]
                for entry, tile in _read(entries, size, teacher):
                    number = f"{len(index):06}"
                    archive.writestr(f"{number}.webp", _encode(tile.pixels[..., :3], "WEBP", quality=88, method=4))
                    archive.writestr(f"{number}.png", _encode(tile.pixels[..., 3:], "PNG"))
                    index.append({"source": entry.source, "name": entry.name, "part": part, "aspect": tile.aspect})
            if not index:
                raise OptionError("no pictures in the data; there is nothing to pack")
            described = [{"folder": source.name, "kind": source.kind, "weight": source.weight} for source in sources]
            archive.writestr(_INDEX, json.dumps({"size": size, "sources": described, "pictures": index}))
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return len(index)


def _packed(path: Path, part: str, size: int) -> tuple[list[Source], int, Iterator[tuple[int, Tile]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            index = json.loads(archive.read(_INDEX))
        sources = [Source(Path(source["folder"]), source["kind"], source["weight"]) for source in index["sources"]]
        pictures = [(i, item) for i, item in enumerate(index["pictures"]) if item["part"] == part]
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise OptionError(f"{path}: not a file that `pack` wrote ({error})") from error

    def unpack() -> Iterator[tuple[int, Tile]]:
        try:
            with zipfile.ZipFile(path) as archive:
                for i, item in pictures:
                    image = decode(archive.read(f"{i:06}.webp")).image
                    with PillowImage.open(io.BytesIO(archive.read(f"{i:06}.png"))) as file:
                        truth = np.asarray(file, dtype=np.float32) / 255
                    square = _square(image, truth[..., 0].copy(), truth[..., 1].copy(), size)
                    yield item["source"], Tile(square, item["aspect"])
        except (ImageError, OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise OptionError(f"{path}: not a file that `pack` wrote, or damaged ({error})") from error

    return sources, len(pictures), unpack()


def _decoded(
    sources: Sequence[Source], part: str, size: int, teacher: Teacher | None
) -> tuple[list[Source], int, Iterator[tuple[int, Tile]]]:
    entries = [entry for i, source in enumerate(sources) for entry in _entries(i, source, part)]
    samples = ((entry.source, tile) for entry, tile in _read(entries, size, teacher))
    return list(sources), len(entries), samples


def _entries(number: int, source: Source, part: str) -> list[Entry]:
    chosen: Part = "train" if part == "train" else "validation"
    if source.kind == "pairs":
        pairs = find_pairs(source.folder, chosen)
        entries = [Entry(number, pair.name, part, source.kind, pair, pair.image) for pair in pairs]
    else:
        paths = find_pictures(source.folder, chosen)
        entries = [Entry(number, path.name, part, source.kind, None, path) for path in paths]
    return [entry for entry in entries if entry.path.name not in source.without]


def _read(entries: Sequence[Entry], size: int, teacher: Teacher | None) -> Iterator[tuple[Entry, Tile]]:
    """Decodes on all cores, in order; a file that can't be read is named in a warning and left out."""
    if teacher is None and any(entry.kind == "unlabelled" for entry in entries):
        raise OptionError("unlabelled pictures need a teacher; name a model")

    def attempt(entry: Entry) -> Tile | None:
        try:
            return _tile(entry, size, teacher)
        except ImageError as error:
            log.warning("left out %s: %s", entry.path, error)
            return None

    with ThreadPoolExecutor() as pool:
        for entry, tile in zip(entries, pool.map(attempt, entries), strict=True):
            if tile is not None:
                yield entry, tile


def _tile(entry: Entry, size: int, teacher: Teacher | None) -> Tile:
    picture = decode(entry.path)
    image, opacity = picture.image, picture.opacity
    alpha: Alpha = np.zeros(image.shape[:2], dtype=np.float32)
    known = np.ones_like(alpha)
    if entry.pair is not None:
        alpha, where = read_truth(entry.pair)
        known = where.astype(np.float32)
    elif entry.kind == "cutouts":
        room = max(image.shape) // 4  # about the subject
        alpha = np.pad(np.ones_like(alpha) if opacity is None else opacity, room)
        image, known = np.pad(image, ((room, room), (room, room), (0, 0))), np.ones_like(alpha)
    elif entry.kind == "unlabelled" and teacher is not None:
        alpha = teacher(image)
    return Tile(_square(image, alpha, known, size), image.shape[1] / image.shape[0])


def _square(image: Image, alpha: Alpha, known: Alpha, size: int) -> NDArray[np.uint8]:
    """(size, size, 5): the picture and its truth squashed to a square, each pixel the mean of those it covers."""
    square = (size, size)
    truths = [np.rint(resize(truth, square, "box") * 255).astype(np.uint8) for truth in (alpha, known)]
    return np.dstack([resize(image, square, "box"), *truths])


def _encode(pixels: NDArray[np.uint8], file_format: str, **options: int) -> bytes:
    target = io.BytesIO()
    PillowImage.fromarray(pixels).save(target, file_format, **options)
    return target.getvalue()
