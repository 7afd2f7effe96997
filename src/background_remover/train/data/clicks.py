"""Clicks and boxes as people would give them, simulated, and drawn as planes: the inputs of a click network."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from torch import Tensor, nn

from background_remover.arrays.box import Box, subject_box
from background_remover.segmentation.prompts import Point, Prompts
from background_remover.train.config import Augmentation, Clicks
from background_remover.train.data import augment, scenes
from background_remover.train.data.augment import Batch
from background_remover.train.data.dataset import Bank
from background_remover.types import Alpha, Mask, Size

RADIUS = 5  # of a click's disc, in pixels
Planes: TypeAlias = NDArray[np.uint8]  # (H, W, 4): clicks on the subject, clicks beside it, the box, the answer before
_ONE_CLICK = 0.6  # probability that a sample begins with one click on the subject, and with none beside it
_MORE = 4  # clicks of each kind, at most, that another sample begins with beside the first
_MIDDLE = 1.7  # the first click is no nearer to the edge than the farthest pixel's distance divided by this
_NEAR = 0.15  # of the longer side: half of the clicks beside the subject are no farther from it
_SUBJECT = 0.5  # an alpha above this is subject


class _Truth(NamedTuple):
    subject: Mask
    known: Mask


def draw(bank: Bank, count: int, size: Size, how: Augmentation, clicks: Clicks) -> Batch:
    """Return `count` random samples of that size, some of them scenes, by torch's global random numbers."""
    number = int((torch.rand(count) < clicks.scenes).sum())
    drawn = [scenes.draw(bank, number, size, how)] if number else []
    if number < count:
        drawn.append(augment.draw(bank, count - number, size, how))
    return Batch(*(torch.cat(tensors) for tensors in zip(*drawn, strict=True)))


def simulate(module: nn.Module, images: Tensor, batch: Batch, how: Clicks) -> Tensor:
    """Return the pictures with planes of simulated prompts, (B, 7, H, W), by torch's global random numbers.

    As in RITM (Sofiiuk et al. 2021, arXiv 2102.06583): random clicks on the subject and around it at first, and then
    up to `how.corrections` times one more, about the middle of the largest error that the network makes with those so
    far; that answer becomes a plane too. Some samples have a box as well, some of them nothing else at first. `images`
    are normalised, (B, 3, H, W); a sample without a subject gets no click on it and no box.
    """
    random = np.random.default_rng(int(torch.randint(2**62, ())))
    truths = _truths(batch)
    prompts = [first_prompts(*truth, how, random) for truth in truths]
    inputs = beside(images, [planes(given, truth.subject.shape) for given, truth in zip(prompts, truths, strict=True)])
    training = module.training
    for _ in range(random.integers(how.corrections + 1)):
        alphas = _answer(module, inputs)
        prompts = [
            corrected(given, alpha, *truth, random) for given, alpha, truth in zip(prompts, alphas, truths, strict=True)
        ]
        drawn = [planes(given, alpha.shape, alpha) for given, alpha in zip(prompts, alphas, strict=True)]
        inputs = beside(images, drawn)
    module.train(training)
    return inputs


def one_click(images: Tensor, alphas: Tensor) -> Tensor:
    """Return the pictures with a click in the middle of each subject, (B, 7, H, W): the inputs of a validation."""
    subjects = [alpha[0] > _SUBJECT for alpha in alphas.cpu().numpy()]
    given = [Prompts((middle(_depth(subject)),)) if subject.any() else Prompts() for subject in subjects]
    return beside(images, [planes(each, subject.shape) for each, subject in zip(given, subjects, strict=True)])


def planes(prompts: Prompts, size: Size, before: Alpha | None = None) -> Planes:
    """Return the planes of prompts, which are in pixels of this size; `before` is the answer to fewer of them."""
    drawn = np.zeros((*size, 4), dtype=np.uint8)
    for plane, points in enumerate((prompts.points, prompts.not_points)):
        for point in points:
            _draw_disc(drawn[..., plane], point)
    if prompts.box is not None:
        drawn[prompts.box.top : prompts.box.bottom, prompts.box.left : prompts.box.right, 2] = 255
    if before is not None:
        drawn[..., 3] = np.rint(before * 255)
    return drawn


