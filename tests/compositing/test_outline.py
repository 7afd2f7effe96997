import numpy as np
import pytest

from background_remover.compositing.outline import outline

WHITE = np.uint8([255, 250, 240, 255])


def disc(side: int = 120, radius: float = 20.0) -> np.ndarray:
    """A disc in the middle, with its edge's pixels' areas to within a hundredth: (H, W) in [0, 1]."""
    y, x = np.mgrid[: side * 8, : side * 8] / 8 + 1 / 16 - side / 2
    return (np.hypot(x, y) <= radius).reshape(side, 8, side, 8).mean(axis=(1, 3)).astype(np.float32)


@pytest.mark.parametrize("width", [1, 2.5, 10, 30])
def test_around_a_disc_lies_a_larger_disc(width):
    found = outline(np.rint(disc() * 255).astype(np.uint8), width, WHITE)
    wanted = disc(radius=20 + width)
    assert np.abs(found[..., 3] / 255 - wanted).mean() < 0.004
    assert np.abs(found[..., 3] / 255 - wanted).max() < 0.35
    assert (found[..., :3] == WHITE[:3]).all()


def test_a_wide_band_is_as_wide_as_a_narrow_one_times_its_width():
    alpha = np.zeros((400, 400), dtype=np.uint8)
    alpha[190:210, 190:210] = 255
    found = outline(alpha, 80, WHITE)[..., 3]
    inside = np.flatnonzero(found[200] > 127)
    assert inside[0] == pytest.approx(110, abs=2)
    assert inside[-1] == pytest.approx(289, abs=2)


def test_an_outline_is_as_deep_as_its_alpha_and_as_opaque_as_its_colour():
    alpha = (disc() * 65535).astype(np.uint16)
    found = outline(alpha, 5, np.uint16([0, 0, 65535, 32768]))
    assert found.dtype == np.uint16
    assert found[..., 3].max() == 32768


def test_nothing_has_no_outline():
    assert not outline(np.zeros((30, 40), dtype=np.uint8), 4, WHITE)[..., 3].any()


def test_all_is_within_its_own_outline():
    assert (outline(np.full((30, 40), 255, dtype=np.uint8), 4, WHITE)[..., 3] == 255).all()
