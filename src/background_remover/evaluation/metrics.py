"""Measures of an alpha against the truth: two alphas in, a number out.

Every measure takes `alpha` and `truth`, both (H, W) float32 in [0, 1]. Those with `known`, an (H, W) mask, count its
pixels alone (None: all of them). A pixel is subject where its alpha is above 0.5. Where there is nothing to get wrong
- no subject in either alpha, or no known pixel - the answer is a perfect score, so an empty picture can be answered
rightly. All raise `OptionError` where the sizes differ. Higher is better, except for `mae` and the measures of matting,
`sad` to `connectivity_error`, which that field takes over the unknown band of a trimap: give that band as `known`.
"""

from importlib import import_module
from math import ceil, hypot, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from background_remover.errors import Error, OptionError
from background_remover.types import Alpha, Mask

THRESHOLD = 0.5
LOOSE = 0.15  # how far an alpha may rise above what is connected and still count as connected
SIGMA = 1.4  # of the Gaussian whose derivatives give an alpha's gradient, in pixels
TOLERANCE = 0.008  # of the diagonal: how far apart two boundaries may lie and still agree


def overlap(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> tuple[int, int]:
    """Return the pixels of the intersection and of the union: summed over pictures, they give the IoU of a data set."""
    found, wanted = subject_masks(alpha, truth, known)
    return int(np.count_nonzero(found & wanted)), int(np.count_nonzero(found | wanted))


def iou(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> float:
    """Return the intersection over union (the Jaccard index), in [0, 1]; 1 where both are empty."""
    intersection, union = overlap(alpha, truth, known)
    return intersection / union if union else 1.0


def dice(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> float:
    """Return the Dice coefficient (the F-measure of pixels), in [0, 1]; 1 where both are empty."""
    intersection, union = overlap(alpha, truth, known)
    return 2 * intersection / (union + intersection) if union else 1.0


def pixel_accuracy(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> float:
    """Return the share of pixels on the right side of the threshold, in [0, 1]."""
    found, wanted = subject_masks(alpha, truth, known)
    counted = found.size if known is None else int(np.count_nonzero(known))
    return 1 - int(np.count_nonzero(found ^ wanted)) / counted if counted else 1.0


def mae(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> float:
    """Return the mean absolute difference of the alphas themselves, without a threshold, in [0, 1]; 0 is perfect."""
    _check_sizes(alpha, truth, known)
    error = np.abs(alpha - truth) if known is None else np.abs(alpha - truth)[known]
    return float(error.mean(dtype=np.float64)) if error.size else 0.0


def boundary_f(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> float:
    """Return the F-measure of the boundaries, in [0, 1]; 1 where neither has one, 0 where only one has.

    A boundary pixel is right where the other boundary passes within 0.8 % of the picture's diagonal, rounded up to
    whole pixels. Precision is the share of right pixels on the alpha's boundary, recall on the truth's (Csurka et al.,
    BMVC 2013; with these numbers in DAVIS, Perazzi et al., CVPR 2016). The picture's border is no boundary.

    Where the truth isn't known the alpha is taken to be right: if `known` leaves out the band around a subject, a
    boundary anywhere inside the band is right.
    """
    subject, true_subject = subject_masks(alpha, truth, None)
    if known is not None:
        # Cutting both to the known pixels, as DAVIS does with its void, would draw the band's edges into both: an
        # alpha that is subject everywhere would then score two thirds.
        _check_sizes(alpha, truth, known)
        true_subject = np.where(known, true_subject, subject)
    found, wanted = _boundary(subject), _boundary(true_subject)
    found_pixels, wanted_pixels = int(np.count_nonzero(found)), int(np.count_nonzero(wanted))
    if not found_pixels or not wanted_pixels:
        return float(found_pixels == wanted_pixels)
    radius = ceil(TOLERANCE * hypot(*found.shape))
    precision = _near(found, wanted, radius) / found_pixels
    recall = _near(wanted, found, radius) / wanted_pixels
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def sad(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> float:
    """Return the sum of absolute differences, in thousands of pixels (Rhemann et al., CVPR 2009); 0 is perfect."""
    _check_sizes(alpha, truth, known)
    return _thousands(np.abs(alpha - truth), known)


def mse(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> float:
    """Return the mean of squared differences (Rhemann et al., CVPR 2009); 0 is perfect."""
    _check_sizes(alpha, truth, known)
    error = (alpha - truth) ** 2 if known is None else ((alpha - truth) ** 2)[known]
    return float(error.mean(dtype=np.float64)) if error.size else 0.0


def gradient_error(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> float:
    """Return the sum of squared differences in steepness, in thousands (Rhemann et al., CVPR 2009); 0 is perfect.

    An alpha's steepness is the length of its gradient, taken with the derivatives of a Gaussian of 1.4 pixels.
    """
    _check_sizes(alpha, truth, known)
    return _thousands((_steepness(alpha) - _steepness(truth)) ** 2, known)


def connectivity_error(alpha: Alpha, truth: Alpha, known: Mask | None = None) -> float:
    """Return the difference in connectivity, in thousands of pixels (Rhemann et al., CVPR 2009); 0 is perfect.

    For ten thresholds both alphas reach, the largest connected region is found (four neighbours). A pixel is tied to
    it up to a level, the last threshold at which it belongs; what an alpha has above that level, if 0.15 or more,
    hangs loose. The differences in that are summed. Raises `Error` without SciPy.
    """
    _check_sizes(alpha, truth, known)
    tied, belongs = np.zeros_like(truth), np.ones(truth.shape, dtype=bool)
    for threshold in np.arange(1, 11) / 10:
        belongs &= _largest_region((alpha >= threshold) & (truth >= threshold))
        tied[belongs] = threshold
    loose, true_loose = (np.where(level - tied >= LOOSE, level - tied, 0) for level in (alpha, truth))
    return _thousands(np.abs(loose - true_loose), known)


def subject_masks(alpha: Alpha, truth: Alpha, known: Mask | None) -> tuple[Mask, Mask]:
    """Return where the alpha and where the truth is subject, of the known pixels: two masks (H, W)."""
    _check_sizes(alpha, truth, known)
    found, wanted = alpha > THRESHOLD, truth > THRESHOLD
    return (found, wanted) if known is None else (found & known, wanted & known)


def _check_sizes(alpha: Alpha, truth: Alpha, known: Mask | None) -> None:
    # Without this, numpy would stretch (1, W) over (H, W) and score it.
    shapes = [array.shape for array in (alpha, truth, known) if array is not None]
    if len(alpha.shape) != 2 or len(set(shapes)) > 1:
        raise OptionError(f"alpha, truth and known mask must share one (height, width), not {shapes}")


def _thousands(error: Alpha, known: Mask | None) -> float:
    return float((error if known is None else error[known]).sum(dtype=np.float64)) / 1000


def _steepness(alpha: Alpha) -> Alpha:
    radius = ceil(SIGMA * sqrt(-2 * log(sqrt(2 * pi) * SIGMA * 0.01)))  # where the Gaussian falls to 0.01
    offsets = np.arange(-radius, radius + 1)
    gaussian = np.exp(-(offsets**2) / (2 * SIGMA**2))
    slope = -offsets * gaussian
    gaussian, slope = gaussian / np.linalg.norm(gaussian), slope / np.linalg.norm(slope)
    down = _correlate(_correlate(alpha, slope, 0), gaussian, 1)
    along = _correlate(_correlate(alpha, gaussian, 0), slope, 1)
    return np.hypot(down, along)


def _correlate(alpha: Alpha, kernel: NDArray[np.float64], axis: int) -> Alpha:
    """Return the correlation of an alpha with a kernel along one axis; outside, its border pixels are repeated."""
    radius, length = len(kernel) // 2, alpha.shape[axis]
    margins = [(radius, radius) if side == axis else (0, 0) for side in range(2)]
    wide = np.pad(alpha, margins, mode="edge")
    parts = (np.take(wide, range(start, start + length), axis) for start in range(len(kernel)))
    return np.asarray(sum(weight * part for weight, part in zip(kernel, parts, strict=True)), dtype=np.float32)


def _largest_region(subject: Mask) -> Mask:
    try:
        ndimage = import_module("scipy.ndimage")
    except ImportError as error:
        raise Error(
            f"the connectivity error needs SciPy ({error}): pip install 'background-remover[evaluate]'"
        ) from error
    labels, regions = ndimage.label(subject)
    if not regions:
        return subject
    return np.asarray(labels == 1 + np.argmax(np.bincount(labels.ravel())[1:]), dtype=bool)


def _boundary(subject: Mask) -> Mask:
    """Return which pixels differ from the neighbour to the right, below, or both ways: a line one pixel wide.

    The line lies half a pixel up and left of the true edge, for either subject alike (`seg2bmap` of the Berkeley
    segmentation benchmark).
    """
    beyond = np.pad(subject, ((0, 1), (0, 1)), mode="edge")  # the pixels at the border are repeated: no edge there
    right, below, both = beyond[:-1, 1:], beyond[1:, :-1], beyond[1:, 1:]
    return np.asarray((subject != right) | (subject != below) | (subject != both), dtype=bool)


def _near(points: Mask, others: Mask, radius: int) -> int:
    """Return the number of `points` that have one of `others` within `radius` pixels, centre to centre.

    The distance along each row comes first, for all pixels at once; then 2 radius + 1 rows are searched for each point.
    """
    height, width = others.shape
    columns = np.arange(width, dtype=np.float32)
    before = np.maximum.accumulate(np.where(others, columns, -np.inf), axis=1)
    after = np.minimum.accumulate(np.where(others, columns, np.inf)[:, ::-1], axis=1)[:, ::-1]
    gap = np.minimum(columns - before, after - columns)  # (H, W): to the nearest of `others` in the same row

    rows, cols = np.nonzero(points)
    near = np.zeros(len(rows), dtype=bool)
    for offset in range(-radius, radius + 1):
        row = rows + offset
        inside = (row >= 0) & (row < height)
        near[inside] |= gap[row[inside], cols[inside]] ** 2 + offset**2 <= radius**2
    return int(np.count_nonzero(near))
