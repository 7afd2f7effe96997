"""Pictures of two subjects, one of which is meant, put together from held-out cutouts and labelled pictures."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from background_remover.arrays.bit_depth import resize_levels
from background_remover.arrays.box import subject_box
from background_remover.compositing.composite import cutout, fitted, over
from background_remover.errors import OptionError
from background_remover.evaluation.datasets import Pair, find_pairs, find_pictures, read_truth
from background_remover.imaging.picture import Picture
from background_remover.imaging.reader import decode
from background_remover.types import Alpha, Cutout, Image, Mask, Size

SIZE: Size = (480, 640)  # of a scene: (height, width)
SIDES = 0.45, 0.85  # a subject's longer side lies between these shares of the scene's height
WIDEST = 0.55  # of the scene's width: a subject is no wider
OVERLAP = 0.15  # of the narrower subject's width: how far the nearer one may lie over the other, at most


@dataclass(frozen=True)
class Case:
    """A picture, the alpha of the subject that is meant, and where that is known."""

    name: str
    image: Image
    truth: Alpha
    known: Mask


def scenes(sources: Sequence[Path], backgrounds: Path, limit: int) -> Iterator[Case]:
    """Up to `limit` scenes of two subjects, the same ones in every run.

    `sources` are folders of cutouts or of pictures with their truth, of which the held-out part is used, as it is of
    `backgrounds`. The second subject stands nearer and may lie a little over the first; every other scene means it.
    Raises `OptionError` where two subjects or a background are missing.
    """
    entries = [entry for folder in sources for entry in held_out(folder)]
    entries.sort(key=lambda entry: hashlib.sha256(path_of(entry).name.encode()).hexdigest())
    grounds = find_pictures(backgrounds, "validation")
    if len(entries) < 2 or not grounds:
        raise OptionError(f"{len(entries)} subjects and {len(grounds)} backgrounds are held out; wanted 2 and 1")
    subjects = (subject for subject in map(_subject, entries) if subject is not None)
    for number, (first, second) in enumerate(zip(subjects, subjects, strict=False)):  # two at a time
        if number == limit:
            return
        ground = fitted(decode(grounds[number % len(grounds)]).image, SIZE, "cover")
        yield _scene(number, first, second, ground)


def held_out(folder: Path) -> list[Pair | Path]:
    """Return the held-out pictures of a folder: pairs where it has truths, else files of cutouts."""
    labelled = (folder / "image").is_dir() or (folder / "annotations").is_dir()
    return list(find_pairs(folder, "validation")) if labelled else list(find_pictures(folder, "validation"))


def path_of(entry: Pair | Path) -> Path:
    """Return the file of a picture."""
    return entry.image if isinstance(entry, Pair) else entry


def alpha_of(entry: Pair | Path, picture: Picture, deviation: float = 0.0) -> Alpha | None:
    """Return the alpha of a subject, (H, W); None where there is none, or the picture's other borders cut it.

    A drawn mask is blurred by a Gaussian of this deviation, in pixels.
    """
    alpha = picture.opacity
    if isinstance(entry, Pair):
        truth, known = read_truth(entry)
        alpha = truth * known  # the border of a trimap is half background
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), deviation), np.float32) if deviation else alpha
    if alpha is None or alpha.shape != picture.image.shape[:2] or alpha.max() < 0.5:
        return None
    if isinstance(entry, Pair) and max(alpha[0].max(), alpha[:, 0].max(), alpha[:, -1].max()) > 0.5:
        return None  # the picture's frame cuts it; at the bottom a bust may end
    return alpha


def _subject(entry: Pair | Path) -> Cutout | None:
    """Return a subject cut to its box, (h, w, 4); None where it isn't whole or there is no alpha."""
    picture = decode(path_of(entry))
    alpha = alpha_of(entry, picture)
    if alpha is None:
        return None
    box = subject_box(alpha)
    return cutout(picture.image, alpha)[box.top : box.bottom, box.left : box.right]


def _scene(number: int, first: Cutout, second: Cutout, ground: Cutout) -> Case:
    random = np.random.default_rng(number)
    first, second = (_scaled(subject, random.uniform(*SIDES)) for subject in (first, second))
    if random.random() < 0.5:
        first, second = first[:, ::-1], second[:, ::-1]
    overlap = random.uniform(-OVERLAP, OVERLAP) * min(first.shape[1], second.shape[1])
    room = max(SIZE[1] - (first.shape[1] + second.shape[1] - round(overlap)), 0)
    left = round(random.uniform(0, room))
    right = min(left + first.shape[1] - round(overlap), SIZE[1] - second.shape[1])
    layers = [_placed(first, left, random.random()), _placed(second, right, random.random())]
    if random.random() < 0.5:  # the nearer one is not always on the right
        layers = [layer[:, ::-1] for layer in layers]
    image = np.ascontiguousarray(over(layers[1], over(layers[0], ground))[..., :3], dtype=np.uint8)
    behind, near = (layer[..., 3] / np.float32(255) for layer in layers)
    truth = np.asarray(near if number % 2 else behind * (1 - near), np.float32)
    return Case(f"scene {number}", image, truth, np.ones(SIZE, dtype=bool))


def _scaled(subject: Cutout, share: float) -> Cutout:
    """Return the subject with a longer side of that share of the scene's height, or as wide as may be."""
    height, width = subject.shape[:2]
    factor = min(share * SIZE[0] / max(height, width), WIDEST * SIZE[1] / width)
    return resize_levels(subject, (max(1, round(height * factor)), max(1, round(width * factor))))


def _placed(subject: Cutout, left: int, down: float) -> Cutout:
    """Return the subject on a transparent layer of the scene's size, at that column and share of the free height."""
    layer = np.zeros((*SIZE, 4), dtype=np.uint8)
    top = round(down * (SIZE[0] - subject.shape[0]))
    layer[top : top + subject.shape[0], left : left + subject.shape[1]] = subject
    return layer
