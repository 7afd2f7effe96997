"""What is put where a picture is transparent, for its hidden colours are arbitrary: for the network, and for matting."""

import numpy as np
from numpy.typing import NDArray

from background_remover.levels import to_levels, white
from background_remover.pixels import within
