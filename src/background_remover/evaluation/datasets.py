"""Folders of pictures with their truth: Oxford-IIIT Pet in its own layout, or `image/` beside `mask/`."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageOps

from background_remover.errors import ImageError, OptionError
from background_remover.imaging.formats import SUFFIXES
from background_remover.imaging.reader import decode
from background_remover.runtime.streams import read_lines
from background_remover.types import Alpha, Image, Mask

LOG = logging.getLogger(__name__)

Part = Literal["all", "train", "validation", "test"]
VALIDATION_SHARE, VALIDATION_MOST = 6, 500  # one pair in six is held out, 500 of a folder at most
_SUBJECT, _BORDER = 1, 3  # trimap values of Oxford-IIIT Pet; 2 is background


@dataclass(frozen=True)
class Pair:
    """One picture and its truth: a trimap of Oxford-IIIT Pet, or a grey mask."""

    name: str
    image: Path
    truth: Path
    trimap: bool


def find_pairs(folder: Path | str, part: Part = "all") -> list[Pair]:
    """Return the pairs of a folder, sorted by name.

    Two layouts are known. Oxford-IIIT Pet: `images/NAME.jpg`, `annotations/trimaps/NAME.png` and the name lists
    `annotations/trainval.txt` and `test.txt`; any other: `image/NAME.*` beside `mask/NAME.*`. A name whose files
    are missing is left out and counted in a warning.

    `part` is "all", "train" or "validation" (see `held_out`; in the pet layout both are parts of `trainval.txt`),
    or "test" (the pet layout's `test.txt`). Raises `OptionError` where the folder has neither layout, or no such part.
    """
    folder = Path(folder)
    if part not in get_args(Part):
        raise OptionError(f"unknown part {part!r}; known: {', '.join(get_args(Part))}")
    if (folder / "annotations" / "trimaps").is_dir():
        return _pet_pairs(folder, part)
    if (folder / "image").is_dir() and (folder / "mask").is_dir():
        if part == "test":
            raise OptionError(f"{folder}: only the Oxford-IIIT Pet layout has a test part")
        return _select(_folder_pairs(folder), part)
    raise OptionError(f"{folder}: no pairs here; wanted image/ beside mask/, or images/ beside annotations/trimaps/")


def find_pictures(folder: Path, part: Part = "all") -> list[Path]:
    """Return the pictures in a folder and the folders below it, sorted: pictures without a truth beside them.

    `part` is "all", "train" or "validation" (see `held_out`). Raises `OptionError` where there is no such folder, or at
    another part.
    """
    if not folder.is_dir():
        raise OptionError(f"{folder}: no such folder")
    if part == "test":
        raise OptionError(f"{folder}: only the Oxford-IIIT Pet layout has a test part")
    paths = sorted(path for path in folder.rglob("*") if _is_picture(path))
    if part == "all":
        return paths
    kept_back = held_out(path.name for path in paths)
    return [path for path in paths if (path.name in kept_back) == (part == "validation")]


def held_out(names: Iterable[str]) -> frozenset[str]:
    """Return the names kept for validation: those with the lowest SHA-256, a sixth of them, 500 at most.

    The choice depends on nothing but the names, so every run and every machine holds out the same pictures.
    """
    ranked = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return frozenset(ranked[: min(len(ranked) // VALIDATION_SHARE, VALIDATION_MOST)])


def read_names(file: Path) -> frozenset[str]:
    """Read a list of pictures' names, one a line; # starts a comment. Raises `OptionError` where it can't be read."""
    lines = read_lines(file, "names of pictures")
    return frozenset(name for name in (line.partition("#")[0].strip() for line in lines) if name)


def read_pair(pair: Pair) -> tuple[Image, Alpha, Mask]:
    """Return a pair's picture, (H, W, 3) uint8, and its truth as `read_truth` gives it.

    Both are turned upright, each as its own EXIF orientation says. Raises `ImageError` where a file can't be read, and
    where the two differ in size.
    """
    image = decode(pair.image).image
    alpha, known = read_truth(pair)
    (height, width), truth = image.shape[:2], alpha.shape
    if truth != (height, width):
        turned = truth == (width, height)
        advice = f"turn {pair.truth} upright as well" if turned else f"bring {pair.truth} to the picture's own size"
        raise ImageError(f"{pair.image}: is {width}x{height} and its truth {truth[1]}x{truth[0]}; {advice}")
    return image, alpha, known


def read_truth(pair: Pair) -> tuple[Alpha, Mask]:
    """Read the truth of a pair: alpha (H, W) in [0, 1], and the mask (H, W) of the pixels where it is known.

    A trimap's border counts as subject in the alpha and as unknown in the mask; a grey mask is known everywhere.
    Raises `ImageError` where the file can't be read.
    """
    try:
        with PillowImage.open(pair.truth) as stored:
            file = ImageOps.exif_transpose(stored)
            sixteen_bits = file.mode.startswith("I")  # Pillow's conversion to 8 bits would cut these off at 255
            values = np.asarray(file if pair.trimap or sixteen_bits else file.convert("L"))
    except (OSError, SyntaxError, ValueError, PillowImage.DecompressionBombError) as error:
        raise ImageError(f"{pair.truth}: not a readable mask ({error})") from error
    if values.ndim != 2:
        raise ImageError(f"{pair.truth}: a trimap has one channel, this file has shape {values.shape}")
    if pair.trimap:
        return ((values == _SUBJECT) | (values == _BORDER)).astype(np.float32), values != _BORDER
    alpha: Alpha = np.clip(values / np.float32(65535 if sixteen_bits else 255), 0, 1).astype(np.float32)
    return alpha, np.ones(alpha.shape, dtype=bool)


def _pet_pairs(folder: Path, part: Part) -> list[Pair]:
    names = [] if part == "test" else _listed(folder, "trainval.txt")
    if part in ("all", "test"):
        names += _listed(folder, "test.txt")
    if not names:
        raise OptionError(f"{folder}: annotations/ has no name list for the part {part!r}")
    trimaps = folder / "annotations" / "trimaps"
    pairs = [Pair(name, folder / "images" / f"{name}.jpg", trimaps / f"{name}.png", trimap=True) for name in set(names)]
    present = [pair for pair in pairs if pair.image.is_file() and pair.truth.is_file()]
    if len(present) < len(pairs):
        LOG.warning("%s: %d of %d listed names have no files here", folder, len(pairs) - len(present), len(pairs))
    return _select(present, "all" if part == "test" else part)


def _listed(folder: Path, file: str) -> list[str]:
    path = folder / "annotations" / file
    if not path.is_file():
        return []
    lines = read_lines(path, "names of pictures")
    return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]


def _folder_pairs(folder: Path) -> list[Pair]:
    images, masks = _pictures(folder / "image"), _pictures(folder / "mask")
    lonely = len(masks.keys() ^ images.keys())
    if lonely:
        LOG.warning("%s: %d files in image/ or mask/ have no partner", folder, lonely)
    return [Pair(name, images[name], masks[name], trimap=False) for name in sorted(images.keys() & masks.keys())]


def _pictures(folder: Path) -> dict[str, Path]:
    """Return the pictures of a folder by their names; raises `OptionError` where two differ in their suffix alone."""
    paths: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if _is_picture(path):
            if path.stem in paths:
                raise OptionError(f"{path} and {paths[path.stem].name} have one name; rename or remove one of them")
            paths[path.stem] = path
    return paths


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _select(pairs: Sequence[Pair], part: Part) -> list[Pair]:
    pairs = sorted(pairs, key=lambda pair: pair.name)
    if part == "all":
        return pairs
    kept_back = held_out(pair.name for pair in pairs)
    return [pair for pair in pairs if (pair.name in kept_back) == (part == "validation")]
