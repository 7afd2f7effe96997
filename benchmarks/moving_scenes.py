"""Clips with known alpha: held-out cutouts that move over held-out backgrounds, the same ones in every run."""

import hashlib
import itertools
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.bit_depth import resize_levels
from background_remover.arrays.box import subject_box
from background_remover.compositing.composite import cutout, fitted
from background_remover.errors import OptionError
from background_remover.evaluation.datasets import Pair
from background_remover.imaging.reader import decode
from background_remover.matting.foreground import foreground
from background_remover.types import Alpha, Cutout, Image, Size
from scenes import alpha_of, held_out, path_of

SIZE: Size = (360, 640)  # of a frame: (height, width)
SIDES = 0.4, 0.8  # a subject's longer side lies between these shares of the frame's height
SPARE = 1.3  # how much larger than the frame a background is, so that the camera may move
SUBFRAMES = 5  # instants of which a frame with motion blur is the mean
DRAWN = 0.7  # pixels by which drawn masks, which are hard, are blurred
NOISE, QUALITY = 2.0, 85  # of the camera: a standard deviation in levels, and that of its JPEG
Half: TypeAlias = Literal["tuning", "report"]
Layer: TypeAlias = NDArray[np.float32]
"""(H, W, 4): premultiplied colours in levels, and an alpha in [0, 1]."""


@dataclass(frozen=True)
class Motion:
    """How subject and camera move in a clip; lengths are in pixels of a frame, times in frames."""

    name: str
    drift: float = 1.5  # of the subject, a frame
    jitter: float = 0.0  # standard deviation of the camera's place, at each frame
    zoom: float = 0.0  # of the camera, how much over the whole clip
    turn: float = 0.0  # of the subject to and fro, in degrees
    shutter: float = 0.0  # the share of a frame's time in which it takes light
    occluded: bool = False  # whether a bar passes in front of the subject
    cut: bool = False  # whether another shot begins in the middle
    fade: bool = False  # whether the clip begins dark


MOTIONS = (
    Motion("drift"),
    Motion("jitter", jitter=1.5),
    Motion("zoom", zoom=0.5, jitter=0.3),
    Motion("turn", turn=12, jitter=0.5),
    Motion("blur", drift=9, jitter=2, shutter=0.7),
    Motion("occlusion", jitter=0.5, occluded=True),
    Motion("cut", drift=2.5, jitter=0.5, cut=True),
    Motion("fade", jitter=0.5, fade=True),
)


@dataclass(frozen=True)
class Subject:
    """A subject cut to its box, (h, w, 4), and whether its picture's lower border cuts it, as it does a bust."""

    pixels: Cutout
    bust: bool


@dataclass(frozen=True, eq=False)
class Clip:
    """The frames of a clip, (H, W, 3) each, and the alpha of their subject."""

    name: str
    frames: list[Image]
    truths: list[Alpha]


def clips(
    sources: Sequence[Path],
    backgrounds: Path,
    half: Half,
    frames: int,
    *,
    rounds: int = 1,
    without: frozenset[str] = frozenset(),
) -> Iterator[Clip]:
    """Yield a clip of each of `MOTIONS` from each of `sources`, `rounds` times.

    `sources` are folders of cutouts or of pictures with their truth, `without` the names of backgrounds that hold a
    subject of their own. Of what is held out from training one half is for choosing parameters and the other for
    reporting: no subject and no background is in both. Raises `OptionError` where there are none of either.
    """
    grounds = [path for path in half_of(backgrounds, half) if path_of(path).name not in without]
    for source in sources:
        entries = half_of(source, half)
        subjects = itertools.cycle(subject for subject in map(subject_of, entries) if subject is not None)
        for number in range(rounds * len(MOTIONS)):
            motion = MOTIONS[number % len(MOTIONS)]
            random = np.random.default_rng([number, zlib.crc32(source.name.encode())])
            shots = []
            for _ in range(1 + motion.cut):
                subject = next(subjects, None)
                if subject is None or not grounds:
                    raise OptionError(f"{source}, {backgrounds}: no whole subject or no background is held out")
                ground = decode(path_of(grounds[int(random.integers(len(grounds)))])).image
                behind = fitted(ground, _wide(), "cover")[..., :3].astype(np.uint8)
                shots.append(Shot(subject, behind, motion, frames, random))
            yield _clip(f"{source.name} {motion.name}", shots, motion, frames, random)


def half_of(folder: Path, half: Half) -> list[Pair | Path]:
    """Return every other held-out picture of a folder: pairs where it has truths, else files."""
    entries = held_out(folder)
    entries.sort(key=lambda entry: hashlib.sha256(path_of(entry).name.encode()).hexdigest())
    return entries[half == "report" :: 2]


def subject_of(entry: Pair | Path) -> Subject | None:
    """Return the subject of a picture; None where there is no alpha, or the picture's other borders cut it."""
    picture = decode(path_of(entry))
    alpha = alpha_of(entry, picture, DRAWN)
    if alpha is None:
        return None
    box = subject_box(alpha)
    colours = foreground(picture.image, alpha) if isinstance(entry, Pair) else picture.image
    pixels = cutout(colours, alpha)[box.top : box.bottom, box.left : box.right]
    return Subject(pixels, isinstance(entry, Pair) and bool(alpha[-1].max() > 0.5))