def beside(images: Tensor, drawn: Sequence[Planes]) -> Tensor:
    """Return the pictures, (B, 3, H, W), with their planes beside the colours, (B, 7, H, W)."""
    stacked = torch.from_numpy(np.stack(drawn)).to(images.device)
    both = torch.cat([images, stacked.permute(0, 3, 1, 2).float() / 255], dim=1)
    return both.contiguous(memory_format=torch.channels_last)


def first_prompts(subject: Mask, known: Mask, how: Clicks, random: np.random.Generator) -> Prompts:
    """Return the first prompts of a sample: clicks, a box, or both; none where there is no subject."""
    if not subject.any():
        return Prompts()
    box = _box(subject, how.loose, random) if random.random() < how.box else None
    if box is not None and random.random() < how.only_box:
        return Prompts(box=box)
    depth = _depth(subject)
    points = [_any_of(depth >= depth.max() / _MIDDLE, random)]
    if random.random() < _ONE_CLICK:
        return Prompts(tuple(points), box=box)
    points += [_any_of(subject, random) for _ in range(random.integers(_MORE + 1))]
    ground = known & ~subject
    if not ground.any():
        return Prompts(tuple(points), box=box)
    near = ground & (np.asarray(distance_transform_edt(~subject)) < _NEAR * max(subject.shape))
    grounds = [ground, near if near.any() else ground]
    not_points = [_any_of(grounds[random.integers(2)], random) for _ in range(random.integers(_MORE + 1))]
    return Prompts(tuple(points), tuple(not_points), box)


def corrected(prompts: Prompts, alpha: Alpha, subject: Mask, known: Mask, random: np.random.Generator) -> Prompts:
    """Return the prompts and one more click, in the inner half of the largest error; the same where there is none.

    An error is what is missing of the subject or what is too much, and the largest one is the deepest.
    """
    found = alpha > _SUBJECT
    missing, surplus = (_depth(error & known) for error in (subject & ~found, found & ~subject))
    depth = missing if missing.max() >= surplus.max() else surplus
    if not depth.any():
        return prompts
    click = _any_of(depth > depth.max() / 2, random)
    if depth is missing:
        return Prompts((*prompts.points, click), prompts.not_points, prompts.box)
    return Prompts(prompts.points, (*prompts.not_points, click), prompts.box)


def middle(depth: Alpha) -> Point:
    """Return the pixel that is farthest from the edge, of depths as `_depth` gives them."""
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return int(row), int(column)


def _truths(batch: Batch) -> list[_Truth]:
    masks = torch.cat([batch.alphas, batch.known], dim=1).cpu().numpy() > _SUBJECT
    return [_Truth(subject & known, known) for subject, known in masks]


@torch.no_grad()
def _answer(module: nn.Module, inputs: Tensor) -> Alpha:
    """Return the network's alphas, (B, H, W); the module is left in evaluation mode."""
    alphas: Alpha = torch.sigmoid(module.eval()(inputs).float())[:, 0].cpu().numpy()
    return alphas


def _depth(mask: Mask) -> Alpha:
    """Return the distance of each pixel of a mask from its edge or the picture's; 0 outside the mask."""
    return np.asarray(distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1], dtype=np.float32)


def _any_of(mask: Mask, random: np.random.Generator) -> Point:
    row, column = np.unravel_index(random.choice(np.flatnonzero(mask)), mask.shape)
    return int(row), int(column)


def _box(subject: Mask, loose: float, random: np.random.Generator) -> Box:
    """Return the box around the subject, each side off by up to `loose` of the box's own size."""
    box, (height, width) = subject_box(subject.astype(np.float32)), subject.shape
    down, along = (random.uniform(-loose, loose, 2) * side for side in box.size)
    top, left = max(round(box.top + down[0]), 0), max(round(box.left + along[0]), 0)
    bottom, right = round(box.bottom + down[1]), round(box.right + along[1])
    return Box(top, left, min(max(bottom, top + 1), height), min(max(right, left + 1), width))


def _draw_disc(plane: Planes, point: Point) -> None:
    (row, column), (height, width) = point, plane.shape
    top, left = max(row - RADIUS, 0), max(column - RADIUS, 0)
    rows, columns = np.ogrid[top : min(row + RADIUS + 1, height), left : min(column + RADIUS + 1, width)]
    inside = (rows - row) ** 2 + (columns - column) ** 2 <= RADIUS**2
    plane[top : top + inside.shape[0], left : left + inside.shape[1]][inside] = 255
