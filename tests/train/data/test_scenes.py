from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from background_remover.train.data import scenes
from background_remover.train.data.augment import Batch
from background_remover.train.data.dataset import Bank
from background_remover.train.data.decode import Kind, Source
from tests.train.conftest import CALM, bank, plain

COLOURS = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255)
SIZE = 64


def centred(low: int = 12, high: int = 36) -> np.ndarray:
    mask = np.zeros((48, 48), np.uint8)
    mask[low:high, low:high] = 255
    return mask


def subjects(masks: list[np.ndarray], kind: Kind = "pairs", *, known: list[np.ndarray] | None = None) -> Bank:
    """A square of each colour before white, and a black background."""
    images = [np.where(mask[..., None] > 0, plain(c, 48), 255) for mask, c in zip(masks, COLOURS, strict=False)]
    images, masks = [*images, plain((0, 0, 0), 48)], [*masks, np.zeros((48, 48), np.uint8)]
    mixture = Source(Path("subjects"), kind), Source(Path("walls"), "backgrounds", 0.01)
    known = None if known is None else [*known, np.full((48, 48), 255, np.uint8)]
    return bank(images, masks, known=known, sources=[0] * (len(images) - 1) + [1], mixture=mixture)


def drawn(data: Bank, count: int = 48, size: tuple[int, int] = (SIZE, SIZE)) -> Batch:
    torch.manual_seed(0)
    return scenes.draw(data, count, size, CALM)


@pytest.mark.parametrize("kind", ["pairs", "cutouts"])
@pytest.mark.parametrize("size", [(64, 64), (64, 96)])
def test_the_alpha_is_of_one_subject_and_the_rest_of_the_scene_of_others(kind, size):
    batch = drawn(subjects([centred() for _ in COLOURS], kind), size=size)
    assert batch.images.shape == (48, 3, *size)
    assert batch.alphas.shape == batch.known.shape == (48, 1, *size)
    assert (batch.known == 1).all()
    others = 0
    for image, alpha in zip(batch.images, batch.alphas[:, 0], strict=True):
        meant = image[:, alpha > 0.99]
        assert meant.shape[1] > 20
        assert len(meant.round().unique(dim=1).T) == 1  # one colour
        assert image.amin(0).max() < 0.9  # and no white, which was behind the subjects
        colours = image[:, (image.amin(0) < 0.05) & (image.amax(0) > 0.95)].round().unique(dim=1)
        others += colours.shape[1] > 1
    assert others > 40


def test_what_a_nearer_subject_hides_is_not_meant():
    """Where the alpha is 1 the picture has the subject's own colour, whatever lies over it."""
    wide = np.zeros((48, 48), np.uint8)
    wide[12:36, 2:46] = 255
    for image, alpha in zip(*drawn(subjects([wide for _ in COLOURS]), 96)[:2], strict=True):
        assert len(image[:, alpha[0] > 0.99].round().unique(dim=1).T) == 1


def test_a_subject_that_its_picture_cuts_off_stands_in_no_scene_where_there_are_others():
    cut = centred(0, 24)
    batch = drawn(subjects([centred(), cut, centred(), centred()]))
    green = (batch.images[:, 1] > 0.9) & (batch.images[:, 0] < 0.1)
    assert not green.any()


def test_the_unknown_border_of_a_trimap_is_no_subject():
    whole = np.full((48, 48), 255, np.uint8)
    inner = np.where(centred(16, 32) > 0, 255, 0).astype(np.uint8)
    known = np.where((centred() > 0) & (inner == 0), 0, whole).astype(np.uint8)
    small = drawn(subjects([centred(16, 32)] * 3))
    again = drawn(subjects([centred()] * 3, known=[known] * 3))
    torch.testing.assert_close(again.alphas, small.alphas)


def test_a_bank_without_backgrounds_gets_plain_ones():
    data = subjects([centred() for _ in COLOURS])
    only = Bank(data.tiles[:-1], data.aspects[:-1], data.sources[:-1], data.mixture[:1])
    assert torch.isfinite(drawn(only).images).all()


def test_a_bank_of_nothing_but_blanks_gives_blank_truths():
    batch = drawn(subjects([np.zeros((48, 48), np.uint8)] * 2), 4)
    assert batch.alphas.max() == 0


def test_shapes_stay_as_they_were():
    """A square in a picture of 2:1 is twice as wide as high, in scenes of any shape."""
    data = subjects([centred()] * 5)
    twice = replace(data, aspects=torch.full_like(data.aspects, 2.0))
    for size in ((96, 96), (96, 160)):
        batch = drawn(twice, 24, size)
        wide, high = ((batch.alphas[:, 0] > 0.5).any(axis).sum(1).float() for axis in (1, 2))
        whole = high > 10
        assert whole.sum() > 10
        assert (wide[whole] / high[whole]).median() == pytest.approx(2, rel=0.15)