def _wide() -> Size:
    return round(SIZE[0] * SPARE), round(SIZE[1] * SPARE)


class Shot:
    """A subject over a background, and how they move."""

    def __init__(self, subject: Subject, ground: Image, motion: Motion, frames: int, random: np.random.Generator):
        """Choose size, place and direction; `frames` is the length of the whole clip."""
        self._motion, self._frames = motion, frames
        height, width = subject.pixels.shape[:2]
        factor = random.uniform(*SIDES) * SIZE[0] / max(height, width)
        pixels = resize_levels(subject.pixels, (max(8, round(height * factor)), max(8, round(width * factor))))
        self._subject = premultiplied(pixels if random.random() < 0.5 else np.ascontiguousarray(pixels[:, ::-1]))
        self._ground = premultiplied(np.dstack([ground, np.full(ground.shape[:2], 255, np.uint8)]))
        across = random.uniform(0.3, 0.7) * SIZE[1]
        down = SIZE[0] - 0.45 * pixels.shape[0] if subject.bust else random.uniform(0.4, 0.6) * SIZE[0]
        self._start = np.array([across, down])
        self._way = np.array([random.choice([-1.0, 1.0]), 0 if subject.bust else random.uniform(-0.2, 0.2)])
        self._camera = random.normal(0, motion.jitter, (frames + 1, 2))
        self._pan = random.uniform(-1, 1, 2) * 0.6

    def layers(self, time: float) -> tuple[Layer, Layer]:
        """Return subject and background at an instant, in frames from the clip's beginning."""
        motion, part = self._motion, time / self._frames - 0.5
        camera = np.array([np.interp(time, range(self._frames + 1), axis) for axis in self._camera.T])
        zoom = 1 + motion.zoom * (part + 0.5)
        place = self._start + self._way * motion.drift * self._frames * part
        middle = np.array(SIZE[::-1]) / 2
        place = middle + (place - middle) * zoom + camera
        angle = motion.turn * np.sin(time / 4)
        subject = _moved(self._subject, place, zoom, angle)
        pan = middle + (camera + self._pan * self._frames * part)
        return subject, _moved(self._ground, pan, zoom, 0.0)


def premultiplied(pixels: Cutout) -> Layer:
    """Return a cutout as a layer."""
    layer = pixels.astype(np.float32)
    layer[..., 3] /= 255
    layer[..., :3] *= layer[..., 3:]
    return layer


def _moved(layer: Layer, place: NDArray[np.float64], scale: float, angle: float) -> Layer:
    """Return a layer of a frame's size, with the middle of another one at a place (x, y), scaled and turned."""
    middle = layer.shape[1] / 2, layer.shape[0] / 2
    matrix = np.asarray(cv2.getRotationMatrix2D(middle, angle, scale), np.float64)
    matrix[:, 2] += place - middle
    return np.asarray(cv2.warpAffine(layer, matrix, SIZE[::-1], flags=cv2.INTER_LINEAR), np.float32)


def _clip(name: str, shots: list[Shot], motion: Motion, frames: int, random: np.random.Generator) -> Clip:
    images, truths = [], []
    bar = _bar(random) if motion.occluded else None
    for number in range(frames):
        shot = shots[number * len(shots) // frames]
        instants = number + np.linspace(0, motion.shutter, SUBFRAMES if motion.shutter else 1)
        exposures = [_over(*shot.layers(instant), _placed(bar, instant / frames)) for instant in instants]
        levels, alpha = (np.mean(parts, axis=0) for parts in zip(*exposures, strict=True))
        light = min(1.0, 0.1 + 1.8 * number / frames) if motion.fade else 1.0
        images.append(_taken(levels * light, random))
        truths.append(alpha.astype(np.float32))
    return Clip(name, images, truths)


def _over(subject: Layer, ground: Layer, bar: Layer | None) -> tuple[Layer, Alpha]:
    """Return the levels of a frame, and the alpha of what is seen of the subject."""
    levels = subject[..., :3] + (1 - subject[..., 3:]) * ground[..., :3]
    alpha = subject[..., 3]
    if bar is not None:
        levels = bar[..., :3] + (1 - bar[..., 3:]) * levels
        alpha = alpha * (1 - bar[..., 3])
    return levels, alpha


def _bar(random: np.random.Generator) -> Layer:
    """Return a post with shading across it, taller than a frame."""
    width = round(random.uniform(0.04, 0.08) * SIZE[1])
    light = 0.5 + 0.5 * np.sin(np.linspace(0, np.pi, width))
    bar = np.ones((2 * SIZE[0], width, 4), dtype=np.float32)
    bar[..., :3] = random.uniform(40, 180, 3) * light[:, None]
    return bar


def _placed(bar: Layer | None, part: float) -> Layer | None:
    if bar is None:
        return None
    return _moved(bar, np.array([(0.1 + 0.8 * part) * SIZE[1], SIZE[0] / 2]), 1.0, 0.0)


def _taken(levels: Layer, random: np.random.Generator) -> Image:
    """Return a frame as a camera takes it, with noise and losses."""
    noisy = np.clip(levels + random.normal(0, NOISE, levels.shape), 0, 255).round().astype(np.uint8)
    _, data = cv2.imencode(".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1], dtype=np.uint8)
