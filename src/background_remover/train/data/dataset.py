"""The bank of training samples: folders of pictures, decoded once and kept on the device as uint8 squares."""

import io
import json
import logging
import math
import multiprocessing
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as PillowImage
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.errors import ImageError, OptionError, one_line
from background_remover.imaging.atomic import check_place, whole
from background_remover.imaging.reader import decode
from background_remover.runtime.parallel import cores
from background_remover.train.data.decode import (
    CHANNELS,
    Entry,
    Kind,
    Source,
    SquaresFile,
    Teacher,
    Tile,
    decode_into,
    find_entries,
    square,
)

log = logging.getLogger(__name__)

_INDEX = "index.json"
_MANY = 256  # pictures: from here on, decoding is worth the start of other processes


@dataclass(frozen=True)
class Bank:
    """Pictures on one device, all squashed to squares of the same size; `aspects` remembers their shapes."""

    tiles: Tensor  # (N, 5, S, S) uint8: red, green, blue, alpha, known (255 where the truth is known)
    aspects: Tensor  # (N,) float32, width / height
    sources: Tensor  # (N,) int64, index into `mixture`
    mixture: tuple[Source, ...]
    folder: Path | None = None  # where the file of its squares lies, see `load`

    def __len__(self) -> int:
        return len(self.aspects)

    @property
    def size(self) -> int:
        """The side of a square, in pixels."""
        return self.tiles.shape[-1]

    def to(self, device: torch.device | str) -> "Bank":
        """Return the same bank on another device."""
        tensors = (self.tiles.to(device), self.aspects.to(device), self.sources.to(device))
        return Bank(*tensors, self.mixture, self.folder)

    def resized(self, size: int) -> "Bank":
        """Return the same pictures as smaller squares of `size` pixels, each pixel the mean of those it covers."""
        if size >= self.size:
            return self
        with _mapped(len(self), size, self.folder) as (_, squares):
            tiles = squares.to(self.tiles.device)
        for start in range(0, len(self), 256):
            part = slice(start, start + 256)
            tiles[part] = F.interpolate(self.tiles[part].float(), (size, size), mode="area").round_().byte()
        return Bank(tiles, self.aspects, self.sources, self.mixture, self.folder)

    def of_kind(self, kind: Kind) -> Tensor:
        """Return (N,) bool: which pictures come from a source of that kind."""
        kinds = torch.tensor([source.kind == kind for source in self.mixture], device=self.sources.device)
        return kinds[self.sources]

    def weights(self) -> Tensor:
        """Return (N,) float32: how often each picture is drawn; the pictures of a source share its weight equally."""
        counts = torch.bincount(self.sources, minlength=len(self.mixture)).clamp(min=1)
        weights = torch.tensor([source.weight for source in self.mixture], device=self.sources.device)
        return (weights / counts)[self.sources]


def load(
    paths: Iterable[Source | Path], part: str, size: int, teacher: Teacher | None = None, folder: Path | None = None
) -> Bank:
    """Return the bank of one part ("train" or "validation") of all sources, as squares of `size` pixels, on the CPU.

    A path is a file that `pack` wrote, with sources of its own. Files that can't be read are named in a warning and
    left out. `teacher` gives the alphas of unlabelled pictures. The squares lie in a file in `folder` (by default where
    temporary files lie) of which the system keeps in memory what is in use, so a bank may be larger than the memory;
    the file has no name any more when this returns, and is gone with the bank. Raises `OptionError` where nothing is
    left, and where the folder's disk is full.
    """
    mixture: list[Source] = []
    packed: list[tuple[int, int, Iterator[tuple[int, Tile]]]] = []  # first row, first source, the pictures
    entries: list[tuple[int, Entry]] = []  # row, the picture
    rows = 0
    for item in paths:
        if isinstance(item, Path):
            sources, count, samples = _packed(item, part, size)
            packed.append((rows, len(mixture), samples))
        else:
            sources, found = [item], find_entries(len(mixture), item, part)
            entries += enumerate(found, start=rows)
            count = len(found)
        mixture += sources
        rows += count
    indices, aspects = torch.empty(rows, dtype=torch.int64), torch.full((rows,), math.nan)
    with _mapped(rows, size, folder) as (file, tiles):
        for row, first, samples in packed:
            for number, (source, tile) in enumerate(samples, start=row):
                tiles[number] = torch.from_numpy(tile.pixels).permute(2, 0, 1)
                aspects[number], indices[number] = tile.aspect, first + source
        for row, entry, aspect in _decode(entries, file, teacher):
            aspects[row], indices[row] = aspect, entry.source
    kept = (~aspects.isnan()).nonzero()[:, 0]
    if not len(kept):
        raise OptionError(f"no pictures in the {part} part of the data")
    for to, row in enumerate(kept.tolist()):
        if to != row:  # a file was left out before it
            tiles[to] = tiles[row]
    return Bank(tiles[: len(kept)], aspects[kept], indices[kept], tuple(mixture), folder)


