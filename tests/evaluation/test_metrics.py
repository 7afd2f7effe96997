"""The measures against hand-made cases, naive references and the published library."""

import sys
from collections.abc import Callable

import numpy as np
import pytest

from background_remover.errors import Error, OptionError
from background_remover.evaluation import metrics
from background_remover.types import Alpha, Mask

Measure = Callable[[Alpha, Alpha], float]
HIGHER_IS_BETTER: list[Measure] = [metrics.iou, metrics.dice, metrics.pixel_accuracy, metrics.boundary_f]
ALL: list[Measure] = [*HIGHER_IS_BETTER, metrics.mae]


def alpha_of(*rows: str) -> Alpha:
    """An alpha from a drawing: `#` is subject, `.` is background."""
    return np.array([[pixel == "#" for pixel in row] for row in rows], dtype=np.float32)


def disc(height: int, width: int, centre: tuple[float, float], radius: float) -> Alpha:
    y, x = np.ogrid[:height, :width]
    return (np.hypot(y - centre[0], x - centre[1]) <= radius).astype(np.float32)


def noise(seed: int, height: int = 24, width: int = 30) -> Alpha:
    """Soft blobs: noise averaged over 5x5 pixels, stretched so that about half lies above the threshold."""
    coarse = np.random.default_rng(seed).random((height + 4, width + 4))
    smooth = np.lib.stride_tricks.sliding_window_view(coarse, (5, 5)).mean(axis=(2, 3))
    return np.clip((smooth - 0.5) * 4 + 0.5, 0, 1).astype(np.float32)


def test_a_case_counted_by_hand():
    alpha = alpha_of("##..", "##..", "....")
    truth = alpha_of(".##.", ".##.", "....")
    assert metrics.overlap(alpha, truth) == (2, 6)
    assert metrics.iou(alpha, truth) == pytest.approx(2 / 6)
    assert metrics.dice(alpha, truth) == pytest.approx(4 / 8)
    assert metrics.pixel_accuracy(alpha, truth) == pytest.approx(8 / 12)
    assert metrics.mae(alpha, truth) == pytest.approx(4 / 12)


def test_pixels_that_are_not_known_do_not_count():
    alpha = alpha_of("##..", "##..", "....")
    truth = alpha_of(".##.", ".##.", "....")
    known = alpha_of("####", "....", "....") > 0
    assert metrics.overlap(alpha, truth, known) == (1, 3)
    assert metrics.iou(alpha, truth, known) == pytest.approx(1 / 3)
    assert metrics.dice(alpha, truth, known) == pytest.approx(2 / 4)
    assert metrics.pixel_accuracy(alpha, truth, known) == pytest.approx(2 / 4)
    assert metrics.mae(alpha, truth, known) == pytest.approx(2 / 4)


@pytest.mark.parametrize("measure", ALL)
def test_known_everywhere_is_the_same_as_no_mask(measure):
    alpha, truth = noise(1), noise(2)
    assert measure(alpha, truth, np.ones(alpha.shape, dtype=bool)) == measure(alpha, truth)


@pytest.mark.parametrize("measure", [metrics.iou, metrics.dice, metrics.pixel_accuracy, metrics.mae])
def test_what_is_not_known_makes_no_difference(measure):
    truth, known = noise(2), noise(3) > 0.4
    blot = np.where(known, noise(1), noise(4))
    assert measure(blot, truth, known) == measure(noise(1), truth, known)


def test_the_threshold_is_strict_and_half_is_background():
    alpha = np.array([[0.5, 0.51]], dtype=np.float32)
    assert metrics.overlap(alpha, np.ones((1, 2), dtype=np.float32)) == (1, 2)


def test_mae_sees_what_the_threshold_hides():
    faint, firm = np.full((2, 2), 0.6, dtype=np.float32), np.ones((2, 2), dtype=np.float32)
    assert metrics.iou(faint, firm) == 1
    assert metrics.mae(faint, firm) == pytest.approx(0.4)


@pytest.mark.parametrize("measure", ALL)
def test_swapping_both_changes_nothing(measure):
    assert measure(noise(1), noise(2)) == pytest.approx(measure(noise(2), noise(1)))


@pytest.mark.parametrize("truth", [noise(1), np.zeros((5, 7), np.float32), np.ones((5, 7), np.float32)])
def test_the_truth_itself_scores_perfectly(truth):
    assert [measure(truth, truth) for measure in HIGHER_IS_BETTER] == [1, 1, 1, 1]
    assert metrics.mae(truth, truth) == 0


