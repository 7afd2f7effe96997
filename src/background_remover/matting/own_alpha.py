"""Whether a picture is a cutout already: the alpha that its file brings along beside the one that was found."""

import numpy as np

from background_remover.arrays.box_filter import box_max
from background_remover.imaging.transparency import SAMPLE, SEEN
from background_remover.types import Alpha, Mask

DOUBTED = 0.2  # an alpha from which on a pixel may be subject: where the file shows nothing else, doubt is for it
KEPT = 0.85  # of all that is visible: with less in the subject the picture is a scene of which the subject is a part
ENCLOSED = 0.85  # of the subject's surroundings: with less transparent there is a background yet to be removed
NEAR, FAR = 2, 5  # pixels of the sample: surroundings begin beyond the first, as two edges never agree to the pixel


def is_cutout(alpha: Alpha, opacity: Alpha) -> bool:
    """Return whether nothing is left to remove from a picture: its file's own transparency encloses the subject.

    `alpha` is the one that was found and `opacity` the file's own, both (H, W) in [0, 1]. The subject that was found
    with all that is in doubt must be nearly everything that is visible, and nearly everything around it must be
    transparent. The second tells a cutout from a close-up photograph with rounded corners, in a frame, or turned.
    """
    step = -(-max(opacity.shape) // SAMPLE)
    alpha, opacity = alpha[::step, ::step], opacity[::step, ::step]
    visible = opacity >= SEEN
    subject = visible & (alpha >= DOUBTED)
    if visible.all() or not subject.any():
        return False
    kept = float(opacity[subject].sum(dtype=np.float64) / opacity.sum(dtype=np.float64))
    return kept >= KEPT and _enclosed(subject, visible) >= ENCLOSED


def _enclosed(subject: Mask, visible: Mask) -> float:
    """Return the share of a subject's surroundings (H, W) that is transparent; 0 where it has none."""
    shape = subject.astype(np.float32)
    around = (box_max(shape, FAR) > 0) & (box_max(shape, NEAR) == 0)
    return float((around & ~visible).sum() / max(around.sum(), 1))