def pack(sources: Sequence[Source], size: int, out: Path, teacher: Teacher | None = None) -> int:
    """Write both parts of all sources into one file and return the number of pictures. `teacher` is as in `load`.

    The file is a zip archive: `index.json`, and for each picture a WebP of `size` x `size` pixels and a PNG of two
    channels, alpha and known. Raises `ImageError` where it can't be written, and `OptionError` as `load` does.
    """
    check_place(out)
    parts = [
        [entry for i, source in enumerate(sources) for entry in find_entries(i, source, part)]
        for part in ("train", "validation")
    ]
    index: list[dict[str, str | int | float]] = []
    with whole(out) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        for entries in parts:
            with _mapped(len(entries), size, out.parent) as (file, tiles):
                for row, entry, aspect in _decode(list(enumerate(entries)), file, teacher):
                    _add(archive, len(index), tiles[row].permute(1, 2, 0).numpy())
                    index.append({"source": entry.source, "name": entry.name, "part": entry.part, "aspect": aspect})
        if not index:
            raise OptionError("no pictures in the data; there is nothing to pack")
        described = [{"folder": source.name, "kind": source.kind, "weight": source.weight} for source in sources]
        archive.writestr(_INDEX, json.dumps({"size": size, "sources": described, "pictures": index}))
    return len(index)


def _add(archive: zipfile.ZipFile, number: int, pixels: NDArray[np.uint8]) -> None:
    """Add one square, (S, S, 5), to an archive."""
    archive.writestr(f"{number:06}.webp", _encode(pixels[..., :3], "WEBP", quality=88, method=4))
    archive.writestr(f"{number:06}.png", _encode(pixels[..., 3:], "PNG"))


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
                        truth = np.asarray(file, dtype=np.float32) / np.float32(255)
                    pixels = square(image, truth[..., 0].copy(), truth[..., 1].copy(), size)
                    yield item["source"], Tile(pixels, item["aspect"])
        except (ImageError, OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise OptionError(f"{path}: not a file that `pack` wrote, or damaged ({error})") from error

    return sources, len(pictures), unpack()


@contextmanager
def _mapped(count: int, size: int, folder: Path | None) -> Iterator[tuple[SquaresFile, Tensor]]:
    """Map squares in a temporary file, as a tensor (N, 5, S, S) uint8; the file is there inside the block only."""
    shape = (count, CHANNELS, size, size)
    if not count:
        yield SquaresFile(Path(os.devnull), shape), torch.empty(shape, dtype=torch.uint8)
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="squares-", dir=folder))
            if hasattr(os, "posix_fallocate"):  # at a page that the disk can't hold the system would end the process
                os.posix_fallocate(file.fileno(), 0, math.prod(shape))
            tiles = torch.from_numpy(np.memmap(file.name, np.uint8, "r+", shape=shape))
        except OSError as error:
            place, size_gb = folder or tempfile.gettempdir(), math.prod(shape) / 1e9
            raise OptionError(f"{place}: no room for {size_gb:.1f} GB of pictures ({one_line(error)})") from error
        yield SquaresFile(Path(file.name), shape), tiles


def _decode(
    entries: Sequence[tuple[int, Entry]], file: SquaresFile, teacher: Teacher | None
) -> Iterator[tuple[int, Entry, float]]:
    """Decode into the rows of a file, on all cores; gives row, picture and aspect, in order within a kind.

    A file that can't be read is named in a warning and left out. The teacher is asked in this process.
    """
    taught = [(row, entry) for row, entry in entries if entry.kind == "unlabelled"]
    if taught and teacher is None:
        raise OptionError("unlabelled pictures need a teacher; name a model")
    plain = [(row, entry) for row, entry in entries if entry.kind != "unlabelled"]
    for some, chosen in ((plain, None), (taught, teacher)):
        with _executor(len(some) if chosen is None else 0) as executor:
            results = executor.map(partial(decode_into, file, teacher=chosen), *zip(*some, strict=True), chunksize=8)
            for (row, entry), result in zip(some, results, strict=True):
                if isinstance(result, str):
                    log.warning("left out %s: %s", entry.path, result)
                else:
                    yield row, entry, result


def _executor(count: int) -> Executor:
    """Return a pool of threads, or of processes for many pictures: of several threads, one at a time runs Python."""
    if count < _MANY:
        return ThreadPoolExecutor()
    return ProcessPoolExecutor(cores(), multiprocessing.get_context("spawn"))


def _encode(pixels: NDArray[np.uint8], file_format: str, **options: int) -> bytes:
    target = io.BytesIO()
    PillowImage.fromarray(pixels).save(target, file_format, **options)
    return target.getvalue()
