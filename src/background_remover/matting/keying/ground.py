"""The ground of a picture whose border is one colour or a smooth gradient: its colours everywhere, and its noise."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.banded import product_parts
from background_remover.arrays.bit_depth import eight_bits, planes
from background_remover.arrays.resample import shrink, within
from background_remover.types import Colours, Image, Mask, Planes, Size

LONGEST = 256  # pixels on the longer side of the picture in which the ground is looked for
MIN_SHARE = 0.95  # the least share of the border that a plain ground covers
MAX_NOISE = 2 / 255  # the largest standard deviation of a plain ground
_BORDER = 0.01  # width of the border, as a share of the longer side
_NEAR = 3 / 255  # the least distance from the ground at which a pixel may be subject
_FAR = 24 / 255  # the largest distance of noise
_ROUNDS = 12  # of reweighting
_SAMPLE = 3000  # pixels to which a polynomial is fitted, at most
_LEAST = 1 / 255  # residuals below it weigh the same
_DEGREES = (2, 4)  # of the polynomials: fitted to the border, then to all that is near the first
_FEW, _FEW_ROUNDS = 300, 6  # pixels and rounds of the fit that only says where there can't be a plain ground
_UNEVEN = 4 / 255  # the median residual of that fit: twice the largest noise, and that of means over pixels is less


class Ground(NamedTuple):
    """The plain background of a picture, as it was photographed or drawn.

    `colours` is (3, h, w) in [0, 1], to be enlarged to the picture's size; `noise` the standard deviation of a channel
    around it, in [0, 1]; `share`, in [0, 1], is how much of the picture's border it explains.
    """

    colours: Planes
    noise: float
    share: float

    @property
    def plain(self) -> bool:
        """Whether colour alone can separate this ground from a subject."""
        return self.share >= MIN_SHARE and self.noise <= MAX_NOISE


def find_ground(image: Colours) -> Ground:
    """Return the smooth ground at the border of a picture (H, W, 3); `Ground.plain` says whether it is one.

    A polynomial of degree 2 in x and y is fitted to each channel of the border, by least absolute residuals with
    reweighting (Holland and Welsch, "Robust regression using iteratively reweighted least-squares", 1977), so that a
    subject may touch some of it. One of degree 4 is then fitted to all pixels of the picture near the first.
    """
    levels = eight_bits(image)
    small = planes(shrink(levels, within((levels.shape[0], levels.shape[1]), LONGEST)))
    size = small.shape[1], small.shape[2]
    border = _border(size)
    seen = small[:, border]
    fitted = _fit(small, border, _DEGREES[0])
    near = _distance(small, fitted) < _tolerance(_distance(seen, fitted[:, border]))
    if np.count_nonzero(near) > 100:
        fitted = _fit(small, near, _DEGREES[1])
    residuals = _distance(seen, fitted[:, border])
    inside = residuals < _tolerance(residuals)
    return Ground(np.clip(fitted, 0, 1), _noise(levels, fitted), float(np.mean(inside)))


def may_be_plain(image: Colours) -> bool:
    """Return False where the border of a picture (H, W, 3) is so uneven that `find_ground` finds no plain ground.

    It takes a third of that one's time: the polynomial is fitted to some of the border's pixels, without the rest of
    the picture. Their median says enough, for a subject that covers half of the border leaves no plain ground.
    """
    size = image.shape[0], image.shape[1]
    small = within(size, LONGEST)
    width = max(1, round(_BORDER * max(small)))
    if min(small) <= 4 * width:
        return True
    seen, places = _border_pixels(image, small, width)
    some = slice(None, None, 1 + len(places) // _FEW)
    seen, chosen = seen[:, some], _terms(small, places[some], _DEGREES[1])
    found = _coefficients(chosen, seen.astype(np.float64), _FEW_ROUNDS)
    residuals = np.abs(seen - found.T @ chosen).max(axis=0).astype(np.float32)
    return _median(residuals) <= _UNEVEN


def one_colour(colour: tuple[float, float, float]) -> Ground:
    """Return a ground of one colour, three numbers in [0, 1]."""
    return Ground(np.array(colour, dtype=np.float32).reshape(3, 1, 1), 0.0, 1.0)


def _border(size: Size) -> Mask:
    width = max(1, round(_BORDER * max(size)))
    border = np.ones(size, dtype=np.bool_)
    border[width:-width, width:-width] = False
    return border


def _border_pixels(image: Colours, small: Size, width: int) -> tuple[Planes, NDArray[np.intp]]:
    """Return the border of a picture reduced to about the size `small`, (3, N), and the flat places of its pixels."""
    places = np.arange(small[0] * small[1]).reshape(small)
    down, along = (-(-full * width // less) for full, less in zip(image.shape, small, strict=False))
    strips = [
        (image[:down], places[:width]),
        (image[-down:], places[-width:]),
        (image[down:-down, :along], places[width:-width, :width]),
        (image[down:-down, -along:], places[width:-width, -width:]),
    ]
    seen = [planes(shrink(eight_bits(part), (at.shape[0], at.shape[1]))).reshape(3, -1) for part, at in strips]
    return np.concatenate(seen, axis=1), np.concatenate([at.ravel() for _, at in strips])


def _distance(one: Planes, other: Planes) -> NDArray[np.float32]:
    """Return the largest difference of any channel."""
    return np.asarray(np.abs(one - other).max(axis=0), dtype=np.float32)


def _tolerance(residuals: NDArray[np.float32]) -> float:
    """Return how far from its ground a pixel of the border may lie: four standard deviations, by the median."""
    deviation = 1.4826 * _median(residuals)
    return min(max(4 * deviation, _NEAR), _FAR)


def _median(values: NDArray[np.float32]) -> float:
    """Return the median, as `np.median` does: that one first imports masked arrays, a hundredth of a command's time."""
    middle = slice((len(values) - 1) // 2, len(values) // 2 + 1)
    return float(np.mean(np.partition(values, (middle.start, middle.stop - 1))[middle]))


def _fit(image: Planes, where: Mask, degree: int) -> Planes:
    """Return the polynomials fitted to the channels at these pixels, evaluated everywhere: (3, h, w)."""
    size = image.shape[1], image.shape[2]
    places = np.flatnonzero(where)
    places = places[:: 1 + len(places) // _SAMPLE]
    wanted = image.reshape(3, -1)[:, places].astype(np.float64)
    found = _coefficients(_terms(size, places, degree), wanted, _ROUNDS)
    return _evaluated(dict(zip(_exponents(degree), found, strict=True)), size, degree)


def _exponents(degree: int) -> list[tuple[int, int]]:
    """Return the exponents of y and x in each term of a polynomial."""
    return [(j, i) for i in range(degree + 1) for j in range(degree + 1 - i)]


def _terms(size: Size, places: NDArray[np.intp], degree: int) -> NDArray[np.float64]:
    """Return the terms of a polynomial at flat places of a picture of `size`: (K, N)."""
    y, x = (powers[:, place] for powers, place in zip(_powers(size, degree), np.divmod(places, size[1]), strict=True))
    return np.stack([y[j] * x[i] for j, i in _exponents(degree)])


def _coefficients(chosen: NDArray[np.float64], wanted: NDArray[np.float64], rounds: int) -> NDArray[np.float64]:
    """Return the coefficients of terms (K, N) that give three channels (3, N) with the least residuals: (K, 3)."""
    weights = np.ones(chosen.shape[1])
    ridge = 1e-6 * chosen.shape[1] * np.eye(len(chosen))
    found = np.zeros((len(chosen), 3))
    for _ in range(rounds):
        weighted = chosen * weights
        found = np.linalg.solve(_products(weighted, chosen) + ridge, _products(weighted, wanted))
        residuals = np.abs(wanted - found.T @ chosen).max(axis=0)
        weights = 1 / np.maximum(residuals, _LEAST)
        weights /= weights.mean()
    return found


def _products(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of products of each row of (K, N) with each of (M, N): (K, M)."""
    result = np.zeros((len(one), len(other)))
    for part in product_parts(one.shape[1], result.size):
        result += one[:, part] @ other[:, part].T
    return result


def _evaluated(terms: Mapping[tuple[int, int], NDArray[np.float64]], size: Size, degree: int) -> Planes:
    """Return polynomials everywhere, (3, h, w), from the three coefficients of each of their powers of y and x."""
    coefficients = np.zeros((3, degree + 1, degree + 1))
    for (j, i), values in terms.items():
        coefficients[:, j, i] = values
    y, x = _powers(size, degree)
    lines, result = y.T @ coefficients, np.empty((3, *size), dtype=np.float32)
    for part in product_parts(size[0], x.size):
        result[:, part] = lines[:, part] @ x
    return result


def _powers(size: Size, degree: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the powers of y and of x up to a degree, for coordinates in [-1, 1]: (degree + 1, h) and (.., w)."""
    exponents = np.arange(degree + 1)[:, None]
    y, x = ((2 * (np.arange(length) + 0.5) / length - 1) ** exponents for length in size)
    return y, x


def _noise(image: Image, fitted: Planes) -> float:
    """Return the noise's standard deviation along the border at the picture's own size, by the median residual."""
    size = image.shape[0], image.shape[1]
    rows = np.minimum((np.arange(size[0]) * fitted.shape[1]) // size[0], fitted.shape[1] - 1)
    columns = np.minimum((np.arange(size[1]) * fitted.shape[2]) // size[1], fitted.shape[2] - 1)
    ring = [(slice(0, 4), slice(None)), (slice(-4, None), slice(None))]
    ring += [(slice(None), slice(0, 4)), (slice(None), slice(-4, None))]
    apart = []
    for down, along in ring:
        ground = fitted[:, rows[down][:, None], columns[along]]
        apart.append(np.abs(planes(image[down, along]) - ground).max(axis=0).ravel())
    residuals = np.concatenate(apart)
    return 1.4826 * _median(residuals) / 1.5  # the largest of three channels is half as much again
