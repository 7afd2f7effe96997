"""From a coarse alpha and the picture to an alpha at full size, and the colours of the subject."""
