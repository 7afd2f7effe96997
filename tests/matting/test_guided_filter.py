"""The filter against one written out pixel by pixel; refinement of edges whose truth is known."""

import numpy as np
import pytest

from background_remover.arrays.resample import resize
from background_remover.matting import guided_filter as module
from background_remover.matting.guided_filter import refine
from background_remover.matting.local_linear import apply, centred
from background_remover.types import Alpha, Image
from tests.matting import reference


def blob(height: int = 400, width: int = 520) -> tuple[Image, Alpha]:
    """A red star with a soft edge on an uneven blue ground, and its true alpha."""
    y, x = np.ogrid[:height, :width]
    y, x = y - height / 2, x - width / 2
    radius = height * (0.3 + 0.06 * np.cos(7 * np.arctan2(y, x)))
    alpha = np.clip((radius - np.hypot(y, x)) / 3 + 0.5, 0, 1).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 6, (height, width, 3))
    colours = alpha[..., None] * np.array([200, 60, 40]) + (1 - alpha[..., None]) * np.array([40, 70, 160])
    return np.clip(np.rint(colours + noise), 0, 255).astype(np.uint8), alpha


def coarse_of(alpha: Alpha, longest: int = 64) -> Alpha:
    height, width = alpha.shape
    scale = longest / max(height, width)
    return resize(alpha, (round(height * scale), round(width * scale)), "box")


def error(alpha: Alpha, truth: Alpha) -> float:
    return float(((alpha - truth) ** 2).mean())


def naive_filter(guide: np.ndarray, alpha: np.ndarray, radius: int) -> np.ndarray:
    """The functions of the confidence-weighted guided filter, one window after another, in float64."""
    height, width = alpha.shape
    weight = (2 * alpha - 1) ** 2 + float(module._LEAST_WEIGHT)
    fits, totals = np.zeros((height, width, 4)), np.zeros((height, width))
    window = {}
    for row in range(height):
        for column in range(width):
            window[row, column] = (
                slice(max(row - radius, 0), row + radius + 1),
                slice(max(column - radius, 0), column + radius + 1),
            )
            rows, columns = window[row, column]
            w, p, colours = (array[rows, columns].reshape(-1) for array in (weight, alpha, guide[..., 0]))
            colours = guide[rows, columns].reshape(-1, 3)
            mean, mean_colour = np.average(p, weights=w), np.average(colours, axis=0, weights=w)
            away = colours - mean_colour
            covariance = (w[:, None, None] * away[:, :, None] * away[:, None, :]).sum(axis=0) / w.sum()
            shared = (w[:, None] * away * (p - mean)[:, None]).sum(axis=0) / w.sum()
            slope = np.linalg.solve(covariance + float(module.STIFFNESS) * np.eye(3), shared)
            fits[row, column] = [*slope, mean - slope @ mean_colour]
            totals[row, column] = w.sum()
    result = np.zeros((height, width, 4))
    for place, part in window.items():
        result[place] = (fits[part] * totals[part][..., None]).sum(axis=(0, 1)) / totals[part].sum()
    return result


@pytest.mark.parametrize("radius", [1, 3])
def test_the_filter_agrees_with_one_written_out(radius):
    image, truth = blob(24, 30)
    guide = centred(image)
    alpha = resize(resize(truth, (6, 8), "box"), truth.shape, "bilinear")
    result, functions = module._filter(image, alpha, np.ones(alpha.shape, bool), radius)
    colours = guide.transpose(1, 2, 0).astype(np.float64)
    wanted = naive_filter(colours, alpha.astype(np.float64), radius)
    says = np.clip((wanted[..., :3] * colours).sum(axis=-1) + wanted[..., 3], 0, 1)
    np.testing.assert_allclose(result, says, atol=2e-3)
    np.testing.assert_allclose(apply(functions, image.transpose(2, 0, 1)), says, atol=2e-3)


