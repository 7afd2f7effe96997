"""From a coarse alpha to the alpha at the picture's own size, and the subject's own colours."""
