"""The matting Laplacian with large windows, worked out only where an alpha is unknown."""

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.box_filter import box_any, flat_sum, rows_of
from background_remover.arrays.tiles import Part, around, boxes, surrounded
from background_remover.matting.local_linear import solved
from background_remover.types import Alpha, Mask, Planes

RADIUS = 5  # of the windows, in pixels
STIFFNESS = np.float32(1e-6)  # the variance of colours, in [0, 1], below which a window is flat
SIDE = 128  # of the squares that are worked out at once, in pixels
_PAIRS = [(i, j) for i in range(3) for j in range(i, 3)]


class Laplacian:
    """The matting Laplacian of a centred guide (3, H, W) at the pixels of a mask (H, W) and those beside them.

    It has the Laplacian's product with an alpha, its diagonal, and its linear functions. All is done in one thread:
    NumPy's loops over a part are so short that threads wait for each other longer than they share.
    """

    def __init__(self, guide: Planes, wanted: Mask) -> None:
        self._pieces: list[_Piece] = []
        self.diagonal: Alpha = np.ones_like(guide[0])  # and 1 elsewhere, as it is divided by

        for part in boxes(box_any(wanted, 1), SIDE):
            piece = _Piece(guide, part)
            self.diagonal[part] = piece.diagonal()
            self._pieces.append(piece)

    def functions(self, alpha: Alpha) -> Planes:
        """Return the mean of the functions for this alpha over the windows around each pixel: (4, H, W), else 0."""
        result = np.zeros((4, *alpha.shape), dtype=np.float32)
        for piece in self._pieces:
            result[:, piece.part[0], piece.part[1]] = piece.functions(alpha)
        return result

    def times(self, alpha: Alpha) -> Alpha:
        """Return the product with an alpha, (H, W): its difference from the windows' linear functions, else 0."""
        result = np.zeros_like(alpha)
        for piece in self._pieces:
            result[piece.part] = piece.times(alpha)
        return result


class _Piece:
    """The Laplacian at one part of the guide, whose pixels and a margin of two windows lie in rows one after another.

    Sums over windows are `flat_sum`: what reaches over the end of a row lies in the margin, and isn't used.
    """

    def __init__(self, guide: Planes, part: Part) -> None:
        self.part = part
        rows, columns = part
        self._size = rows.stop - rows.start, columns.stop - columns.start
        self._width = self._size[1] + 4 * RADIUS
        self._outer, _ = around(part, 2 * RADIUS, (guide.shape[1], guide.shape[2]))
        self._guide = self._flat(guide)
        inside = self._flat(np.ones_like(guide[:1]))
        windows = self._middle(inside)[0]  # 0 for those around a pixel outside the picture, which don't exist
        self._share = windows / np.maximum(self._sum(inside)[0], 1)
        self._count = self._sum(windows)
        self._means = self._sum(self._guide) * self._share
        self._inverse = self._inverted()

    def times(self, alpha: Alpha) -> Alpha:
        """Return the product with an alpha of the whole picture at the part's pixels."""
        flat = self._flat(alpha[None])
        sums = self._sums(flat)
        result = self._count * self._middle(self._middle(flat))[0]
        result -= sums[3]
        sums[:3] *= self._middle(self._middle(self._guide))
        for product in sums[:3]:
            result -= product
        return rows_of(result, self._size, self._width)

    def functions(self, alpha: Alpha) -> Planes:
        """Return the mean functions of the windows around the part's pixels: (4, h, w)."""
        count = np.maximum(self._count, 1)  # 0 in the margin alone
        return rows_of(self._sums(self._flat(alpha[None])) / count, self._size, self._width)

    def diagonal(self) -> Alpha:
        """Return the diagonal: 1 - (1 + (I - m)' V (I - m)) / count, summed over windows with mean m, inverse V."""
        inverse, means = self._inverse, self._means
        pulled = inverse[0] * means[0] + inverse[1] * means[1] + inverse[2] * means[2]
        constant = (pulled * means).sum(axis=0) + 1
        terms = np.stack([*(inverse[i, j] for i, j in _PAIRS), *pulled, constant])
        sums = self._sum(terms * self._share)
        colours = self._middle(self._middle(self._guide))
        result: Alpha = self._count - sums[9]
        for (i, j), total in zip(_PAIRS, sums[:6], strict=True):
            result -= total * colours[i] * colours[j] * (1 if i == j else 2)
        for total, colour in zip(sums[6:9], colours, strict=True):
            result += 2 * total * colour
        np.maximum(result, np.float32(1e-3), out=result)
        return rows_of(result, self._size, self._width)

    def _flat(self, planes: Planes) -> Planes:
        """Return the part of planes (C, H, W) with its margin, zeros outside the picture: (C, N)."""
        rows, columns = self._outer
        return surrounded(planes[:, rows, columns], self.part, 2 * RADIUS).reshape(len(planes), -1)

    def _middle(self, flat: Planes) -> Planes:
        """Return the pixels around which `_sum` adds up windows."""
        margin = RADIUS * (self._width + 1)
        return flat[..., margin:-margin]

    def _sum(self, flat: NDArray[np.float32]) -> NDArray[np.float32]:
        return flat_sum(flat, RADIUS, self._width)

    def _inverted(self) -> NDArray[np.float32]:
        """Return the inverses of the windows' covariances of colours: (3, 3, M)."""
        guide, means = self._guide, self._means
        variances = self._sum(np.stack([guide[i] * guide[j] for i, j in _PAIRS])) * self._share
        variances -= np.stack([means[i] * means[j] for i, j in _PAIRS])
        variances[[0, 3, 5]] += STIFFNESS
        xx, xy, xz, yy, yz, zz = variances
        zero = np.zeros_like(means)
        return np.stack([solved(xx, xy, xz, yy, yz, zz, axis[:, None] + zero) for axis in np.eye(3, dtype=np.float32)])

    def _sums(self, alpha: Planes) -> Planes:
        """Return the sums of the functions of the windows around the part's pixels, for an alpha (1, N)."""
        means, inverse = self._means, self._inverse
        shared = self._sum(np.concatenate([self._guide * alpha, alpha]))
        shared *= self._share
        mean = shared[3]
        away = shared[:3]
        away -= means * mean
        functions = np.empty_like(shared)
        slopes = functions[:3]
        np.multiply(inverse[0], away[0], out=slopes)
        slopes += inverse[1] * away[1]
        slopes += inverse[2] * away[2]
        np.subtract(mean, (slopes * means).sum(axis=0), out=functions[3])
        return self._sum(functions)