@pytest.mark.parametrize("kind", ["star", "random"])
@pytest.mark.parametrize("size", reference.SIZES)
def test_it_agrees_with_one_written_out_over_the_whole_picture(size, kind):
    image, truth = reference.scene(size, kind)
    coarse = resize(truth, (max(size[0] // 4, 1), max(size[1] // 4, 1)), "box")
    if coarse.shape == size:
        coarse = np.full((1, 2), 0.6, np.float32)
    np.testing.assert_allclose(refine(image, coarse), reference.refine(image, coarse), atol=1e-3)


@pytest.mark.parametrize("longest", [48, 96])
def test_edges_come_back(longest):
    image, truth = blob()
    coarse = coarse_of(truth, longest)
    stretched = resize(coarse, truth.shape, "bilinear")
    assert error(refine(image, coarse), truth) < 0.2 * error(stretched, truth)


def test_far_from_the_edge_it_is_exact():
    image, truth = blob()
    coarse = coarse_of(truth)
    result = refine(image, coarse)
    assert result.dtype == np.float32
    assert 0 <= result.min() <= result.max() <= 1
    cell = int(np.ceil(max(truth.shape) / max(coarse.shape)))
    far = (module.REACH + 2) * cell  # from the band's edge, in pixels of the picture
    inside = resize(truth, truth.shape, "box")
    rows, columns = np.nonzero((truth > 0) & (truth < 1))
    distance = np.full(truth.shape, np.inf)
    y, x = np.mgrid[: truth.shape[0], : truth.shape[1]]
    for row, column in zip(rows[::5], columns[::5], strict=True):
        np.minimum(distance, np.maximum(abs(y - row), abs(x - column)), out=distance)
    away = distance > far
    assert np.array_equal(result[away], inside[away])


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("off", [0, 0.015])
def test_all_subject_and_all_background_survive(level, off):
    image, _ = blob(200, 150)
    result = refine(image, np.full((43, 32), abs(level - off), np.float32))
    assert np.array_equal(result, np.full((200, 150), level, np.float32))


@pytest.mark.parametrize("level", [0.1, 0.5, 0.8])
def test_a_faint_answer_stays_faint(level):
    """Nothing here may find an edge in an alpha that has none, nor stretch it."""
    image, _ = blob(200, 150)
    np.testing.assert_allclose(refine(image, np.full((43, 32), level, np.float32)), level, atol=1e-3)


def test_a_hard_edge_between_sure_pixels_is_looked_at():
    coarse = np.zeros((20, 20), np.float32)
    coarse[:, 10:] = 1
    image = np.zeros((200, 200, 3), np.uint8)
    image[:, 100:] = 255
    result = refine(image, coarse)
    assert np.array_equal(result > 0.5, image[..., 0] > 127)
    assert np.array_equal(result[:, :60], np.zeros((200, 60)))
    assert np.array_equal(result[:, 140:], np.ones((200, 60)))


@pytest.mark.parametrize(("name", "side"), [("TILE", 17), ("TILE", 9999), ("CELL", 50), ("CELL", 9999)])
def test_parts_are_as_the_whole(monkeypatch, name, side):
    image, truth = blob()
    coarse = coarse_of(truth)
    wanted = refine(image, coarse)
    monkeypatch.setattr(module, name, side)
    np.testing.assert_allclose(refine(image, coarse), wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("size", "longest"), [((500, 700), 160), ((700, 500), 90), ((500, 760), 640), ((90, 130), 124)]
)
def test_what_is_far_from_the_band_has_no_effect_on_it(monkeypatch, size, longest):
    image, _ = blob(*size)
    rng = np.random.default_rng(3)
    coarse = coarse_of(np.zeros(size, np.float32), longest)
    height, width = coarse.shape
    coarse[height // 4 : height // 3, width // 2 : width // 2 + 15] = rng.random((height // 3 - height // 4, 15))
    coarse += rng.uniform(0, 0.01, coarse.shape).astype(np.float32)
    found = refine(image, coarse)
    monkeypatch.setattr(module, "MARGINS", (10**6, 10**6))
    assert 0 < np.count_nonzero(found) < found.size / 4
    np.testing.assert_allclose(found, refine(image, coarse), atol=2e-6)


def test_an_alpha_as_large_as_the_picture_is_taken_as_it_is():
    image, truth = blob(60, 80)
    assert np.array_equal(refine(image, truth), truth)
    assert refine(image, resize(truth, (128, 160), "bilinear")).shape == (60, 80)


@pytest.mark.parametrize("size", [(1, 40), (40, 1), (5, 900), (900, 5)])
def test_any_size(size):
    rng = np.random.default_rng(2)
    image, coarse = rng.integers(0, 256, (*size, 3), dtype=np.uint8), rng.random((4, 4)).astype(np.float32)
    result = refine(image, coarse)
    assert result.shape == size
    assert 0 <= result.min() <= result.max() <= 1