def test_finding_something_in_an_empty_picture_scores_nothing():
    empty, found = np.zeros((20, 20), np.float32), disc(20, 20, (10, 10), 5)
    assert [measure(found, empty) for measure in (metrics.iou, metrics.dice, metrics.boundary_f)] == [0, 0, 0]
    assert [measure(empty, found) for measure in (metrics.iou, metrics.dice, metrics.boundary_f)] == [0, 0, 0]


def test_a_picture_without_known_pixels_has_nothing_to_get_wrong():
    nowhere = np.zeros((24, 30), dtype=bool)
    assert [measure(noise(1), noise(2), nowhere) for measure in HIGHER_IS_BETTER] == [1, 1, 1, 1]
    assert metrics.mae(noise(1), noise(2), nowhere) == 0


@pytest.mark.parametrize("measure", ALL)
def test_other_sizes_are_refused_rather_than_stretched(measure):
    with pytest.raises(OptionError, match=r"\(1, 4\)"):
        measure(np.ones((3, 4), np.float32), np.ones((1, 4), np.float32))


def test_a_known_mask_of_another_size_is_refused():
    with pytest.raises(OptionError, match="must share"):
        metrics.mae(noise(1), noise(2), np.ones((1, 30), dtype=bool))


def naive_boundary(subject: Mask) -> list[tuple[int, int]]:
    """The pixels unlike a neighbour right, below or both ways, by the definition."""
    height, width = subject.shape
    return [
        (y, x)
        for y in range(height)
        for x in range(width)
        if any(
            subject[y, x] != subject[y + down, x + right]
            for down, right in ((0, 1), (1, 0), (1, 1))
            if y + down < height and x + right < width
        )
    ]


def naive_boundary_f(alpha: Alpha, truth: Alpha, known: Mask, tolerance: float) -> float:
    """Every boundary pixel against every other."""
    height, width = alpha.shape
    reach = int(np.ceil(tolerance * (height**2 + width**2) ** 0.5))
    found, wanted = naive_boundary(alpha > 0.5), naive_boundary(np.where(known, truth, alpha) > 0.5)

    def share(points: list[tuple[int, int]], others: list[tuple[int, int]]) -> float:
        near = [any((y - v) ** 2 + (x - u) ** 2 <= reach**2 for v, u in others) for y, x in points]
        return sum(near) / len(near)

    precision, recall = share(found, wanted), share(wanted, found)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@pytest.mark.parametrize("size", [(24, 30), (3, 90), (7, 2), (2, 2)])
@pytest.mark.parametrize("tolerance", [0.008, 0.09])  # at these sizes 1 pixel, and up to 9
def test_boundary_f_against_every_pixel_with_every_other(monkeypatch, size, tolerance):
    monkeypatch.setattr(metrics, "TOLERANCE", tolerance)
    alpha, truth = noise(1, *size), noise(2, *size)
    alpha[0, 0], alpha[0, 1], truth[0, 0], truth[-1, -1] = 1, 0, 1, 0  # both have a boundary, however small
    known = noise(3, *size) > 0.2
    known[0, :2] = True
    for mask in (known, np.ones(size, dtype=bool)):
        assert metrics.boundary_f(alpha, truth, mask) == pytest.approx(naive_boundary_f(alpha, truth, mask, tolerance))


def test_boundary_f_forgives_up_to_its_tolerance():
    truth = disc(240, 320, (120, 160), 60)  # the diagonal is 400: 0.8 % are 3.2 pixels, rounded up to 4
    assert metrics.boundary_f(np.roll(truth, 4, axis=1), truth) == 1
    assert metrics.boundary_f(np.roll(truth, 5, axis=1), truth) < 1
    assert metrics.boundary_f(np.roll(truth, 80, axis=0), truth) < 0.2


def test_the_frame_is_no_boundary():
    left_half = np.zeros((60, 80), np.float32)
    left_half[:, :40] = 1
    assert metrics.boundary_f(left_half, np.ones((60, 80), np.float32)) == 0  # the second has no boundary at all


def test_a_boundary_that_stays_inside_the_unknown_band_is_right():
    outer, inner = disc(200, 200, (100, 100), 70), disc(200, 200, (100, 100), 50)
    band = (outer > 0) & (inner == 0)
    for radius in (51, 55, 60, 65, 69):
        assert metrics.boundary_f(disc(200, 200, (100, 100), radius), outer, ~band) == 1
    for radius in (35, 45, 75, 85):  # the tolerance is 3 pixels
        assert metrics.boundary_f(disc(200, 200, (100, 100), radius), outer, ~band) == 0


