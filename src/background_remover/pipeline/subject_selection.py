"""Selecting the subject: the coarse alpha that points, a box and the number of subjects choose."""

import numpy as np

from background_remover.arrays.box import Box
from background_remover.errors import OptionError, naming
from background_remover.options import Options
from background_remover.parameters.lengths import Length
from background_remover.parameters.prompts import read_box, read_points, read_subjects
from background_remover.pipeline.session import Session
from background_remover.segmentation.prompts import Prompts, choose
from background_remover.segmentation.subjects import separate
from background_remover.types import Alpha, Image, Size


def prompts_of(options: Options, size: Size) -> Prompts:
    """Return the options' points and box in pixels of a picture of `size`; raises `OptionError` at a box outside it."""
    return Prompts(
        tuple(_pixel(point, size) for point in read_points(naming("points"), options.points)),
        tuple(_pixel(point, size) for point in read_points(naming("not_points"), options.not_points)),
        _box(options, size),
    )


def select(image: Image, session: Session, options: Options) -> Alpha:
    """Return the coarse alpha (h, w) of the subject that options choose in a picture (H, W, 3); raises as `choose`."""
    if options.prompted:
        alpha = choose(session.crops(image), prompts_of(options, (image.shape[0], image.shape[1])))
    else:
        alpha = session.network.flip_averaged(image)
    return keep_largest(alpha, read_subjects(options.subjects))


def keep_largest(alpha: Alpha, count: int | None) -> Alpha:
    """Return the alpha (h, w) of its `count` largest subjects; of all where `count` is None."""
    if count is None:
        return alpha
    subjects = separate(alpha)
    if len(subjects) <= count:
        return alpha
    return np.asarray(sum(subject.alpha for subject in subjects[:count]), dtype=np.float32)


def _pixel(point: tuple[Length, Length], size: Size) -> tuple[int, int]:
    """Return (row, column) of a point that is given right and down; 100 % is the last pixel."""
    right, down = (
        min(length.pixels(side), side - 1) if length.percent else length.value
        for length, side in zip(point, size[::-1], strict=True)
    )
    return int(down), int(right)


def _box(options: Options, size: Size) -> Box | None:
    """Return the options' box, clipped to the picture."""
    given = read_box(options.box)
    if given is None:
        return None
    left, top, width, height = (length.pixels(side) for length, side in zip(given, size[::-1] * 2, strict=True))
    box = Box(int(top), int(left), min(round(top + height), size[0]), min(round(left + width), size[1]))
    if min(box.size) < 1:
        raise OptionError(
            f"box is {options.box!r}, which isn't in the picture of {size[1]}x{size[0]}; give one that is"
        )
    return box
