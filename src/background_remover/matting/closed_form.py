"""Closed-form matting by PyMatting, slow and exact: needs the extra `matting`."""

from importlib import import_module
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from background_remover.arrays.box_filter import box_max
from background_remover.arrays.tiles import around, tiles
from background_remover.errors import Error
from background_remover.runtime import cancellation
from background_remover.types import Alpha, Image

TILE, MARGIN = 384, 64  # pixels solved at once, and the overlap around them: 200 MB at most, whatever the picture
BAND = 8  # pixels around an alpha between 0 and 1 that are solved as well
KNOWN = 100.0  # the weight of the given alpha outside the band
REFINED, GUESSED = 0.03, 0.001  # and inside: where a coarse alpha was refined, and where a trimap was solved


def closed_form(image: Image, alpha: Alpha, trust: float = REFINED) -> Alpha:
    """Return an alpha solved again around values between 0 and 1: (H, W, 3) uint8 and (H, W) in [0, 1] give (H, W).

    It minimises the matting Laplacian's energy (Levin, Lischinski and Weiss, TPAMI 2008), in tiles that overlap. In
    the band the given alpha has the small weight `trust`, as it knows more of the subject than one tile shows. Raises
    `Error` without PyMatting.
    """
    pymatting = load_pymatting()
    band = box_max(((alpha > 0) & (alpha < 1)).astype(np.float32), BAND) > 0
    result = alpha.copy()
    size = alpha.shape[0], alpha.shape[1]
    for tile in tiles(size, TILE):
        cancellation.check()
        if band[tile].any():
            outer, inner = around(tile, MARGIN, size)
            solved = _solve(pymatting, image[outer] / 255, alpha[outer], np.where(band[outer], trust, KNOWN))
            np.copyto(result[tile], solved[inner], where=band[tile])
    return result


def _solve(
    pymatting: ModuleType, image: NDArray[np.float64], alpha: Alpha, held: NDArray[np.float64]
) -> NDArray[np.float64]:
    if min(alpha.shape) < 3:  # the Laplacian's windows are 3x3
        return alpha.astype(np.float64)
    held = held.ravel()
    system = pymatting.cf_laplacian(image, is_known=held == KNOWN)
    system.setdiag(system.diagonal() + held)
    system = system.tocsc()
    solved = pymatting.cg(system, held * alpha.ravel(), M=pymatting.ichol(system), rtol=1e-5)
    return np.asarray(np.clip(solved, 0, 1).reshape(alpha.shape), dtype=np.float64)


def load_pymatting() -> ModuleType:
    """Return the module `pymatting`; raises `Error`, which says how to install it, without it."""
    try:
        return import_module("pymatting")  # late, as it compiles for seconds, and by name, as it has no type hints
    except ImportError as error:
        raise Error(
            f"closed-form matting needs PyMatting ({error}): pip install 'background-remover[matting]'"
        ) from error
