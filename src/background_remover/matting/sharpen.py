"""Half-clear places of a coarse alpha that are a network's doubt, and no edge."""

import numpy as np

from background_remover.arrays.box_filter import box_max
from background_remover.types import Alpha

REACH = 4  # pixels of the coarse alpha around one in which an edge shows: sure of the subject here, of the ground there
DECISION = 3.0  # what the logit is multiplied by where there is none


def sharpen_uncertain(coarse: Alpha) -> Alpha:
    """The coarse alpha (h, w) in [0, 1] with its veils decided: nearer to 0 or 1 on the side of one half they lie on.

    Along an edge an alpha is the share of a pixel that is subject, and stays. Away from edges it is a probability, for
    hardly anything is half clear over so wide an area, and to leave it would draw a pale ghost of what is doubtful.
    There it gets a temperature below 1 (Guo et al. 2017, arXiv 1706.04599, section 4.2): the logit is multiplied by up
    to `DECISION`, by less the more the alpha differs within `REACH` pixels. No pixel changes sides.
    """
    contrast = box_max(coarse, REACH) + box_max(1 - coarse, REACH) - 1  # largest less smallest
    power = 1 + (DECISION - 1) * (1 - contrast)
    subject, ground = coarse**power, (1 - coarse) ** power
    return np.asarray(subject / (subject + ground), dtype=np.float32)