def test_the_unknown_band_gives_no_boundary_to_an_alpha_without_one():
    outer, inner = disc(200, 200, (100, 100), 70), disc(200, 200, (100, 100), 50)
    for constant in (np.zeros_like(outer), np.ones_like(outer)):
        assert metrics.boundary_f(constant, outer, outer == inner) == 0


# The measures of matting

MATTING = [metrics.sad, metrics.mse, metrics.gradient_error, metrics.connectivity_error]


def steepness(alpha: Alpha) -> np.ndarray:
    """The gradient's length under the two-dimensional kernels of Rhemann's program, one pixel after another."""
    sigma = 1.4
    radius = int(np.ceil(sigma * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * sigma * 1e-2))))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    along = -x * np.exp(-(x**2 + y**2) / (2 * sigma**2))
    along /= np.sqrt((along**2).sum())
    wide = np.pad(alpha.astype(np.float64), radius, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(wide, along.shape)
    return np.hypot((windows * along).sum(axis=(2, 3)), (windows * along.T).sum(axis=(2, 3)))


def largest_region(subject: Mask) -> Mask:
    """The largest region of four-neighbours, filled from each pixel in turn."""
    best: set[tuple[int, int]] = set()
    left = set(zip(*np.nonzero(subject), strict=True))
    while left:
        region, border = set(), [left.pop()]
        while border:
            row, column = border.pop()
            region.add((row, column))
            for place in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if place in left:
                    left.remove(place)
                    border.append(place)
        best = max(best, region, key=len)
    result = np.zeros(subject.shape, bool)
    for place in best:
        result[place] = True
    return result


def connectivity(alpha: Alpha, truth: Alpha) -> np.ndarray:
    """The connectivity error of each pixel, as Xu's program for the Composition-1k set works it out."""
    level = np.full(alpha.shape, -1.0)
    for threshold in np.arange(1, 11) / 10:
        outside = ~largest_region((alpha >= threshold) & (truth >= threshold))
        level[(level == -1) & outside] = threshold - 0.1
    level[level == -1] = 1
    phi = [1 - np.where(a - level >= 0.15, a - level, 0) for a in (alpha, truth)]
    return abs(phi[0] - phi[1])


def test_matting_measures_counted_by_hand():
    alpha, truth = np.array([[0.5, 1, 0, 0.25]], np.float32), np.array([[0, 1, 0, 1]], np.float32)
    band = np.array([[False, True, True, True]])
    assert metrics.sad(alpha, truth) == pytest.approx(1.25e-3)
    assert metrics.sad(alpha, truth, band) == pytest.approx(0.75e-3)
    assert metrics.mse(alpha, truth) == pytest.approx((0.25 + 0.5625) / 4)
    assert metrics.mse(alpha, truth, band) == pytest.approx(0.5625 / 3)


@pytest.mark.parametrize("seed", range(3))
def test_gradient_and_connectivity_agree_with_what_is_written_out(seed):
    alpha, truth, band = noise(seed), noise(seed + 10), noise(seed + 20) > 0.5
    gradient = (steepness(alpha) - steepness(truth)) ** 2
    assert metrics.gradient_error(alpha, truth) == pytest.approx(gradient.sum() / 1000, rel=1e-4)
    assert metrics.gradient_error(alpha, truth, band) == pytest.approx(gradient[band].sum() / 1000, rel=1e-4)
    loose = connectivity(alpha, truth)
    assert metrics.connectivity_error(alpha, truth) == pytest.approx(loose.sum() / 1000, rel=1e-4)
    assert metrics.connectivity_error(alpha, truth, band) == pytest.approx(loose[band].sum() / 1000, rel=1e-4)


def test_a_loose_piece_is_an_error_of_connectivity():
    truth = disc(60, 80, (30, 30), 20)
    alpha = truth.copy()
    alpha[5:9, 60:70] = 1  # forty pixels far from the subject
    assert metrics.connectivity_error(alpha, truth) == pytest.approx(0.04)


@pytest.mark.parametrize("measure", MATTING)
def test_matting_measures_of_the_truth_and_of_nothing(measure):
    truth = noise(1)
    assert measure(truth, truth) == 0
    assert measure(noise(2), truth, np.zeros(truth.shape, bool)) == 0
    assert measure(np.zeros_like(truth), np.zeros_like(truth)) == 0
    with pytest.raises(OptionError, match="must share"):
        measure(truth, truth[:, :-1])


def test_without_scipy_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.ndimage", None)
    with pytest.raises(Error, match=r"needs SciPy .* pip install 'background-remover\[evaluate\]'"):
        metrics.connectivity_error(noise(1), noise(2))
