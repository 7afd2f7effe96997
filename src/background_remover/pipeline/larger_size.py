"""The mean of the network's answers at its own and at a larger size, for pictures of which it isn't sure.

Averages over sizes are customary where accuracy counts more than time (Chen et al. 2018, arXiv 1802.02611, section 4);
here only pictures pay for them that gain by them.
"""

import numpy as np

from background_remover.arrays.resample import resize
from background_remover.segmentation.confidence import confidence
from background_remover.segmentation.network import Card, Network
from background_remover.types import Alpha, Image

SURE = 0.8  # the confidence from which on the network's own size is as good: nine pictures of ten have it
SCALE = 1.2  # of the larger size to the network's own
LEAST = 256  # pixels: networks of smaller pictures are asked at their own size alone


def wants_larger(coarse: Alpha, card: Card) -> bool:
    """Return whether the answer (h, w) to a picture is unsure, and the network takes a larger size."""
    takes_sizes = card.multiple < card.longest_side >= LEAST
    return takes_sizes and confidence(coarse, card.curve) < SURE


def with_larger(image: Image, coarse: Alpha, network: Network) -> Alpha:
    """Return the mean of the answer (h, w) to a picture (H, W, 3) and of the one at a size `SCALE` as large, (h, w)."""
    larger = network.coarse(image, scale=SCALE)
    again = resize(larger, (coarse.shape[0], coarse.shape[1]), "bilinear")
    return np.asarray((coarse + again) / 2, dtype=np.float32)
