"""Sharpening a coarse alpha where it is uncertain away from any edge."""

import numpy as np

from background_remover.arrays.box_filter import box_max
from background_remover.types import Alpha

REACH = 4  # pixels of the coarse alpha within which an edge goes from certain subject to certain background
DECISION = 3.0  # the factor of the logit where there is no edge


def sharpen_uncertain(coarse: Alpha) -> Alpha:
    """Return the coarse alpha (h, w) in [0, 1] with uncertain areas moved to 0 or 1, whichever is nearer.

    Along an edge an alpha is the share of a pixel that is subject, and stays. Away from edges it is a probability, as
    hardly anything is half transparent over so wide an area, and would leave a pale ghost of what is uncertain. There
    it gets a temperature below 1 (Guo et al. 2017, arXiv 1706.04599, section 4.2): the logit is multiplied by up to
    `DECISION`, by less the more the alpha varies within `REACH` pixels. No pixel crosses one half.
    """
    contrast = box_max(coarse, REACH) + box_max(1 - coarse, REACH) - 1  # largest less smallest
    power = 1 + (DECISION - 1) * (1 - contrast)
    subject, ground = coarse**power, (1 - coarse) ** power
    return np.asarray(subject / (subject + ground), dtype=np.float32)
